import type { Batch, Brief, EventId, WireEvent } from '../../shared/wire'

/** An event on its way to tabs. */
export interface RoomEvent {
  readonly id: EventId
  readonly room: string
  readonly name: string
  /** When it came. */
  readonly at: number
  /** Its length on the wire, in characters. */
  readonly size: number
  /** What it carries: as the text it came as, encoded once for all tabs, or as it is. */
  readonly body: { readonly text: string } | { readonly data: unknown }
}

/**
 * An event as text: `[id, room, name, at, payload]`, or with the name of the payload's part that is the data. The
 * payload is the text the server sent: nothing is encoded anew.
 */
export const textOf = (
  { id, room, name, at }: Pick<RoomEvent, 'id' | 'room' | 'name' | 'at'>,
  payload: string,
  part?: string,
): string =>
  `[${JSON.stringify(id)},${JSON.stringify(room)},${JSON.stringify(name)},${at},${payload}${part === undefined ? '' : `,${JSON.stringify(part)}`}]`

const briefOf = ({ id, room, name, at, body }: RoomEvent): Brief =>
  'data' in body ? [id, room, name, at, body.data] : JSON.parse(body.text)

function eventOf(event: RoomEvent): WireEvent {
  const [id, room, name, at, payload, part] = briefOf(event)
  return {
    id,
    room,
    name,
    at,
    data: part === undefined ? payload : (payload as Record<string, unknown>)[part],
  }
}

export interface Batcher {
  /** What is posted: objects; to a tab that reads text one text, or events in brief where some are no text. */
  of(events: readonly RoomEvent[], readsText: boolean): Batch
  forget(): void
}

/** Makes batches. Tabs that want the same get the same text: it is put together once. */
export function createBatcher(): Batcher {
  let last: readonly RoomEvent[] = []
  let text = '[]'
  return {
    of(events, readsText) {
      if (!readsText) return events.map(eventOf)
      if (isSame(events, last)) return text
      const texts: string[] = []
      for (const { body } of events) {
        if (!('text' in body)) return events.map(briefOf)
        texts.push(body.text)
      }
      last = events
      text = `[${texts.join(',')}]`
      return text
    },
    forget() {
      last = []
      text = '[]'
    },
  }
}

const isSame = (some: readonly RoomEvent[], others: readonly RoomEvent[]) =>
  some.length === others.length && some.every((event, index) => event === others[index])

export const sizeOf = (events: readonly RoomEvent[]): number =>
  events.reduce((sum, { size }) => sum + size, 0)

/** Whether an event can be posted: data that a dialect has made may be a function, say. */
export function isPostable(event: RoomEvent): boolean {
  try {
    structuredClone(briefOf(event))
    return true
  } catch {
    return false
  }
}
