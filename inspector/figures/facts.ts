import type { Snapshot } from '../../shared/snapshot'
import { element, say } from '../dom/dom'
import { brief, clock } from '../dom/format'

const FACTS: readonly (readonly [label: string, fact: (snapshot: Snapshot, now: number) => string])[] = [
  ['Worker', ({ worker }) => worker],
  ['Incarnation', ({ incarnation }) => brief(incarnation)],
  ['Started', ({ startedAt }, now) => clock(startedAt, now)],
  ['Shared', ({ status }) => (status.shared ? 'by all tabs' : 'no, each tab has its own')],
  ['Rooms kept', ({ status }) => (status.persistent ? 'in the database' : 'in memory alone')],
  [
    'Version at the server',
    ({ version }, now) =>
      version === undefined ? 'not asked' : `${version.version ?? 'no answer'}, ${clock(version.at, now)}`,
  ],
]

/** What the worker is. */
export function createFacts() {
  const values = FACTS.map(() => element('dd', {}, '–'))
  const rows = FACTS.map(([label], index) =>
    element('div', {}, element('dt', {}, label), values[index] ?? ''),
  )
  return {
    root: element('dl', { class: 'facts' }, ...rows),
    update(snapshot: Snapshot, now: number) {
      FACTS.forEach(([, fact], index) => {
        const value = values[index]
        if (value) say(value, fact(snapshot, now))
      })
    },
  }
}
