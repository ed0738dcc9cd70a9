import '../support/refresh'
import type { Gap, Line, PanelStatus, PartylineError, Status } from 'partyline'
import {
  createHooks,
  LineProvider,
  useGap,
  useLatest,
  useLead,
  useLine,
  usePanel,
  usePanelState,
  useStatus,
} from 'partyline/react'
import { createFakeLine } from 'partyline/testing'
import * as React from 'react'
import { StrictMode, Suspense, startTransition, useEffect, useState } from 'react'
import { hydrateRoot } from 'react-dom/client'
import { renderToString } from 'react-dom/server.browser'
import { expect, onTestFinished, vi } from 'vitest'
import type { Dashboard } from '../support/dashboard.worker'
import { countFrames, mount } from '../support/mount'
import { hotReload } from '../support/refresh'
import type { Shown } from '../support/screen'
import { type Bench, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 300 }

async function start(bench: Bench, options = {}) {
  const server = await bench.server(options)
  bench.serve({ url: await server.url(), ...QUICK })
  return {
    server,
    line: bench.line(),
    rooms: async () => (await server.state()).rooms,
    asked: async () => (await server.state()).connections.flatMap(({ asked }) => asked),
    emit: (room: string, n: number) => server.emit(room, 'row', { room, n }),
  }
}

/** A fake line, for tests that do not check worker or server. */
function startFake() {
  const { push, ...fake } = createFakeLine<Dashboard>()
  return { ...fake, emit: (room: 'errors' | 'stats', n: number) => push('errors', { room, data: { n } }) }
}

/** Shows the sum of the numbers in a panel's events. */
const Sum = ({ line, panel = 'errors' }: { line: Line<Dashboard> | undefined; panel?: 'errors' | 'tmux' }) =>
  usePanel(line, panel, (sum, { data }) => sum + data.n, 0)

test('a panel renders when its first data comes', async () => {
  const { line, panels, emit } = startFake()
  const App = () => {
    const { errors, stats } = usePanel(line, 'errors')
    const last = useLatest(line, 'errors')
    const lastStats = useLatest(line, 'errors', 'stats')
    return `${errors?.data.n} ${stats?.data.n} ${last?.data.n} ${lastStats?.data.n}`
  }
  const { text } = mount(<App />)
  await expect.poll(panels).toEqual(['errors'])
  expect(text()).toBe('undefined undefined undefined undefined')
  await emit('stats', 1)
  await expect.poll(text).toBe('undefined 1 1 1')
  await emit('errors', 2)
  await expect.poll(text).toBe('2 1 2 1')
})

test('a component mounts later - it has the last values, and no room is joined again', async ({ bench }) => {
  const { line, emit, asked, rooms } = await start(bench)
  const { text, render } = mount(<Sum line={line} />)
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 5)
  await expect.poll(text).toBe('5')
  render([<Sum key="early" line={line} />, ',', <Sum key="late" line={line} />])
  await expect.poll(text).toBe('5,5')
  expect((await asked()).toSorted()).toEqual(['join errors', 'join stats'])
})

test('StrictMode - each room is joined once, and each event counts once', async ({ bench }) => {
  const { line, rooms, asked, emit } = await start(bench)
  const App = () => {
    const state = usePanelState(line, 'errors')
    return [<Sum key="sum" line={line} />, ` ${useLatest(line, 'errors')?.data.n} ${state.state}`]
  }
  const { text, unmount } = mount(
    <StrictMode>
      <App />
    </StrictMode>,
  )
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 3)
  await emit('stats', 4)
  await expect.poll(text).toBe('7 4 live')
  expect((await asked()).toSorted()).toEqual(['join errors', 'join stats'])
  expect((await line.inspect()).tabs.map(({ panels }) => panels)).toEqual([[['errors']]])
  unmount()
  await expect.poll(rooms).toEqual([[]])
  expect((await asked()).length).toBe(4)
})

