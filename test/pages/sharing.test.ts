import { expect, onTestFinished } from 'vitest'
import { type Bench, isLive, type Tab, test, type WorkerFile } from '../support/setup'
import type { Report, TabSettings } from '../support/tab'

/** Tabs whose factory returns a dedicated `Worker` share one connection: one tab's worker serves, those of the others relay to it. */

const QUICK = { retry: { first: 20, every: 50 }, grace: 5000 }

/** A takeover may take this long, in ms. */
const TAKEOVER = 2000

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

const pause = (ms: number) => new Promise((over) => setTimeout(over, ms))

/** What the tab received, its earlier pages included: the numbers of events, and the causes of gaps of the room `errors`. */
const record = (tab: Pick<Tab, 'run'>) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().flatMap((each): (number | string)[] => {
      if ('cause' in each) return each.rooms.includes('errors') ? [each.cause] : []
      return each.replayed ? [] : [(each.data as { n: number }).n]
    }),
  )

/** Events came in order, each at most once, and wherever one is missing there is a gap. */
function expectNoneLostInSilence(received: readonly (number | string)[]) {
  const numbers = received.filter((each) => typeof each === 'number')
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  const silent = received.filter((each, index) => {
    const before = received[index - 1]
    return typeof each === 'number' && typeof before === 'number' && each !== before + 1
  })
  expect(silent).toEqual([])
}

/** Tabs of one user on one server. */
async function setUp(
  bench: Bench,
  options: object = {},
  { recovery = true, file = 'dashboard' as WorkerFile } = {},
) {
  const socketIo = await bench.server({ recovery })
  const server =
    file === 'websocket' ? ((await bench.websocketServer()) as never as typeof socketIo) : socketIo
  const url = await server.url()
  bench.serve(
    { url: file === 'websocket' ? `${url.replace('http', 'ws')}/ws` : url, ...QUICK, ...options },
    file,
  )
  let last = 0
  let stop = () => Promise.resolve()

  const settings = (name: string, more: Partial<TabSettings>) => ({
    name,
    dedicated: true,
    panels: ['errors'],
    ...more,
  })

  async function open(name: string, more: Partial<TabSettings> = {}, how: 'frame' | 'page' = 'frame') {
    const tab = await bench[how](settings(name, more))
    await isLive(tab)
    return tab
  }

  /** Sends an event every 20 ms. */
  function stream() {
    let isOver = false
    const sending = (async () => {
      while (!isOver) {
        last += 1
        await server.emitMany('errors', 'row', last, last)
        await pause(20)
      }
    })()
    stop = () => {
      isOver = true
      return sending
    }
    onTestFinished(() => stop())
  }

  /** The name of the tab whose worker serves. */
  async function leader(): Promise<string | undefined> {
    const { held = [] } = await navigator.locks.query()
    const own = held.filter(({ name }) => name?.includes(bench.id))
    const serving = own.find(({ name }) => name?.endsWith('/sharing'))
    const tab = own.find(({ name, clientId }) => clientId === serving?.clientId && name?.startsWith('tab '))
    return tab?.name?.split(' ').at(-1)
  }

  /** Waits until each tab has received an event that was sent after this call. */
  async function served(tabs: readonly Pick<Tab, 'run'>[]) {
    const next = last + 1
    const isHere = (tab: Pick<Tab, 'run'>) =>
      tab.run(({ events }, n) => events.some(({ data }) => (data as { n: number }).n >= n), next)
    for (const tab of tabs) await expect.poll(() => isHere(tab).catch(() => false)).toBe(true)
  }

  const connections = async () => (await server.state()).connections

  return {
    server,
    url,
    settings,
    open,
    stream,
    connections,
    /** Ends the stream. Resolves to the number of the last event. */
    async end() {
      await stop()
      return last
    },
    async emit(howMany = 1) {
      const from = last + 1
      last += howMany
      await server.emitMany('errors', 'row', from, last)
      return last
    },
    leader,
    /** Waits until another tab leads. Resolves to how long that took, until each of these tabs had one of the next events. */
    async takenOver(tabs: readonly Pick<Tab, 'run'>[], from: string, since: number) {
      await expect.poll(async () => [undefined, from].includes(await leader())).toBe(false)
      await served(tabs)
      return performance.now() - since
    },
    served,
    /** No two connections were open at the same time. */
    async expectOneSocket() {
      const all = await connections()
      const overlaps = all.filter(({ openedAt }, index) =>
        all.slice(0, index).some(({ closedAt = Infinity }) => closedAt > openedAt),
      )
      expect(overlaps).toEqual([])
    },
  }
}

