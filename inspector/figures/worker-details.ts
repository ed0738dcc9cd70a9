import type { Snapshot } from '../../shared/snapshot'
import { element, setText } from '../dom/elements'
import { fileOf, formatTime, shortId } from '../format'

const DETAILS: readonly (readonly [label: string, read: (snapshot: Snapshot, now: number) => string])[] = [
  ['Worker', ({ worker }) => worker],
  ['Incarnation', ({ incarnation }) => shortId(incarnation)],
  ['Started', ({ startedAt }, now) => formatTime(startedAt, now)],
  [
    'Build',
    ({ build }, now) =>
      build === undefined
        ? 'of this page'
        : [
            `${fileOf(build.address)} ${build.text ?? ''}`.trim(),
            ...(build.firstSeenAt === undefined ? [] : [`first seen ${formatTime(build.firstSeenAt, now)}`]),
            ...(build.alone ? ['beside another build'] : []),
          ].join(', '),
  ],
  ['Shared', ({ status }) => (status.shared ? 'by all tabs' : 'no, one per tab')],
  ['Rooms stored', ({ status }) => (status.persistent ? 'in the database' : 'in memory only')],
  [
    'Server version',
    ({ version }, now) =>
      version === undefined
        ? 'not polled'
        : `${version.version ?? 'no answer'}, ${formatTime(version.at, now)}`,
  ],
]

/** The worker's name, start and environment. */
export function createWorkerDetails() {
  const values = DETAILS.map(() => element('dd', {}, '–'))
  const rows = DETAILS.map(([label], index) =>
    element('div', {}, element('dt', {}, label), values[index] ?? ''),
  )
  return {
    root: element('dl', { class: 'details' }, ...rows),
    update(snapshot: Snapshot, now: number) {
      DETAILS.forEach(([, read], index) => {
        const value = values[index]
        if (value) setText(value, read(snapshot, now))
      })
    },
  }
}
