import { element } from '../dom.ts'
import { describeFetched, formatTime } from '../format.ts'
import type { Item, Log, LogGap } from '../room-log.ts'
import type { Row } from '../table.ts'

type DatedRow = { readonly at: number; readonly row: Row }

/** The latest events of a log as rows, the newest first, with a row for each gap. Fetched events are marked. */
export function logRows<Kind extends Item>(
  log: Log<Kind>,
  rows: number,
  cells: (item: Kind) => readonly (string | Node)[],
): Row[] {
  const items: DatedRow[] = log.items.slice(-rows).map((item) => ({
    at: item.at,
    row: {
      cells: [element('time', {}, formatTime(item.at)), ...cells(item)],
      ...(log.isLate(item) && { mark: 'fetched' }),
    },
  }))
  const width = items[0]?.row.cells.length ?? 2
  const oldest = items[0]?.at ?? 0
  const gaps = log.gaps
    .filter(({ to }) => to >= oldest)
    .map((gap) => ({ at: gap.to, row: gapRow(gap, width) }))
  return [...items, ...gaps].sort((a, b) => b.at - a.at).map(({ row }) => row)
}

function gapRow({ from, to, filled }: LogGap, width: number): Row {
  const text = filled === undefined ? 'gap: fetching' : `gap: ${describeFetched(filled, 'event')}`
  const cells = Array<string>(Math.max(0, width - 2)).fill('')
  return {
    cells: [element('time', {}, formatTime(to)), `${text}, from ${formatTime(from)}`, ...cells],
    mark: 'gap',
  }
}