test('100 renders with new callbacks and new arrays - the server gets no request', async ({ bench }) => {
  const { line, rooms, asked, emit } = await start(bench)
  const subscribe = vi.spyOn(line, 'subscribe')
  let renders = 0
  const App = ({ factor }: { factor: number }) => {
    renders += 1
    return usePanel(line, ['workflow', '42'], (sum, { data }) => sum + data.n * factor, 0)
  }
  const { text, render } = mount(<App factor={1} />)
  await expect.poll(rooms).toEqual([['adw-state/42', 'stats']])
  await emit('adw-state/42', 5)
  await expect.poll(text).toBe('5')
  const before = renders
  for (let factor = 1; factor <= 100; factor += 1) {
    render(<App factor={factor} />)
    await expect.poll(() => renders, { interval: 1 }).toBe(before + factor)
  }
  // The reducer of the last render handles the next event; the sum of earlier events stays.
  await emit('adw-state/42', 1)
  await expect.poll(text).toBe('105')
  expect((await asked()).toSorted()).toEqual(['join adw-state/42', 'join stats'])
  expect(subscribe).toHaveBeenCalledTimes(1)
})

test('a burst of 1,000 events, at once and one by one - one render per frame, the same in every component', async ({
  bench,
}) => {
  const { line, server, rooms, emit } = await start(bench)
  const frames = countFrames()
  const rendered: { readonly frame: number; readonly at: number }[] = []
  const Counted = () => {
    rendered.push({ frame: frames(), at: performance.now() })
    return usePanel(line, 'errors', (count) => count + 1, 0)
  }
  const { text } = mount([<Counted key="one" />, ' ', <Counted key="two" />])
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  const shown = new Set<string | null>()
  const observer = new MutationObserver(() => shown.add(text()))
  observer.observe(document.body, { subtree: true, characterData: true })
  rendered.length = 0
  await server.emitMany('errors', 'row', 1, 1000)
  await expect.poll(text).toBe('1000 1000')
  await Promise.all(Array.from({ length: 1000 }, (_, n) => emit('errors', n)))
  await expect.poll(text).toBe('2000 2000')
  observer.disconnect()
  // Both render together. If a slow machine draws no frame for 100 ms, they render without one.
  const passes = rendered.filter((_, index) => index % 2 === 0)
  expect(rendered.map(({ frame }) => frame)).toEqual(passes.flatMap(({ frame }) => [frame, frame]))
  const took = (passes.at(-1)?.at ?? 0) - (passes[0]?.at ?? 0)
  expect(passes.length).toBeLessThanOrEqual(new Set(passes.map(({ frame }) => frame)).size + took / 100 + 1)
  for (const each of shown) {
    const [one, two] = each?.split(' ') ?? []
    expect(one).toBe(two)
  }
})

test('a page that draws no frames - it still renders events, and a burst in few renders', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const reported: Shown[] = []
  const hear = ({ data }: MessageEvent) => data.screen && reported.push(data)
  window.addEventListener('message', hear)
  // A frame of another origin that is not displayed is never drawn.
  const address = new URL(bench.screen())
  address.port = new URL(await (await bench.proxy(location.origin)).url()).port
  const frame = document.createElement('iframe')
  frame.style.display = 'none'
  frame.src = address.href
  document.body.append(frame)
  onTestFinished(() => {
    window.removeEventListener('message', hear)
    frame.remove()
  })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  await server.emitMany('errors', 'row', 1, 1000)
  await expect.poll(() => reported.at(-1)?.sum).toBe(500_500)
  expect(reported.at(-1)?.frames).toBe(0)
  expect(reported.at(-1)?.renders).toBeLessThanOrEqual(20)
})

test('useLatest with a room - only events of that room cause renders', async () => {
  const { line, panels, emit } = startFake()
  let renders = 0
  const App = () => {
    renders += 1
    return useLatest(line, 'errors', 'stats')?.data.n
  }
  const { text } = mount([<App key="app" />, ' ', <Sum key="sum" line={line} />])
  await expect.poll(panels).toEqual(['errors'])
  await emit('errors', 1)
  await emit('errors', 2)
  await expect.poll(text).toBe(' 3')
  expect(renders).toBe(1)
  await emit('stats', 4)
  await expect.poll(text).toBe('4 7')
  expect(renders).toBe(2)
})

