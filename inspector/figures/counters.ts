import type { Snapshot } from '../../shared/snapshot'
import { element } from '../dom/dom'
import { count } from '../dom/format'
import { createTable } from '../dom/table'

type Counter = keyof Snapshot['counters']

/** Under their own names, as they stand in a snapshot and in its description. None is left out. */
const GROUPS: Readonly<Record<Counter, 'From the server' | 'To the tabs' | 'The link'>> = {
  received: 'From the server',
  data: 'From the server',
  system: 'From the server',
  unrouted: 'From the server',
  unwanted: 'From the server',
  duplicates: 'From the server',
  malformed: 'From the server',
  oversized: 'From the server',
  delivered: 'To the tabs',
  replayed: 'To the tabs',
  conflated: 'To the tabs',
  dropped: 'To the tabs',
  evicted: 'To the tabs',
  gaps: 'To the tabs',
  reloads: 'To the tabs',
  refused: 'To the tabs',
  connects: 'The link',
  drops: 'The link',
  joins: 'The link',
  leaves: 'The link',
  polls: 'The link',
  unrecorded: 'The link',
}

/** Everything that is counted, and how fast it grows. */
export function createCounters() {
  const counters = Object.keys(GROUPS) as Counter[]
  const tables = [...new Set(Object.values(GROUPS))].map((caption) => {
    const table = createTable(
      caption,
      [
        { label: 'Counted', kind: 'text' },
        { label: 'In all', kind: 'number' },
        { label: 'Per s', kind: 'number' },
      ],
      'Nothing.',
    )
    return { table, names: counters.filter((name) => GROUPS[name] === caption) }
  })
  let before:
    | { readonly incarnation: string; readonly at: number; readonly counters: Snapshot['counters'] }
    | undefined

  return {
    root: element('div', { class: 'counters' }, ...tables.map(({ table }) => table.root)),
    update({ incarnation, counters: figures }: Snapshot, now: number) {
      const last = before?.incarnation === incarnation ? before : undefined
      const rate = (name: Counter) => {
        const passed = last ? (now - last.at) / 1000 : 0
        const grown = last ? figures[name] - last.counters[name] : 0
        return grown > 0 && passed > 0 ? count(Math.max(1, Math.round(grown / passed))) : '–'
      }
      for (const { table, names } of tables) {
        table.update(names.map((name) => ({ key: name, cells: [name, count(figures[name]), rate(name)] })))
      }
      before = { incarnation, at: now, counters: figures }
    },
  }
}
