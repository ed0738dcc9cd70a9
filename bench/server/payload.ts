import type { Envelope } from '../pages/contender'

const row = (id: number) => ({
  id: `wf-${4711 + id}`,
  state: id % 3 === 0 ? 'running' : 'done',
  progress: (id * 37) % 100,
  cost: 0.0125 * (id + 1),
  tags: ['build', 'eu-west'],
})

/** Makes payloads of a fixed size: rows as a dashboard shows them, and a note that fills up the rest. */
export function createPayloads(
  room: string,
  bytes: number,
): (run: number, n: number, at: number) => Envelope {
  const make = (rows: readonly object[], note: string) => (run: number, n: number, at: number) => ({
    room,
    type: 'row',
    data: { run, n, at, note, rows },
  })
  const missing = (rows: readonly object[]) =>
    bytes - JSON.stringify(make(rows, '')(10, 1000, Date.now() + 0.25)).length
  const rows: object[] = []
  while (missing([...rows, row(rows.length)]) >= 0) rows.push(row(rows.length))
  return make(rows, 'n'.repeat(Math.max(0, missing(rows))))
}