test('1,000 keepalives, and an event that changes nothing - no render', async ({ bench }) => {
  const { line, server, rooms, emit } = await start(bench)
  let renders = 0
  let reduced = 0
  const App = () => {
    renders += 1
    const keep = (sum: number, { data }: { data: { n: number } }) => {
      reduced += 1
      return Math.max(sum, data.n)
    }
    return `${usePanel(line, 'errors', keep, 0)} ${useStatus(line).state}`
  }
  const { text } = mount(<App />)
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 9)
  await expect.poll(text).toBe('9 online')
  const before = renders
  await server.broadcastMany(1000, 'keepalive', { at: 1 })
  await emit('errors', 3)
  await expect.poll(() => reduced).toBe(2)
  await emit('errors', 10)
  await expect.poll(text).toBe('10 online')
  expect(renders).toBe(before + 1)
})

test('another panel - its rooms replace the old ones, common rooms stay joined, and the state starts again', async ({
  bench,
}) => {
  const { line, rooms, asked, emit } = await start(bench)
  const App = ({ panel }: { panel: 'errors' | 'overview' }) => {
    const sum = usePanel(line, panel, (sum, { data, replayed }) => (replayed ? sum : sum + data.n), 0)
    return `${panel} ${sum}`
  }
  const { text, render } = mount(<App panel="errors" />)
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 1)
  await emit('stats', 2)
  await expect.poll(text).toBe('errors 3')
  render(<App panel="overview" />)
  await expect.poll(text).toBe('overview 0')
  await expect.poll(rooms).toEqual([['activity', 'stats']])
  await emit('errors', 100)
  await emit('stats', 4)
  await expect.poll(text).toBe('overview 4')
  expect((await asked()).toSorted()).toEqual(['join activity', 'join errors', 'join stats', 'leave errors'])
})

test('the last component of a panel unmounts - its rooms are left, and the others stay', async ({
  bench,
}) => {
  const { line, rooms } = await start(bench)
  const one = <Sum key="one" line={line} />
  const two = <Sum key="two" line={line} />
  const tmux = <Sum key="tmux" line={line} panel="tmux" />
  const { render } = mount([one, two, tmux])
  await expect.poll(rooms).toEqual([['errors', 'stats', 'tmux']])
  render([one, tmux])
  render([tmux])
  await expect.poll(rooms).toEqual([['tmux']])
})

test('a pending transition joins no room, and the current screen still updates', async ({ bench }) => {
  const { line, rooms, asked, emit } = await start(bench)
  let release = () => {}
  let gate: Promise<void> | undefined = new Promise((resolve) => {
    release = () => {
      gate = undefined
      resolve()
    }
  })
  let go = (_: 'errors' | 'tmux') => {}
  let waiting = false
  const Screen = ({ panel }: { panel: 'errors' | 'tmux' }) => {
    const sum = usePanel(line, panel, (sum, { data }) => sum + data.n, 0)
    if (panel === 'tmux' && gate) {
      waiting = true
      throw gate
    }
    return `${panel} ${sum}`
  }
  const App = () => {
    const [panel, setPanel] = useState<'errors' | 'tmux'>('errors')
    go = setPanel
    return (
      <Suspense fallback="waiting">
        <Screen panel={panel} />
      </Suspense>
    )
  }
  const { text } = mount(<App />)
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  startTransition(() => go('tmux'))
  await expect.poll(() => waiting).toBe(true)
  await emit('errors', 1)
  await expect.poll(text).toBe('errors 1')
  expect((await asked()).toSorted()).toEqual(['join errors', 'join stats'])
  release()
  await expect.poll(text).toBe('tmux 0')
  await expect.poll(rooms).toEqual([['tmux']])
  await emit('tmux', 2)
  await expect.poll(text).toBe('tmux 2')
})

