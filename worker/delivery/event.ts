import type { Batch, Brief, EventId, WireEvent } from '../../shared/wire'

/** An event on its way to tabs. */
export interface RoomEvent {
  readonly id: EventId
  readonly room: string
  readonly name: string
  /** When it came. */
  readonly at: number
  /** Its length on the wire, in characters; of data that a schema has made, as it is posted. */
  readonly size: number
  /** Its data; or, where the payload came as JSON text, the whole event as `textOf` writes it, once for all tabs. */
  readonly body: { readonly text: string } | { readonly data: unknown }
}

/**
 * Writes an event as JSON text: `[id, room, name, at, payload]`, or `[…, payload, part]` where the data is this part of the
 * payload. The payload is the text that the server sent, so it is not encoded again.
 */
export const textOf = (
  { id, room, name, at }: Pick<RoomEvent, 'id' | 'room' | 'name' | 'at'>,
  payload: string,
  part?: string,
): string =>
  `[${JSON.stringify(id)},${JSON.stringify(room)},${JSON.stringify(name)},${at},${payload}${part === undefined ? '' : `,${JSON.stringify(part)}`}]`

/** Whether data is what comes back when it is written as JSON and read again. */
function isJson(data: unknown): boolean {
  // JSON makes 0 of -0, and null of a hole in a list.
  if (typeof data !== 'object')
    return ['string', 'boolean'].includes(typeof data) || (Number.isFinite(data) && !Object.is(data, -0))
  if (data === null) return true
  if (Array.isArray(data)) return Object.keys(data).length === data.length && data.every(isJson)
  if (Object.getPrototypeOf(data) !== Object.prototype) return false
  return Object.values(data).every(isJson)
}

/** An event's body with this data: as text, which is encoded once for all tabs, where the data is JSON. */
export function bodyOf(event: Parameters<typeof textOf>[0], data: unknown): RoomEvent['body'] {
  try {
    if (isJson(data)) return { text: textOf(event, JSON.stringify(data)) }
  } catch {
    // It contains itself, or a getter throws.
  }
  return { data }
}

/** An event with data that is not what came on the wire. */
export function withData(event: Omit<RoomEvent, 'body'>, data: unknown): RoomEvent {
  const body = bodyOf(event, data)
  return { ...event, size: 'text' in body ? body.text.length : event.size, body }
}

const briefOf = ({ id, room, name, at, body }: RoomEvent): Brief =>
  'data' in body ? [id, room, name, at, body.data] : JSON.parse(body.text)

/** Reads an event's data. */
export function dataOf(event: RoomEvent): unknown {
  const [, , , , payload, part] = briefOf(event)
  return part === undefined ? payload : (payload as Record<string, unknown>)[part]
}

const eventOf = (event: RoomEvent): WireEvent => {
  const { id, room, name, at } = event
  return { id, room, name, at, data: dataOf(event) }
}

export interface Batcher {
  /** Makes a batch: objects; for a page that reads text, one text, or events in brief where not all have a text. */
  of(events: readonly RoomEvent[], readsText: boolean): Batch
  forget(): void
}

/** Makes batches. The text of the last batch is remembered, for the other tabs that get the same events. */
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

/** The sum of the events' characters. */
export const sizeOf = (events: readonly RoomEvent[]): number =>
  events.reduce((sum, { size }) => sum + size, 0)

/** Whether an event can be posted. It cannot where an app's dialect made data that holds a function, for example. */
export function isPostable(event: RoomEvent): boolean {
  try {
    // Text can always be posted.
    if ('data' in event.body) structuredClone(event.body)
    return true
  } catch {
    return false
  }
}
