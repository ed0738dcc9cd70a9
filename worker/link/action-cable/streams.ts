/** Where a message stands in its stream. The server counts from another epoch once it has lost its history. */
export interface Place {
  readonly stream: string
  readonly epoch: string
  readonly offset: number
}

/** Messages may come out of order. After this many later ones, a missing message is waited for no longer. */
const MAX_AHEAD = 100

/** The place that a frame tells, if the server numbers its messages. */
export function placeIn({
  stream_id: stream,
  epoch,
  offset,
}: Readonly<Record<string, unknown>>): Place | undefined {
  if (typeof stream !== 'string' || typeof epoch !== 'string' || typeof offset !== 'number') return undefined
  return { stream, epoch, offset }
}

interface Stream {
  readonly epoch: string
  /** The first message that was noted. Of those before it nothing is known, so each counts as new. */
  first: number
  /** All from the first to this one came. */
  offset: number
  /** The messages that came before an earlier one. */
  readonly ahead: Set<number>
}

/** Where the messages of a room's streams stand, for a server that can send again what came later. */
export interface Streams {
  /** Notes a message that came. Returns whether it is new. */
  note(place: Place): boolean
  forget(): void
  /** The last message of each stream that came together with all before it. */
  positions(): Readonly<Record<string, Omit<Place, 'stream'>>>
  /** Whether the server numbers the room's messages. */
  areKnown(): boolean
}

export function createStreams(): Streams {
  const streams = new Map<string, Stream>()
  return {
    note({ stream, epoch, offset }) {
      const known = streams.get(stream)
      if (known?.epoch !== epoch) {
        streams.set(stream, { epoch, first: offset, offset, ahead: new Set() })
        return true
      }
      const { ahead } = known
      if (offset < known.first) return true
      if (offset <= known.offset || ahead.has(offset)) return false
      ahead.add(offset)
      if (ahead.size > MAX_AHEAD) {
        known.first = Math.min(...ahead)
        known.offset = known.first - 1
      }
      while (ahead.delete(known.offset + 1)) known.offset += 1
      return true
    },
    forget: () => streams.clear(),
    positions: () =>
      Object.fromEntries([...streams].map(([stream, { epoch, offset }]) => [stream, { epoch, offset }])),
    areKnown: () => streams.size > 0,
  }
}
