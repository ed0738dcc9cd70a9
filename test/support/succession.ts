import { expect } from 'vitest'
import type { TestServer } from './server'
import { type Bench, isLive, type Remote, type Tab } from './setup'
import type { TabSettings } from './tab'

/** What tests of a worker that ends, or begins anew, look at. */

export const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }

/** How long a page may take until it sees that its worker has ended, in ms: the browser has to tell it. */
const NEWS = 1000

type Server = Remote<TestServer>

/** What the tab has received, in order: the numbers of events, and the causes of gaps. */
export const record = (tab: Tab): Promise<readonly (number | string)[]> =>
  tab.run(({ received }) =>
    received.map((each) => ('cause' in each ? each.cause : (each.data as { n: number }).n)),
  )

/** Keeps the page's thread busy for this many ms. */
export const block = (tab: Tab, time: number): Promise<void> =>
  tab.run((_, time) => {
    const until = Date.now() + time
    while (Date.now() < until);
  }, time)

/** Tells the worker to die, and keeps the page's thread busy from that moment on for this many ms. */
export const dieAndBlock = ({ id }: Bench, tab: Tab, time: number): Promise<void> =>
  tab.run(
    (_, name, time) => {
      const channel = new BroadcastChannel(name)
      channel.postMessage('die')
      channel.close()
      const until = Date.now() + time
      while (Date.now() < until);
    },
    `worker ${id}`,
    time,
  )

/** Opens pages with the panel `errors`, which have received the events 1 to 3, and log when their status changes. */
export async function openTabs(
  bench: Bench,
  server: Server,
  count: number,
  settings: Partial<TabSettings> = {},
): Promise<readonly [Tab, Tab, ...Tab[]]> {
  const tabs: Tab[] = []
  for (let n = 0; n < count; n += 1) tabs.push(await bench.page({ panels: ['errors'], ...settings }))
  for (const tab of tabs) await isLive(tab)
  await server.emitMany('errors', 'row', 1, 3)
  for (const tab of tabs) {
    await expect.poll(() => record(tab)).toEqual([1, 2, 3])
    await tab.run(({ line }) => {
      const turns: [number, string][] = []
      Object.assign(window, { turns })
      line.on('status', ({ state }) => turns.push([Date.now(), state]))
    })
  }
  return tabs as [Tab, Tab, ...Tab[]]
}

export const turnsOf = (tab: Tab): Promise<readonly (readonly [at: number, state: string])[]> =>
  tab.run(() => (window as unknown as { turns: [number, string][] }).turns)

/** The server has had one connection after the other, and this tab was not online in between. */
export async function expectHonest(server: Server, tab: Tab): Promise<void> {
  const { connections, handshakes } = await server.state()
  const [{ closedAt = Infinity } = {}, { openedAt = 0 } = {}] = connections
  expect(connections.length).toBe(2)
  expect(openedAt).toBeGreaterThanOrEqual(closedAt)
  const turns = await turnsOf(tab)
  const [endedAt = Infinity] = turns.find(([, state]) => state !== 'online') ?? []
  expect(endedAt).toBeLessThan(closedAt + NEWS)
  const [onlineAt = 0] = turns.find(([at, state]) => at > endedAt && state === 'online') ?? []
  // The server answers the handshake before it counts the connection.
  expect(onlineAt).toBeGreaterThanOrEqual(handshakes[1]?.at ?? Infinity)
}

/** Every tab is served by one worker, over one connection, and gets the events `from` to `from + 2` next. */
export async function expectServed(server: Server, tabs: readonly Tab[], from: number): Promise<void> {
  for (const tab of tabs) await isLive(tab)
  await server.emitMany('errors', 'row', from, from + 2)
  for (const tab of tabs) {
    await expect.poll(async () => (await record(tab)).slice(-3)).toEqual([from, from + 1, from + 2])
    const numbers = (await record(tab)).filter((each) => typeof each === 'number')
    expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
    expect(await tab.run(({ log }) => log.error)).toEqual([])
  }
  const { connected, rooms } = await server.state()
  expect([connected, rooms]).toEqual([1, [['errors', 'stats']]])
  const workers = await Promise.all(
    tabs.map((tab) => tab.run(async ({ line }) => (await line.inspect()).incarnation)),
  )
  expect(new Set(workers).size).toBe(1)
}
