import type { Snapshot, TimelineEntry } from '../../shared/snapshot'
import { element, setText } from '../dom/elements'
import { fileOf, formatTime, shortId } from '../format'
import { describeKept, describeTakeover } from '../history/descriptions'

type Entry<What extends TimelineEntry['what']> = Extract<TimelineEntry, { readonly what: What }>

/** The last entry of its kind. */
const lastEntry = <What extends TimelineEntry['what']>({ timeline }: Snapshot, what: What) =>
  timeline.filter((entry): entry is Entry<What> => entry.what === what).at(-1)

function describeServed({ build, status, startedAt }: Snapshot, now: number): string {
  const since = `since ${formatTime(startedAt, now)}`
  if (!status.shared) return `its own page, ${since}`
  if (!build) return `all tabs, from one tab's dedicated worker, ${since}`
  return build.alone
    ? `pages of its own build, ${since}; another build may serve others`
    : `all tabs, ${since}`
}

/** What each row says. A row without anything to say is hidden. */
const DETAILS: readonly (readonly [
  label: string,
  read: (snapshot: Snapshot, now: number) => string | undefined,
])[] = [
  ['Worker', ({ worker }) => worker],
  ['Incarnation', ({ incarnation }) => shortId(incarnation)],
  ['Serves', describeServed],
  ['Build', ({ build }) => build && `${fileOf(build.address)} ${build.text ?? ''}`.trim()],
  [
    'Build first seen',
    ({ build }, now) => (build?.firstSeenAt === undefined ? undefined : formatTime(build.firstSeenAt, now)),
  ],
  [
    'Took over',
    (snapshot, now) => {
      const entry = lastEntry(snapshot, 'took-over')
      return entry && `${describeTakeover(entry)}, ${formatTime(entry.at, now)}`
    },
  ],
  [
    'Did not give way to',
    (snapshot, now) => {
      const entry = lastEntry(snapshot, 'kept-serving')
      return entry && `${fileOf(entry.address)}, ${formatTime(entry.at, now)}: ${describeKept(entry)}`
    },
  ],
  ['Rooms stored', ({ status }) => (status.persistent ? 'in the database' : 'in memory only')],
  [
    'Server version',
    ({ version }, now) =>
      version === undefined
        ? 'not polled'
        : `${version.version ?? 'no answer'}, ${formatTime(version.at, now)}`,
  ],
]

/** The worker's name, build, start and environment. */
export function createWorkerDetails() {
  const rows = DETAILS.map(([label, read]) => {
    const value = element('dd', {}, '–')
    return { read, value, root: element('div', {}, element('dt', {}, label), value) }
  })
  return {
    root: element('dl', { class: 'details' }, ...rows.map(({ root }) => root)),
    update(snapshot: Snapshot, now: number) {
      for (const { read, value, root } of rows) {
        const text = read(snapshot, now)
        setText(value, text ?? '')
        root.hidden = text === undefined
      }
    },
  }
}