test('a hot reload keeps the state and the subscription, and subscribes no second time', async ({
  bench,
}) => {
  const { line, rooms, asked, emit } = await start(bench)
  const subscribe = vi.spyOn(line, 'subscribe')
  const Before = () => `before ${usePanel(line, 'errors', (sum, { data }) => sum + data.n, 0)}`
  const After = () => `after ${usePanel(line, 'errors', (sum, { data }) => sum + data.n * 10, 0)}`
  hotReload(bench.id, Before)
  const { text } = mount(<Before />)
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 1)
  await expect.poll(text).toBe('before 1')
  hotReload(bench.id, After)
  await expect.poll(text).toBe('after 1')
  await emit('errors', 2)
  await expect.poll(text).toBe('after 21')
  expect((await asked()).toSorted()).toEqual(['join errors', 'join stats'])
  expect(subscribe).toHaveBeenCalledTimes(1)
})

test('a status badge shows an outage, and events do not render it', async ({ bench }) => {
  const { line, server, rooms, emit } = await start(bench)
  const seen: Status[] = []
  const Badge = () => {
    const status = useStatus(line)
    if (seen.at(-1) !== status) seen.push(status)
    return status.state
  }
  let renders = 0
  const Counted = () => {
    renders += 1
    return <Badge />
  }
  const { text } = mount([<Counted key="badge" />, ' ', <Sum key="sum" line={line} />])
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await expect.poll(text).toBe('online 0')
  const statuses = seen.length
  for (let n = 1; n <= 10; n += 1) await emit('errors', 1)
  await expect.poll(text).toBe('online 10')
  expect(seen.length).toBe(statuses)
  await server.stop()
  await expect.poll(text).toBe('offline 10')
  await server.start()
  await expect.poll(text).toBe('online 10')
  expect(seen.at(-1)).toBe(line.status)
  expect(renders).toBe(1)
})

test('the worker dies and cannot be started again - badge and panel say so until it is back', async ({
  bench,
}) => {
  const { line, rooms, emit } = await start(bench)
  line.on('error', () => {})
  const Badge = () => {
    const { state, error } = useStatus(line)
    return `${state} ${error?.reason} ${usePanelState(line, 'errors').state} `
  }
  const { text } = mount([<Badge key="badge" />, <Sum key="sum" line={line} />])
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 1)
  await expect.poll(text).toBe('online undefined live 1')
  await bench.file('gone')
  bench.worker('die')
  await expect.poll(text).toBe('offline worker-failed stale 1')
  await bench.file('back')
  await expect.poll(text).toBe('online undefined live 1')
  await emit('errors', 2)
  await expect.poll(text).toBe('online undefined live 3')
})

test('usePanelState shows each change of state, and does not join any room', async ({ bench }) => {
  const { line, server, rooms, asked, emit } = await start(bench, { forbidden: ['secret'] })
  const seen: PanelStatus[] = []
  const State = ({ panel }: { panel: 'errors' | 'vault' }) => {
    const state = usePanelState(line, [panel])
    if (panel === 'errors' && seen.at(-1) !== state) seen.push(state)
    return `${panel} ${state.state} `
  }
  const states = [<State key="errors" panel="errors" />, <State key="vault" panel="vault" />]
  const { text, render } = mount(states)
  await line.ready
  await expect.poll(async () => (await server.state()).connected).toBe(1)
  expect(text()).toBe('errors joining vault joining ')
  expect(await asked()).toEqual([])
  const Vault = () => usePanel(line, 'vault').stats?.data.n
  render([...states, <Sum key="sum" line={line} />, <Vault key="watched" />])
  await expect.poll(text).toBe('errors live vault denied 0')
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  const { length } = seen
  await emit('errors', 1)
  await expect.poll(() => seen.at(-1)?.lastAt).toBeGreaterThan(0)
  expect(seen.length).toBe(length + 1)
  await server.stop()
  await expect.poll(text).toBe('errors stale vault denied 1')
  await server.start()
  await expect.poll(text).toBe('errors live vault denied 1')
  expect(seen.at(-1)).toEqual(line.panel('errors'))
  render(states)
  await expect.poll(text).toBe('errors joining vault joining ')
})

