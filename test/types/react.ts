import type { Gap, Line, PanelStatus, Status } from 'partyline'
import {
  createHooks,
  LineProvider,
  useGap,
  useLatest,
  useLine,
  usePanel,
  usePanelState,
  useStatus,
} from 'partyline/react'
import { createElement } from 'react'
import type { Dashboard, Loose } from './dashboard'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const expectType = <A, B>(_: Equal<A, B>) => {}

declare const line: Line<Dashboard>
declare const later: Line<Dashboard> | undefined
declare const loose: Line<Loose>

export function Typed() {
  // Without a reducer: the last event of each room, if there is one.
  const rooms = usePanel(line, 'errors')
  expectType<keyof typeof rooms, 'errors' | 'stats'>(true)
  if (rooms.errors) expectType<typeof rooms.errors.data, { message: string }>(true)
  if (rooms.stats) expectType<typeof rooms.stats.data, { cpu: number }>(true)
  const { stats, ...steps } = usePanel(line, ['workflow', '42'])
  expectType<NonNullable<(typeof steps)[`adw-state/${string}`]>['data'], { step: number }>(true)

  // With a reducer: the types of events and state are inferred from `initial` or from the reducer.
  const count = usePanel(
    later,
    'errors',
    (count, event) => {
      expectType<typeof count, number>(true)
      expectType<typeof event.room, 'errors' | 'stats'>(true)
      if (event.room === 'errors') expectType<typeof event.data, { message: string }>(true)
      return count + 1
    },
    0,
  )
  expectType<typeof count, number>(true)
  const rows = usePanel(
    line,
    'errors',
    (rows: readonly string[], { room, data }) => (room === 'errors' ? [...rows, data.message] : rows),
    [],
  )
  expectType<typeof rows, readonly string[]>(true)
  const high = usePanel(line, ['workflow', '42'], (high: number | undefined, { data }) =>
    Math.max(high ?? 0, 'step' in data ? data.step : data.cpu),
  )
  expectType<typeof high, number | undefined>(true)

  // The last event of a panel is narrowed by its room; that of one room needs no narrowing.
  const latest = useLatest(line, 'errors')
  if (latest?.room === 'stats') expectType<typeof latest.data, { cpu: number }>(true)
  const cpu = useLatest(line, 'errors', 'stats')?.data.cpu
  expectType<typeof cpu, number | undefined>(true)
  const step = useLatest(line, ['workflow', '42'], 'adw-state/42')?.data.step
  expectType<typeof step, number | undefined>(true)

  expectType<ReturnType<typeof useStatus>, Status>(true)
  expectType<ReturnType<typeof usePanelState>, PanelStatus>(true)
  useStatus(later)
  usePanelState(line, ['search', 'a', 'b'])

  // Without `rooms`, payloads are unknown and panels are still checked.
  const any = useLatest(loose, ['any', 'stats'])
  if (any) expectType<typeof any.data, unknown>(true)

  // A context has no types, so the dashboard is named.
  const handed = useLine<Dashboard>()
  expectType<typeof handed, Line<Dashboard> | undefined>(true)
  // If it is not named, nothing is `any`: any string is a panel, and payloads are unknown.
  const unnamed = useLine()
  const whatever = useLatest(unnamed, 'errors')
  if (whatever) {
    expectType<typeof whatever.room, string>(true)
    expectType<typeof whatever.data, unknown>(true)
  }
  unnamed?.subscribe(['workflow', '42'], ({ room, data }) => {
    expectType<typeof room, string>(true)
    expectType<typeof data, unknown>(true)
  })
  unnamed?.restored.then((panels) =>
    expectType<(typeof panels)[number], string | [string, ...string[]]>(true),
  )

  useGap(line, 'errors', (gap) => expectType<typeof gap, Gap>(true))
  useGap(later, ['workflow', '42'], () => {})
  useGap(line, ({ rooms }) => expectType<typeof rooms, readonly string[]>(true))
  return createElement(LineProvider<Dashboard>, { line }, createElement(LineProvider, { line: undefined }))
}

