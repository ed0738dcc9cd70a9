import { connect, type Reason, reloader, type Snapshot, type Status, type TimelineEntry } from 'partyline'
import { roomDialect } from 'partyline/worker'
import { expect, test } from 'vitest'
import { readOptions } from '../../worker/options'
import { createRecorder } from '../../worker/recorder'
import { readPages } from './pages'

/** The names in the first column of a section's table. */
function namesIn(page: string, section: string): readonly string[] {
  const text = readPages().find(({ path }) => path === page)?.text ?? ''
  const [, after = ''] = text.split(`## ${section}\n`)
  const [part = ''] = after.split(/\n##+ /)
  const cells = part
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|')[1] ?? '')
  return cells
    .flatMap((cell) => [...cell.matchAll(/`([\w-]+)[^`]*`/g)].map(([, name = '']) => name))
    .toSorted()
}

/** The options that a function says it knows when it is given one that it does not. */
function knownBy(act: (options: never) => unknown): readonly string[] {
  try {
    act({ nonsense: true } as never)
  } catch (error) {
    const [, known = ''] = /Known: (.*)\.$/.exec(String((error as Error).message)) ?? []
    return known.split(', ').toSorted()
  }
  throw new Error('it takes any option')
}

/** The compiler sees to it that none is left out here. */
const STATUS: Record<keyof Status, true> = {
  state: true,
  since: true,
  attempt: true,
  nextTryAt: true,
  error: true,
  recovered: true,
  rtt: true,
  outdated: true,
  unsent: true,
  shared: true,
  persistent: true,
}
const SNAPSHOT: Record<Exclude<keyof Snapshot, 'status'>, true> = {
  incarnation: true,
  worker: true,
  startedAt: true,
  build: true,
  tabs: true,
  rooms: true,
  link: true,
  version: true,
  counters: true,
  timeline: true,
}
const ENTRIES: Record<TimelineEntry['what'], true> = {
  'state-changed': true,
  'attempt-failed': true,
  'version-read': true,
  'version-unavailable': true,
  gap: true,
  'tab-arrived': true,
  'tab-left': true,
  'tab-forgotten': true,
  'panel-not-restored': true,
  'session-restored': true,
  'session-not-restored': true,
  'took-over': true,
  'kept-serving': true,
  'reload-ordered': true,
  'reload-given': true,
  'woke-from-sleep': true,
  'signed-out': true,
}
const REASONS: Record<Reason, true> = {
  'bad-option': true,
  'bad-argument': true,
  'unknown-panel': true,
  'forbidden-call': true,
  unregistered: true,
  'wrong-worker': true,
  'worker-failed': true,
  'worker-died': true,
  timeout: true,
  closed: true,
  limit: true,
  'link-lost': true,
  'local-network': true,
  refused: true,
  'token-failed': true,
  'join-unanswered': true,
  'reload-ineffective': true,
  'version-unreadable': true,
  'not-sent': true,
  unanswered: true,
  'unknown-message': true,
  aborted: true,
  invalid: true,
}

const names = (things: object) => Object.keys(things).toSorted()

test.for([
  ['counters', 'docs/debugging.md', 'The counters', names(createRecorder().counters())],
  ['fields of the status', 'docs/debugging.md', 'The status', names(STATUS)],
  ['fields of the snapshot', 'docs/debugging.md', 'The snapshot', names(SNAPSHOT)],
  ['entries of the timeline', 'docs/debugging.md', 'The timeline', ['what', ...names(ENTRIES)].toSorted()],
  [
    'parts of a dialect',
    'docs/dialects.md',
    'The parts',
    [...names(roomDialect), 'seq', 'position', 'resume', 'send', 'answer'].toSorted(),
  ],
  ['options of a reloader', 'docs/reload.md', 'Strategies', knownBy(reloader)],
  ['options of serve', 'docs/api.md', 'Options of `serve`', knownBy((options) => readOptions(options, ''))],
  [
    'options of connect',
    'docs/api.md',
    'Options of `connect`',
    knownBy((options) => connect(() => new Worker(''), options)),
  ],
] as const)('all %s are in the table of %s, and no others', ([, page, section, expected]) => {
  const inTable = namesIn(page, section)
  expect(inTable).toEqual(expected)
})

test('all reasons of errors are in the protocol', () => {
  const text = readPages().find(({ path }) => path === 'PROTOCOL.md')?.text ?? ''
  expect(Object.keys(REASONS).filter((reason) => !text.includes(`\`${reason}\``))).toEqual([])
})
