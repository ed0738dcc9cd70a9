import type { Batch, Brief, EventId, WireEvent } from '../src/protocol'

/** An event on its way to tabs. */
export interface Parcel {
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
  { id, room, name, at }: Pick<Parcel, 'id' | 'room' | 'name' | 'at'>,
  payload: string,
  part?: string,
): string =>
  `[${JSON.stringify(id)},${JSON.stringify(room)},${JSON.stringify(name)},${at},${payload}${part === undefined ? '' : `,${JSON.stringify(part)}`}]`

const briefOf = ({ id, room, name, at, body }: Parcel): Brief =>
  'data' in body ? [id, room, name, at, body.data] : JSON.parse(body.text)

function eventOf(parcel: Parcel): WireEvent {
  const [id, room, name, at, payload, part] = briefOf(parcel)
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
  of(parcels: readonly Parcel[], readsText: boolean): Batch
  forget(): void
}

/** Makes batches. Tabs that want the same get the same text: it is put together once. */
export function createBatcher(): Batcher {
  let last: readonly Parcel[] = []
  let text = '[]'
  return {
    of(parcels, readsText) {
      if (!readsText) return parcels.map(eventOf)
      if (isSame(parcels, last)) return text
      const texts: string[] = []
      for (const { body } of parcels) {
        if (!('text' in body)) return parcels.map(briefOf)
        texts.push(body.text)
      }
      last = parcels
      text = `[${texts.join(',')}]`
      return text
    },
    forget() {
      last = []
      text = '[]'
    },
  }
}

const isSame = (some: readonly Parcel[], others: readonly Parcel[]) =>
  some.length === others.length && some.every((parcel, index) => parcel === others[index])

export const sizeOf = (parcels: readonly Parcel[]): number => parcels.reduce((sum, { size }) => sum + size, 0)

/** Whether an event can be posted: data that a dialect has made may be a function, say. */
export function isPostable(parcel: Parcel): boolean {
  try {
    structuredClone(briefOf(parcel))
    return true
  } catch {
    return false
  }
}