const mine = createHooks<Dashboard>()

export function TypedOnce() {
  const handed = mine.useLine()
  expectType<typeof handed, Line<Dashboard> | undefined>(true)
  const rooms = mine.usePanel('errors')
  if (rooms.errors) expectType<typeof rooms.errors.data, { message: string }>(true)
  const count = mine.usePanel(
    ['workflow', '42'],
    (count, event) => {
      expectType<typeof event.panel, readonly ['workflow', '42']>(true)
      return event.room === 'stats' ? count + event.data.cpu : count
    },
    0,
  )
  expectType<typeof count, number>(true)
  const last = mine.usePanel('errors', (last: number | undefined, { at }) => Math.max(last ?? 0, at))
  expectType<typeof last, number | undefined>(true)
  const latest = mine.useLatest('errors')
  if (latest?.room === 'stats') expectType<typeof latest.data, { cpu: number }>(true)
  const cpu = mine.useLatest('errors', 'stats')?.data.cpu
  expectType<typeof cpu, number | undefined>(true)
  expectType<ReturnType<typeof mine.useStatus>, Status>(true)
  expectType<ReturnType<typeof mine.usePanelState>, PanelStatus>(true)
  mine.usePanelState(['search', 'a', 'b'])
  mine.useGap('errors', (gap) => expectType<typeof gap, Gap>(true))
  mine.useGap((gap) => expectType<typeof gap, Gap>(true))
  return createElement(mine.LineProvider, { line }, createElement(mine.LineProvider, { line: undefined }))
}

export function Rejected() {
  // Programs that must not compile.

  // @ts-expect-error: no such panel
  usePanel(line, 'erors')
  // @ts-expect-error: a parameter is missing
  usePanel(line, 'workflow')
  // @ts-expect-error: parameters are strings
  usePanel(line, ['workflow', 42])
  // @ts-expect-error: this panel takes no parameters
  useLatest(line, ['errors', '42'])
  // @ts-expect-error: a room of another panel
  useLatest(line, 'errors', 'activity')
  // @ts-expect-error: a room that cannot exist
  useLatest(line, ['workflow', '42'], 'adw/42')
  // @ts-expect-error: no such field in that payload
  useLatest(line, 'errors', 'stats')?.data.message
  // @ts-expect-error: the room may have had no event yet
  usePanel(line, 'errors').stats.data
  // @ts-expect-error: not a room of this panel
  usePanel(line, 'errors').activity
  // @ts-expect-error: data must be narrowed by its room
  usePanel(line, 'errors', (count, event) => count + event.data.cpu, 0)
  // @ts-expect-error: the reducer returns a type other than that of `initial`
  usePanel(line, 'errors', (count: number) => `${count}`, 0)
  // @ts-expect-error: no such panel
  usePanelState(line, 'erors')
  // @ts-expect-error: a line is needed
  useStatus()
  // @ts-expect-error: the status is read-only
  useStatus(line).state = 'online'
  // @ts-expect-error: the property `line` is required, even if it is undefined
  createElement(LineProvider, {})
  // @ts-expect-error: no such panel
  useGap(line, 'erors', () => {})
  // @ts-expect-error: a listener is needed
  useGap(line)
  // @ts-expect-error: payloads are unknown because the dashboard is not named
  useLine()?.subscribe('errors', ({ data }) => data.message)

  // @ts-expect-error: no such panel
  mine.usePanel('erors')
  // @ts-expect-error: these hooks take their line from the provider
  mine.usePanel(line, 'errors')
  // @ts-expect-error: a room of another panel
  mine.useLatest('errors', 'activity')
  // @ts-expect-error: no such field in that payload
  mine.useLatest('errors', 'stats')?.data.message
  // @ts-expect-error: no such panel
  mine.usePanelState('erors')
  // @ts-expect-error: no such panel
  mine.useGap('erors', () => {})
  // @ts-expect-error: the line of another dashboard
  createElement(mine.LineProvider, { line: loose })
}
