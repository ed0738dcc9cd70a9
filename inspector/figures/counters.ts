import type { Snapshot } from '../../shared/snapshot'
import { element } from '../dom/elements'
import { createTable } from '../dom/table'
import { formatNumber } from '../format'

type Counter = keyof Snapshot['counters']

/** Each counter by its name in the snapshot. The type makes sure that none is missing. */
const GROUPS: Readonly<Record<Counter, 'From the server' | 'To the tabs' | 'Connection'>> = {
  received: 'From the server',
  data: 'From the server',
  system: 'From the server',
  unrouted: 'From the server',
  unwanted: 'From the server',
  duplicates: 'From the server',
  malformed: 'From the server',
  oversized: 'From the server',
  invalid: 'From the server',
  delivered: 'To the tabs',
  replayed: 'To the tabs',
  conflated: 'To the tabs',
  dropped: 'To the tabs',
  evicted: 'To the tabs',
  gaps: 'To the tabs',
  reloads: 'To the tabs',
  refused: 'To the tabs',
  connects: 'Connection',
  drops: 'Connection',
  kept: 'Connection',
  expired: 'Connection',
  joins: 'Connection',
  leaves: 'Connection',
  polls: 'Connection',
  unrecorded: 'Connection',
}

/** All counters, and how much each grows per second. */
export function createCounters() {
  const all = Object.keys(GROUPS) as Counter[]
  const tables = [...new Set(Object.values(GROUPS))].map((caption) => {
    const table = createTable(
      caption,
      [
        { label: 'Counter', kind: 'text' },
        { label: 'Total', kind: 'number' },
        { label: 'Per s', kind: 'number' },
      ],
      'No counters.',
    )
    return { table, names: all.filter((name) => GROUPS[name] === caption) }
  })
  let last:
    | { readonly incarnation: string; readonly at: number; readonly counters: Snapshot['counters'] }
    | undefined

  return {
    root: element('div', { class: 'counters' }, ...tables.map(({ table }) => table.root)),
    update({ incarnation, counters }: Snapshot, now: number) {
      const before = last?.incarnation === incarnation ? last : undefined
      const rate = (name: Counter) => {
        const seconds = before ? (now - before.at) / 1000 : 0
        const growth = before ? counters[name] - before.counters[name] : 0
        return growth > 0 && seconds > 0 ? formatNumber(Math.max(1, Math.round(growth / seconds))) : '–'
      }
      for (const { table, names } of tables) {
        table.update(
          names.map((name) => ({ key: name, cells: [name, formatNumber(counters[name]), rate(name)] })),
        )
      }
      last = { incarnation, at: now, counters }
    },
  }
}
