import { element, say } from '../dom/dom'
import { clock, some } from '../dom/format'
import { createTable, type Row } from '../dom/table'
import { describe } from './items'
import type { View } from './picture'

/** Everything the picture shows, and what it has no room for, as text: latest first. */
export function createLog() {
  const table = createTable(
    'Timeline as text, latest first',
    [
      { label: 'Time', kind: 'name' },
      { label: 'What happened', kind: 'text' },
    ],
    'Nothing has happened.',
  )
  const summary = element('summary')
  const root = element('details', { class: 'log' }, summary, table.root)
  let view: Pick<View, 'spans' | 'marks' | 'now'> | undefined

  function rows(): Row[] {
    if (!view) return []
    const { spans, marks, now } = view
    const entries = [
      ...spans.map((span) => ({
        at: span.from,
        text: describe(span, now),
        key: `${span.from} ${span.phase}`,
      })),
      ...marks.map(({ at, text, kind }) => ({ at, text, key: `${at} ${kind} ${text}` })),
    ]
    return entries
      .sort((a, b) => b.at - a.at)
      .map(({ at, text, key }) => ({ key, cells: [clock(at, now), text] }))
  }

  /** A closed list is not drawn. */
  const draw = () => root.open && table.update(rows())
  root.addEventListener('toggle', draw)

  return {
    root,
    update(next: Pick<View, 'spans' | 'marks' | 'now'>) {
      view = next
      say(summary, `As text: ${some(next.spans.length + next.marks.length, 'entry', 'entries')}`)
      draw()
    },
  }
}
