import type { Snapshot } from '../src'
import { element } from './dom'
import { createTable } from './table'
import { count } from './words'

type Counter = keyof Snapshot['counters']

/** Under their own names, as they stand in a snapshot and in its description. */
const GROUPS: readonly [caption: string, names: readonly Counter[]][] = [
  [
    'From the server',
    ['received', 'data', 'system', 'unrouted', 'unwanted', 'duplicates', 'malformed', 'oversized'],
  ],
  ['To the tabs', ['delivered', 'replayed', 'conflated', 'dropped', 'evicted', 'gaps', 'reloads', 'refused']],
  ['The link', ['connects', 'drops', 'joins', 'leaves', 'polls', 'unrecorded']],
]

/** Everything that is counted, and how fast it grows. */
export function createCounters() {
  const tables = GROUPS.map(([caption, names]) => {
    const table = createTable(
      caption,
      [
        { label: 'Counted', kind: 'text' },
        { label: 'In all', kind: 'number' },
        { label: 'Per s', kind: 'number' },
      ],
      'Nothing.',
    )
    return { table, names }
  })
  let before:
    | { readonly incarnation: string; readonly at: number; readonly counters: Snapshot['counters'] }
    | undefined

  return {
    root: element('div', { class: 'counters' }, ...tables.map(({ table }) => table.root)),
    update({ incarnation, counters }: Snapshot, now: number) {
      const last = before?.incarnation === incarnation ? before : undefined
      const rate = (name: Counter) => {
        const passed = last ? (now - last.at) / 1000 : 0
        const grown = last ? counters[name] - last.counters[name] : 0
        return grown > 0 && passed > 0 ? count(Math.max(1, Math.round(grown / passed))) : '–'
      }
      for (const { table, names } of tables) {
        table.update(names.map((name) => ({ key: name, cells: [name, count(counters[name]), rate(name)] })))
      }
      before = { incarnation, at: now, counters }
    },
  }
}
