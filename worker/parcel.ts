import type { Batch, EventId, WireEvent } from '../src/protocol'

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

const eventOf = ({ id, room, name, at, body }: Parcel): WireEvent => {
  if ('data' in body) return { id, room, name, at, data: body.data }
  const [, , , , payload, part] = JSON.parse(body.text)
  return { id, room, name, at, data: part === undefined ? payload : payload[part] }
}

/** What is posted: one text where the tab reads that and the events are text; else objects. */
export function batchOf(parcels: readonly Parcel[], readsText: boolean): Batch {
  const texts: string[] = []
  if (readsText) for (const { body } of parcels) if ('text' in body) texts.push(body.text)
  return readsText && texts.length === parcels.length ? `[${texts.join(',')}]` : parcels.map(eventOf)
}

export const sizeOf = (parcels: readonly Parcel[]): number => parcels.reduce((sum, { size }) => sum + size, 0)