test('three tabs with dedicated workers - one socket, and every tab gets every event once', async ({
  bench,
}) => {
  const { open, emit, connections } = await setUp(bench)
  const tabs = [await open('a'), await open('b', {}, 'page'), await open('c', {}, 'page')]
  await emit(3)
  for (const tab of tabs) {
    await expect.poll(() => record(tab)).toEqual([1, 2, 3])
    expect(await tab.run(({ line }) => line.status.shared)).toBe(true)
  }
  expect(await connections()).toHaveLength(1)
})

test('five tabs, and the tab that leads is closed, navigates away, crashes, reloads - another takes over within 2 s, with one socket, and nothing is lost', async ({
  bench,
}) => {
  const { open, stream, end, leader, served, takenOver, connections, expectOneSocket } = await setUp(bench)
  const tabs = new Map<string, Tab>()
  for (const name of ['a', 'b', 'c', 'd', 'e']) tabs.set(name, await open(name, {}, 'page'))
  stream()
  await served([...tabs.values()])
  const faults = {
    closed: (tab: Tab) => tab.close(),
    'navigated away': (tab: Tab) => tab.goto('about:blank'),
    crashed: (tab: Tab) => tab.goto('chrome://crash'),
    reloaded: (tab: Tab) => tab.reload(),
  }
  const took: Record<string, number> = {}
  for (const [fault, act] of Object.entries(faults)) {
    const name = (await leader()) as string
    const goes = tabs.get(name) as Tab
    const since = performance.now()
    if (fault !== 'reloaded') tabs.delete(name)
    await act(goes)
    took[fault] = await takenOver([...tabs.values()], name, since)
  }
  const last = await end()
  for (const tab of tabs.values()) await expect.poll(() => record(tab)).toEqual(count(1, last))
  await expectOneSocket()
  expect((await connections()).map(({ recovered }) => recovered)).toEqual([false, true, true, true, true])
  for (const each of Object.values(took)) expect(each).toBeLessThan(TAKEOVER)
})

test('the tab that leads is frozen, and thaws - another takes over within 2 s, and the first one follows, with nothing lost or twice', async ({
  bench,
}) => {
  const { open, settings, stream, end, leader, takenOver, connections } = await setUp(bench)
  const frozen = await bench.freezable(settings('a', {}))
  await isLive(frozen)
  const tabs = [await open('b'), await open('c')]
  stream()
  const since = performance.now()
  await frozen.freeze(true)
  expect(await takenOver(tabs, 'a', since)).toBeLessThan(TAKEOVER)
  // A frozen tab cannot close its socket.
  expect((await connections()).filter(({ open }) => open)).toHaveLength(2)
  await frozen.freeze(false)
  await expect.poll(async () => (await connections()).filter(({ open }) => open)).toHaveLength(1)
  const last = await end()
  for (const tab of [frozen, ...tabs]) {
    await expect.poll(() => record(tab)).toContain(last)
    expectNoneLostInSilence(await record(tab))
  }
  expect(await leader()).not.toBe('a')
  expect(await connections()).toHaveLength(2)
})

test('the worker that serves spins - another takes over within 2 s, and it ends before it delivers anything', async ({
  bench,
}) => {
  const { open, stream, end, takenOver, connections } = await setUp(bench)
  const tabs = [await open('a'), await open('b'), await open('c')]
  stream()
  const since = performance.now()
  bench.worker({ tab: 'a', order: 2200 })
  expect(await takenOver(tabs.slice(1), 'a', since)).toBeLessThan(TAKEOVER)
  await expect.poll(async () => (await connections()).filter(({ open }) => open)).toHaveLength(1)
  const last = await end()
  for (const tab of tabs) {
    await expect.poll(() => record(tab)).toContain(last)
    expectNoneLostInSilence(await record(tab))
  }
  expect(await tabs[0]?.run(({ started }) => started())).toBe(2)
})

