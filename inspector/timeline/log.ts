import { element, setText } from '../dom/elements'
import { createTable, type Row } from '../dom/table'
import { formatCount, formatTime } from '../format'
import { describeSpan } from '../history/descriptions'
import type { ChartData } from './chart'

type LogData = Pick<ChartData, 'spans' | 'marks' | 'now'>

/** The timeline as text, the latest first: all of the chart, and the notes that it leaves out. */
export function createLog() {
  const table = createTable(
    'Timeline as text, latest first',
    [
      { label: 'Time', kind: 'name' },
      { label: 'What happened', kind: 'text' },
    ],
    'No entries.',
  )
  const summary = element('summary')
  const root = element('details', { class: 'log' }, summary, table.root)
  let data: LogData | undefined

  function rows(): Row[] {
    if (!data) return []
    const { spans, marks, now } = data
    const entries = [
      ...spans.map((span) => ({
        at: span.from,
        text: describeSpan(span, now),
        key: `${span.from} ${span.phase}`,
      })),
      ...marks.map(({ at, text, kind }) => ({ at, text, key: `${at} ${kind} ${text}` })),
    ]
    return entries
      .sort((a, b) => b.at - a.at)
      .map(({ at, text, key }) => ({ key, cells: [formatTime(at, now), text] }))
  }

  /** Only while it is open: a closed log costs nothing. */
  const draw = () => root.open && table.update(rows())
  root.addEventListener('toggle', draw)

  return {
    root,
    update(next: LogData) {
      data = next
      setText(summary, `As text: ${formatCount(next.spans.length + next.marks.length, 'entry', 'entries')}`)
      draw()
    },
  }
}
