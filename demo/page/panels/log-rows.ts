import { element } from '../dom.ts'
import { describeFetched, formatTime } from '../format.ts'
import type { Item, Log, LogGap } from '../room-log.ts'
import type { Row } from '../table.ts'

type DatedRow = { readonly at: number; readonly row: Row }

export interface LogRowsParts<Kind extends Item> {
  readonly log: Log<Kind>
  /** How many rows the table has. */
  readonly rows: number
  /** The cells after the time. */
  readonly cells: (item: Kind) => readonly (string | Node)[]
  /** How many cells those are. */
  readonly width: number
  /** What the cells depend on, apart from the event. @default nothing */
  readonly variant?: (item: Kind) => string
  /** Later events are not shown. @default Infinity */
  readonly until?: number
}

/** The latest events of a log as rows, the newest first, with a row for each gap. Fetched events are marked. */
export function logRows<Kind extends Item>({
  log,
  rows,
  cells,
  width,
  variant = () => '',
  until = Infinity,
}: LogRowsParts<Kind>): Row[] {
  const shown = log.items.filter(({ at }) => at <= until).slice(-rows)
  const items: DatedRow[] = shown.map((item) => ({
    at: item.at,
    row: {
      key: `${item.id} ${variant(item)}`,
      cells: () => [element('time', {}, formatTime(item.at)), ...cells(item)],
      ...(log.isLate(item) && { mark: 'fetched' }),
    },
  }))
  const oldest = shown[0]?.at ?? 0
  const gaps = log.gaps
    .filter(({ to }) => to >= oldest && to <= until)
    .map((gap) => ({ at: gap.to, row: gapRow(gap, width) }))
  return [...items, ...gaps].sort((a, b) => b.at - a.at).map(({ row }) => row)
}

function gapRow({ from, to, filled }: LogGap, width: number): Row {
  const gap = filled === undefined ? 'gap: fetching' : `gap: ${describeFetched(filled, 'event')}`
  const text = `${gap}, from ${formatTime(from)}`
  const blanks = Array<string>(width - 1).fill('')
  return {
    key: `${to} ${text}`,
    cells: () => [element('time', {}, formatTime(to)), text, ...blanks],
    mark: 'gap',
  }
}
