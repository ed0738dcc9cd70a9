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
async function setUp(bench: Bench, options: object = {}, { recovery = true, file = 'dashboard' as WorkerFile } = {}) {
  const socketIo = await bench.server({ recovery })
  const server = file === 'websocket' ? ((await bench.websocketServer()) as never as typeof socketIo) : socketIo
  const url = await server.url()
  bench.serve({ url: file === 'websocket' ? `${url.replace('http', 'ws')}/ws` : url, ...QUICK, ...options }, file)
  let last = 0
  let stop = () => Promise.resolve()

  const settings = (name: string, more: Partial<TabSettings>) => ({
    name,
    dedicated: true,
    panels: ['errors'],
    ...more,
  })

  async function open(name: string, more: Partial<TabSettings> = {}, how: 'frame' | 'page' | 'alone' = 'frame') {
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

test('three tabs with dedicated workers - one socket, and every tab gets every event once', async ({ bench }) => {
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
