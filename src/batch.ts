import type { Batch, WireEvent } from './protocol'

type Tuple = readonly [
  id: WireEvent['id'],
  room: string,
  name: string,
  at: number,
  payload: unknown,
  part?: string,
]

/** The events of a batch, whichever way it came. */
export function readBatch(batch: Batch): readonly WireEvent[] {
  if (typeof batch !== 'string') return batch
  const tuples: readonly Tuple[] = JSON.parse(batch)
  return tuples.map(([id, room, name, at, payload, part]) => {
    const data = part === undefined ? payload : (payload as Record<string, unknown>)[part]
    return { id, room, name, at, data }
  })
}