test('a reducer throws - its state stays, the next event is handled, and other components are not affected', async () => {
  const { line, panels, emit } = startFake()
  const uncaught: unknown[] = []
  const note = (event: ErrorEvent) => {
    if (!String(event.error?.message).startsWith('cannot add')) return
    event.preventDefault()
    event.stopImmediatePropagation()
    uncaught.push(event.error.message)
  }
  window.addEventListener('error', note, { capture: true })
  const Fragile = () => {
    const add = (sum: number, { data }: { data: { n: number } }) => {
      if (data.n === 2) throw new Error('cannot add 2')
      return sum + data.n
    }
    return usePanel(line, 'errors', add, 0)
  }
  const { text } = mount([<Fragile key="fragile" />, ' ', <Sum key="sum" line={line} />])
  await expect.poll(panels).toEqual(['errors'])
  for (const n of [1, 2, 4]) await emit('errors', n)
  await expect.poll(text).toBe('5 7')
  expect(uncaught).toEqual(['cannot add 2'])
  window.removeEventListener('error', note, { capture: true })
})

test('the line of a provider is set after the first render, closed, and replaced - components follow', async ({
  bench,
}) => {
  const { line, rooms, emit } = await start(bench)
  const Inner = () => {
    const line = useLine<Dashboard>()
    return [`${useStatus(line).state} ${usePanelState(line, 'errors').state} `, <Sum key="sum" line={line} />]
  }
  const app = (line: Line<Dashboard> | undefined) => (
    <LineProvider line={line}>
      <Inner />
    </LineProvider>
  )
  const { text, render } = mount(app(undefined))
  await expect.poll(text).toBe('connecting joining 0')
  render(app(line))
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 1)
  await expect.poll(text).toBe('online live 1')
  line.close()
  await expect.poll(text).toBe('closed stale 1')
  render(app(bench.line()))
  await expect.poll(text).toMatch(/^online live/)
  await emit('errors', 2)
  await expect.poll(text).toMatch(/^online live [23]$/)
})

test('a component on a closed line shows its initial state, and does not throw', async ({ bench }) => {
  const { line } = await start(bench)
  await line.ready
  line.close()
  const reported: string[] = []
  line.on('error', ({ reason }) => reported.push(reason))
  const ByHand = () => {
    useEffect(() => line.subscribe('errors', () => {}), [])
    return ' by hand'
  }
  const App = () => [
    `${useStatus(line).state} ${usePanelState(line, 'errors').state} `,
    <Sum key="sum" line={line} />,
    <ByHand key="hand" />,
  ]
  const { text } = mount(<App />)
  await expect.poll(text).toBe('closed joining 0 by hand')
  await expect.poll(() => reported).toEqual(['closed'])
})

test('untyped components pass wrong panels - the other components work, and error events report it', async ({
  bench,
}) => {
  const { line, rooms, emit } = await start(bench)
  const reported: PartylineError[] = []
  line.on('error', (error) => reported.push(error))
  const Wrong = ({ panel }: { panel: unknown }) => {
    const { stats } = usePanel(line, panel as 'errors')
    return `${usePanelState(line, panel as 'errors').state} ${stats?.data.n} `
  }
  const panels = [['workflow', 42], ['workflow', 42n], undefined, null, 7, {}, []]
  const app = (panels: unknown[]) => [
    ...panels.map((panel, n) => <Wrong key={String(n)} panel={panel} />),
    <Sum key="sum" line={line} />,
  ]
  const { text, render } = mount(app(panels))
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 3)
  await expect.poll(text).toBe(`${'joining undefined '.repeat(panels.length)}3`)
  expect(new Set(reported.map(({ reason }) => reason))).toEqual(new Set(['unknown-panel']))
  const messages = reported.map(({ message }) => message)
  // The hooks subscribe once, and read the panel's state in every render.
  expect(messages.filter((each) => each.includes('["workflow", 42]')).length).toBeLessThanOrEqual(4)
  // The same component, with a valid panel.
  render(app([['workflow', '42']]))
  await expect.poll(text).toBe('live undefined 3')
})

