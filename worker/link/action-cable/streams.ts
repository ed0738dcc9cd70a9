/** Where a message stands in its stream. The server counts from another epoch once it has lost its history. */
export interface Place {
  readonly stream: string
  readonly epoch: string
  readonly offset: number
}

/** Messages may come out of order. After this many later ones, a missing message counts as one that never comes. */
const LATEST = 100

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
  /** `ahead`: the messages that came before an earlier one. */
  const streams = new Map<string, { readonly epoch: string; offset: number; readonly ahead: Set<number> }>()
  return {
    note({ stream, epoch, offset }) {
      const known = streams.get(stream)
      if (known?.epoch !== epoch) {
        streams.set(stream, { epoch, offset, ahead: new Set() })
        return true
      }
      const { ahead } = known
      if (offset <= known.offset || ahead.has(offset)) return false
      ahead.add(offset)
      if (ahead.size > LATEST) known.offset = Math.min(...ahead) - 1
      while (ahead.delete(known.offset + 1)) known.offset += 1
      return true
    },
    forget: () => streams.clear(),
    positions: () =>
      Object.fromEntries([...streams].map(([stream, { epoch, offset }]) => [stream, { epoch, offset }])),
    areKnown: () => streams.size > 0,
  }
}