test('a lone tab is frozen, and another one is opened meanwhile - it serves, and the first one follows it', async ({
  bench,
}) => {
  const { open, settings, stream, end, leader, connections } = await setUp(bench)
  const frozen = await bench.freezable(settings('a', {}))
  await isLive(frozen)
  stream()
  await frozen.freeze(true)
  const other = await open('b')
  expect(await leader()).toBe('b')
  await frozen.freeze(false)
  await expect.poll(async () => (await connections()).filter(({ open }) => open)).toHaveLength(1)
  const last = await end()
  for (const tab of [frozen, other]) {
    await expect.poll(() => record(tab)).toContain(last)
    expectNoneLostInSilence(await record(tab))
  }
})

for (const recovery of [true, false])
  test(`all tabs reload at once, on a server ${recovery ? 'with' : 'without'} recovery - one socket, and nothing is lost in silence`, async ({
    bench,
  }) => {
    const { open, stream, end, expectOneSocket, served } = await setUp(bench, {}, { recovery })
    const tabs = [await open('a', {}, 'page'), await open('b', {}, 'page'), await open('c', {}, 'page')]
    stream()
    for (let round = 0; round < 2; round += 1) {
      await served(tabs)
      await Promise.all(tabs.map((tab) => tab.reload()))
      for (const tab of tabs) await isLive(tab)
    }
    const last = await end()
    for (const tab of tabs) {
      await expect.poll(() => record(tab)).toContain(last)
      if (recovery) expect(await record(tab)).toEqual(count(1, last))
      else expectNoneLostInSilence(await record(tab))
    }
    await expectOneSocket()
  })

test('the tab that leads is closed on a server without recovery - the others get a gap before the next event', async ({
  bench,
}) => {
  const { open, stream, end, takenOver, expectOneSocket } = await setUp(bench, {}, { recovery: false })
  const [a, ...tabs] = [await open('a'), await open('b'), await open('c')] as [Tab, Tab, Tab]
  stream()
  const since = performance.now()
  await a.close()
  expect(await takenOver(tabs, 'a', since)).toBeLessThan(TAKEOVER)
  const last = await end()
  for (const tab of tabs) {
    await expect.poll(() => record(tab)).toContain(last)
    const received = await record(tab)
    expectNoneLostInSilence(received)
    expect(received).toContain('worker')
  }
  await expectOneSocket()
})

const show = (tab: Tab, state: 'visible' | 'hidden') => tab.run(({ show }, to) => show(to), state)

test('the tab that leads goes to the back, and another is in front - the lead and the session move there, and nothing is lost', async ({
  bench,
}) => {
  const { open, stream, end, leader, connections, expectOneSocket } = await setUp(bench)
  const a = await open('a')
  const b = await open('b', { inBackground: true })
  const c = await open('c', { inBackground: true })
  stream()
  for (const [from, to, name] of [
    [a, b, 'b'],
    [b, a, 'a'],
  ] as const) {
    await show(from, 'hidden')
    await show(to, 'visible')
    await expect.poll(leader).toBe(name)
  }
  const last = await end()
  for (const tab of [a, b, c]) await expect.poll(() => record(tab)).toEqual(count(1, last))
  await expectOneSocket()
  expect((await connections()).map(({ recovered }) => recovered)).toEqual([false, true, true])
})

test('the tab that leads goes to the back on a server without recovery - it goes on leading', async ({
  bench,
}) => {
  const { open, emit, leader, connections } = await setUp(bench, {}, { recovery: false })
  const a = await open('a')
  const b = await open('b', { inBackground: true })
  await emit()
  await show(a, 'hidden')
  await show(b, 'visible')
  await pause(1300)
  expect([await leader(), (await connections()).length]).toEqual(['a', 1])
})