test('server-rendered HTML is hydrated without a mismatch, and goes live', async ({ bench }) => {
  const { line, rooms, emit } = await start(bench)
  const App = ({ line }: { line: Line<Dashboard> | undefined }) => (
    <p>
      {useStatus(line).state} {usePanelState(line, 'errors').state}{' '}
      {useLatest(line, 'errors')?.data.n ?? 'none'}
      <Sum line={line} />
    </p>
  )
  const early = mount(<App line={line} />)
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 1)
  await expect.poll(early.text).toBe('online live 11')

  const container = document.createElement('div')
  container.innerHTML = renderToString(<App line={undefined} />)
  expect(container.textContent).toBe('connecting joining none0')
  const complaints: unknown[] = []
  const complain = vi.spyOn(console, 'error').mockImplementation((...words) => complaints.push(words))
  const root = hydrateRoot(container, <App line={line} />, {
    onRecoverableError: (error) => complaints.push(error),
  })
  onTestFinished(() => {
    root.unmount()
    complain.mockRestore()
  })
  await expect.poll(() => container.textContent).toBe('online live 11')
  expect(complaints).toEqual([])
})

test('useGap - the listener of the last render gets the gaps of its panel, with one subscription', async () => {
  const { line, emit, gap, panels, listeners, setRooms } = startFake()
  const on = vi.spyOn(line, 'on')
  const reported: string[] = []
  const App = ({ name }: { name: string }) => {
    useGap(line, ['errors'], ({ rooms, cause }) => reported.push(`${name}: ${rooms} ${cause}`))
    useGap(line, ({ rooms }) => reported.push(`any: ${rooms}`))
    return [`${name} `, <Sum key="sum" line={line} />, <Sum key="tmux" line={line} panel="tmux" />]
  }
  const { text, render, unmount } = mount(<App name="first" />)
  await expect.poll(panels).toEqual(['errors', 'tmux'])
  // The rooms of a panel are unknown until it opens, so no gap is filtered out before that.
  await gap({ rooms: ['tmux'] })
  expect(reported.splice(0).toSorted()).toEqual(['any: tmux', 'first: tmux link'])
  await setRooms('errors', { errors: 'live', stats: 'live' })
  await emit('errors', 1)
  await gap({ rooms: ['tmux'] })
  await gap({ rooms: ['tmux', 'stats'], cause: 'queue' })
  expect(reported.splice(0)).toEqual(['any: tmux', 'first: tmux,stats queue', 'any: tmux,stats'])
  const before = on.mock.calls.length
  render(<App name="second" />)
  await expect.poll(text).toBe('second 10')
  await gap({ rooms: ['errors'] })
  expect(reported.splice(0)).toEqual(['second: errors link', 'any: errors'])
  expect(on.mock.calls.length).toBe(before)
  unmount()
  await expect.poll(() => listeners('gap')).toBe(0)
})

test('useGap - in StrictMode each gap comes once, another panel gets its own gaps, and without a line there are none', async () => {
  const { line, gap, panels, listeners, setRooms } = startFake()
  await setRooms('errors', { errors: 'live' })
  await setRooms('tmux', { tmux: 'live' })
  const reported: Gap[] = []
  const App = ({ line, panel }: { line: Line<Dashboard> | undefined; panel: 'errors' | 'tmux' }) => {
    useGap(line, panel, (gap) => reported.push(gap))
    return [<Sum key="errors" line={line} />, <Sum key="tmux" line={line} panel="tmux" />]
  }
  const app = (line: Line<Dashboard> | undefined, panel: 'errors' | 'tmux') => (
    <StrictMode>
      <App line={line} panel={panel} />
    </StrictMode>
  )
  const { render } = mount(app(undefined, 'errors'))
  render(app(line, 'errors'))
  await expect.poll(() => panels().length).toBe(2)
  await expect.poll(() => listeners('gap')).toBe(1)
  await gap({ rooms: ['errors'] })
  expect(reported.splice(0).length).toBe(1)
  render(app(line, 'tmux'))
  await expect
    .poll(async () => {
      await gap({ rooms: ['tmux'] })
      return reported.splice(0).length
    })
    .toBe(1)
  await gap({ rooms: ['errors'] })
  expect(reported).toEqual([])
})

