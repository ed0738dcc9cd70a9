import { connect, type PartylineError, type Snapshot, type State, type TimelineEntry } from 'partyline'
import type { InspectedLine, PartylineInspector } from 'partyline/inspector'
import type { Dashboard, Loose } from './dashboard'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const expectType = <A, B>(_: Equal<A, B>) => {}

const line = connect<Dashboard>(
  (options) => new SharedWorker(new URL('./dashboard.ts', import.meta.url), { ...options, type: 'module' }),
  { user: 'u-17', timeout: 1000 },
)

// Payloads follow the room.
line.subscribe('errors', (event) => {
  expectType<typeof event.room, 'errors' | 'stats'>(true)
  expectType<typeof event.panel, 'errors'>(true)
  if (event.room === 'errors') expectType<typeof event.data, { message: string }>(true)
  else expectType<typeof event.data, { cpu: number }>(true)
})
line.subscribe(['workflow', '42'], (event) => {
  expectType<typeof event.room, 'stats' | `adw-state/${string}`>(true)
  expectType<typeof event.panel, readonly ['workflow', '42']>(true)
  if (event.room === 'stats') expectType<typeof event.data, { cpu: number }>(true)
  else expectType<typeof event.data, { step: number }>(true)
})
line.subscribe('search', () => {})
line.subscribe(['search', 'a', 'b'], () => {})

const stop: () => void = line.subscribe('overview', () => {}, { signal: new AbortController().signal })
stop()
line.subscribe('errors', ({ data }) => void data, { tab: 'one' })
// @ts-expect-error: the only value is 'one'
line.subscribe('errors', () => {}, { tab: 'all' })
line.on('lead', (leads) => expectType<typeof leads, boolean>(true))
line.on('status', ({ state }) => expectType<typeof state, State>(true))
line.on('error', (error) => expectType<typeof error, PartylineError>(true))
line.on('reload', ({ reason }) => expectType<typeof reason, 'broadcast' | 'version' | 'stuck'>(true))
line.restored.then((panels) => {
  for (const panel of panels) {
    // A restored panel can be passed to `subscribe`, and `Array.isArray` narrows its type.
    line.subscribe(panel, () => {})
    if (!Array.isArray(panel)) expectType<typeof panel, 'overview' | 'errors' | 'search'>(true)
    else if (panel[0] === 'workflow') expectType<typeof panel, ['workflow', string]>(true)
    else expectType<typeof panel, ['search', ...string[]]>(true)
  }
})
line.inspect().then((snapshot) => expectType<typeof snapshot, Snapshot>(true))

// `what` narrows an entry of the timeline.
line.inspect().then(({ timeline }) => {
  expectType<typeof timeline, readonly TimelineEntry[]>(true)
  for (const entry of timeline) {
    expectType<typeof entry.at, number>(true)
    if (entry.what === 'attempt-failed') expectType<typeof entry.attempt, number>(true)
    if (entry.what === 'gap') expectType<typeof entry.rooms, readonly string[]>(true)
    // @ts-expect-error: no such entry
    if (entry.what === 'attempt failed') return
  }
})

// The inspector accepts any dashboard's line, and `undefined`.
const inspector = document.createElement('partyline-inspector')
expectType<typeof inspector, PartylineInspector>(true)
expectType<typeof inspector.line, InspectedLine | undefined>(true)
inspector.line = line
inspector.line = undefined

/** A badge has a text for every state: without one of them this does not compile. */
export const words: Record<State, string> = {
  connecting: '…',
  online: 'live',
  offline: 'offline',
  unauthorized: 'sign in',
  paused: 'paused',
  closed: 'closed',
}

// Without `rooms`, payloads are unknown and panels are still checked.
const loose = connect<Loose>((options) => new Worker('/worker.js', options))
loose.subscribe(['any', 'stats'], (event) => expectType<typeof event.data, unknown>(true))

// Programs that must not compile.

// @ts-expect-error: no such panel
line.subscribe('erors', () => {})
// @ts-expect-error: a parameter is missing
line.subscribe('workflow', () => {})
// @ts-expect-error: one parameter too many
line.subscribe(['workflow', '42', '43'], () => {})
// @ts-expect-error: parameters are strings
line.subscribe(['workflow', 42], () => {})
// @ts-expect-error: this panel takes no parameters
line.subscribe(['errors', '42'], () => {})
// @ts-expect-error: no such field in that payload
line.subscribe('errors', (event) => event.room === 'stats' && event.data.message)
// @ts-expect-error: no such event
line.on('reconnect', () => {})
// @ts-expect-error: an option that does not exist
connect<Dashboard>(() => new Worker('/worker.js'), { users: 'u-17' })
// @ts-expect-error: the factory must return a worker
connect<Dashboard>(() => ({}))
// @ts-expect-error: not a line
inspector.line = { status: line.status }
// @ts-expect-error: the status is read-only
line.status.state = 'online'
