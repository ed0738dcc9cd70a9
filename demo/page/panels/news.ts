import { element } from '../dom.ts'
import type { Hole, Item, Log } from '../log.ts'
import type { Row } from '../table.ts'
import { brought, clock } from '../words.ts'

type Line = { readonly at: number; readonly row: Row }

/** The latest of a log as rows, newest first, with its holes in between: what is missing shows, and that it was fetched. */
export function newsRows<Kind extends Item>(
  log: Log<Kind>,
  rows: number,
  cells: (item: Kind) => readonly (string | Node)[],
): Row[] {
  const lines: Line[] = log.items.slice(-rows).map((item) => ({
    at: item.at,
    row: {
      cells: [element('time', {}, clock(item.at)), ...cells(item)],
      ...(log.isLate(item) && { mark: 'fetched' }),
    },
  }))
  const width = lines[0]?.row.cells.length ?? 2
  const oldest = lines[0]?.at ?? 0
  const holes = log.holes
    .filter(({ to }) => to >= oldest)
    .map((hole) => ({ at: hole.to, row: holeRow(hole, width) }))
  return [...lines, ...holes].sort((a, b) => b.at - a.at).map(({ row }) => row)
}

function holeRow({ from, to, filled }: Hole, width: number): Row {
  const what = filled === undefined ? 'gap: being fetched' : `gap: ${brought(filled, 'event')}`
  const cells = Array<string>(Math.max(0, width - 2)).fill('')
  return { cells: [element('time', {}, clock(to)), `${what}, from ${clock(from)}`, ...cells], mark: 'gap' }
}