test('useGap - an outage on a server without recovery - each component of the panel gets the gap', async ({
  bench,
}) => {
  const { line, server, rooms, emit } = await start(bench)
  const reported: string[] = []
  const App = ({ name }: { name: string }) => {
    useGap(line, 'errors', ({ rooms }) => reported.push(...rooms.map((room) => `${name} ${room}`)))
    return <Sum line={line} />
  }
  mount([<App key="one" name="one" />, <App key="two" name="two" />])
  await expect.poll(rooms).toEqual([['errors', 'stats']])
  await emit('errors', 1)
  await expect.poll(() => line.panel('errors').lastAt).toBeGreaterThan(0)
  await server.cut()
  await expect.poll(() => reported.toSorted()).toEqual(['one errors', 'one stats', 'two errors', 'two stats'])
})

test('createHooks - all hooks use the line of their own provider', async () => {
  const one = startFake()
  const two = startFake()
  const ours = createHooks<Dashboard>()
  const theirs = createHooks<Dashboard>()
  const reported: string[] = []
  const App = () => {
    ours.useGap('errors', () => reported.push('errors'))
    ours.useGap(() => reported.push('any'))
    const sum = ours.usePanel('errors', (sum, { data }) => sum + data.n, 0)
    const { stats } = ours.usePanel('errors')
    const last = ours.useLatest('errors')?.data.n
    const lastStats = ours.useLatest('errors', 'stats')?.data.n
    const states = `${ours.useStatus().state} ${ours.usePanelState('errors').state}`
    const [our, their] = [ours.useLine(), theirs.useLine()]
    const isEachItsOwn = our === one.line && their === two.line
    return `${states} ${sum} ${stats?.data.n} ${last} ${lastStats} ${isEachItsOwn}`
  }
  const { text } = mount(
    <ours.LineProvider line={one.line}>
      <theirs.LineProvider line={two.line}>
        <App />
      </theirs.LineProvider>
    </ours.LineProvider>,
  )
  await expect.poll(one.panels).toEqual(['errors'])
  await one.emit('stats', 1)
  await one.emit('errors', 2)
  await two.emit('errors', 3)
  await expect.poll(text).toBe('online live 3 1 2 1 true')
  await one.gap({ rooms: ['errors'] })
  expect(reported).toEqual(['errors', 'any'])
  expect(two.panels()).toEqual([])
})

// React 18 has no Activity.
const { Activity } = React
test.runIf(Activity)(
  'a component is hidden and shown again - it starts again, and misses no event after that',
  async ({ bench }) => {
    const { line, rooms, emit } = await start(bench)
    const app = (mode: 'visible' | 'hidden') => (
      <Activity mode={mode}>
        <Sum line={line} />
      </Activity>
    )
    const { text, render } = mount(app('visible'))
    await expect.poll(rooms).toEqual([['errors', 'stats']])
    await emit('errors', 1)
    await emit('errors', 2)
    await expect.poll(text).toBe('3')
    render(app('hidden'))
    await expect.poll(rooms).toEqual([[]])
    render(app('visible'))
    await expect.poll(rooms).toEqual([['errors', 'stats']])
    await expect.poll(text).toBe('0')
    await emit('errors', 4)
    await expect.poll(text).toBe('4')
  },
)

test('another tab leads, and this one again - useLead renders each change, and false without a line', async () => {
  const { line, setFront, listeners } = startFake()
  const App = ({ shown }: { shown: Line<Dashboard> | undefined }) => `${useLead(shown)}`
  const { text, render } = mount(<App shown={line} />)
  await expect.poll(text).toBe('true')
  await setFront(false)
  await expect.poll(text).toBe('false')
  await setFront(true)
  await expect.poll(text).toBe('true')
  render(<App shown={undefined} />)
  await expect.poll(text).toBe('false')
  expect(listeners('lead')).toBe(0)
})
