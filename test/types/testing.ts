import type { Line } from 'partyline'
import { createFakeLine, type FakeLine, type PushedEvent } from 'partyline/testing'
import type { Dashboard } from './dashboard'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const expectType = <A, B>(_: Equal<A, B>) => {}

const fake: FakeLine<Dashboard> = createFakeLine<Dashboard>({ retain: 5, ready: false })

// The code under test gets a complete line of its dashboard.
expectType<typeof fake.line, Line<Dashboard>>(true)

// `push` accepts what a listener of that panel can get.
fake.push('errors', { room: 'errors', data: { message: 'disk full' } })
fake.push(['workflow', '42'], { room: 'adw-state/42', data: { step: 1 }, name: 'step', at: 1 })
const event: PushedEvent<Dashboard, 'overview'> = { room: 'activity', data: { who: 'Ada' } }
fake.push('overview', event)
fake.setRooms('errors', { errors: 'live', stats: 'denied' })
fake.setRooms(['workflow', '42'], { 'adw-state/42': 'stale' })
fake.setStatus({ state: 'offline', attempt: 3, nextTryAt: 5 })
fake.deny('errors', 'stats', 'not for you')
fake.gap({ rooms: ['errors', 'adw-state/42'] })
fake.gap({ rooms: ['errors'], from: 1, to: 2, cause: 'queue' })
fake.reload()
fake.reload({ reason: 'version', version: '2' })
fake.error('limit', 'too many panels')
fake.ready(['errors', ['workflow', '42']])
fake.fail('worker-failed', 'no such file')
expectType<ReturnType<typeof fake.listeners>, number>(true)
for (const panel of fake.panels()) fake.line.subscribe(panel, () => {})

// Without a dashboard, any string is a panel and payloads are unknown.
const untyped = createFakeLine()
untyped.push('anything', { room: 'any', data: 1 })

// Programs that must not compile.

// @ts-expect-error: no such panel
fake.push('erors', { room: 'errors', data: { message: '' } })
// @ts-expect-error: a room of another panel
fake.push('errors', { room: 'activity', data: { who: 'Ada' } })
// @ts-expect-error: the payload of another room
fake.push('errors', { room: 'errors', data: { cpu: 1 } })
// @ts-expect-error: no data
fake.push('errors', { room: 'errors' })
// @ts-expect-error: the fake replays last values itself, so a test cannot
fake.push('errors', { room: 'stats', data: { cpu: 1 }, replayed: true })
// @ts-expect-error: a room of another panel
fake.setRooms('errors', { activity: 'live' })
// @ts-expect-error: no such state
fake.setStatus({ state: 'away' })
// @ts-expect-error: a room of another panel
fake.deny('errors', 'activity')
// @ts-expect-error: no such room
fake.gap({ rooms: ['erors'] })
// @ts-expect-error: no such event
fake.listeners('reconnect')
// @ts-expect-error: a line of another dashboard
const other: Line<Dashboard> = untyped.line
void other
