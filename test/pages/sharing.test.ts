import { expect, onTestFinished } from 'vitest'
import { readDatabase } from '../support/database'
import type { TestServerOptions } from '../support/server'
import { type Bench, isLive, type Tab, test } from '../support/setup'
import type { Report, TabSettings, TabWindow } from '../support/tab'

/** Tabs whose factory returns a dedicated `Worker` share one connection: one tab's worker serves, those of the others relay to it. */

const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }

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

/** The part of a test server that all kinds have. */
interface Served {
  state(): Promise<{
    readonly connections: readonly { readonly openedAt: number; readonly closedAt?: number }[]
  }>
}

const longestWait = ({ longestWait }: TabWindow, since: number) => longestWait(since)

/** Tabs of one user on a Socket.IO server. */
async function setUp(bench: Bench, options: TestServerOptions = {}) {
  const server = await bench.server({ recovery: true, ...options })
  const url = await server.url()
  bench.serve({ url, ...QUICK })
  const send = (from: number, to: number) => server.emitMany('errors', 'row', from, to)
  return { server, url, ...tabsOf(bench, server, send) }
}

/** Tabs of one user. `send` sends the events `from` to `to`. */
function tabsOf<S extends Served>(
  bench: Bench,
  server: S,
  send: (from: number, to: number) => Promise<unknown>,
) {
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
        await send(last, last)
        await pause(20)
      }
    })()
    // After a test that failed, there is no server any more.
    sending.catch(() => {})
    stop = () => {
      isOver = true
      return sending
    }
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

  const connections = async () =>
    (await server.state()).connections as Awaited<ReturnType<S['state']>>['connections']

  return {
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
      await send(from, last)
      return last
    },
    leader,
    /**
     * Waits until another tab leads, and each of these tabs has had one of the next events. Resolves to the longest that one of them waited
     * for an event of the stream since the fault.
     */
    async takenOver(tabs: readonly Pick<Tab, 'run'>[], from: string, since: number) {
      await expect.poll(async () => [undefined, from].includes(await leader())).toBe(false)
      await served(tabs)
      return Math.max(...(await Promise.all(tabs.map((tab) => tab.run(longestWait, since)))))
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

test('most tabs show the same panel - its events are posted once for all that follow, and every tab gets its own, in order', async ({
  bench,
}) => {
  const { server, open, settings, emit } = await setUp(bench)
  const tabs = [await open('a'), await open('b'), await open('c'), await open('d')]
  const other = await bench.frame(settings('e', { panels: ['tmux'] }))
  await isLive(other, 'tmux')
  const { held = [] } = await navigator.locks.query()
  const posted: { readonly pages: number; readonly events: number }[] = []
  for (const { name = '' } of held) {
    if (!name.includes(bench.id) || !name.includes('/worker/')) continue
    const channel = new BroadcastChannel(`${name}/events`)
    onTestFinished(() => channel.close())
    channel.onmessage = ({ data: { events, to } }) =>
      posted.push({ pages: to.size, events: JSON.parse(events).length })
  }
  await emit(50)
  await server.emitMany('tmux', 'row', 1, 5)
  await emit(50)
  for (const tab of tabs) await expect.poll(() => record(tab)).toEqual(count(1, 100))
  await expect
    .poll(() => other.run(({ events }) => events.map(({ data }) => (data as { n: number }).n)))
    .toEqual(count(1, 5))
  expect(new Set(posted.map(({ pages }) => pages))).toEqual(new Set([3]))
  expect(posted.reduce((sum, { events }) => sum + events, 0)).toBe(100)
})

const LEADER_FAULTS = {
  'is closed': (tab: Tab) => tab.close(),
  'navigates away': (tab: Tab) => tab.goto('about:blank'),
  crashes: (tab: Tab) => tab.crash(),
  reloads: (tab: Tab) => tab.reload(),
}
for (const faults of [['is closed', 'crashes', 'reloads'], ['navigates away']] as const) {
  test(`five tabs, and the tab that leads ${faults.join(', ')} - another takes over within 2 s, with one socket, and nothing is lost`, async ({
    bench,
  }) => {
    if (faults[0] === 'navigates away') bench.needs('an end by navigation')
    const { open, stream, end, leader, served, takenOver, connections, expectOneSocket } = await setUp(bench)
    const tabs = new Map<string, Tab>()
    for (const name of ['a', 'b', 'c', 'd', 'e']) tabs.set(name, await open(name, {}, 'page'))
    stream()
    await served([...tabs.values()])
    const took: Record<string, number> = {}
    for (const fault of faults) {
      const name = (await leader()) as string
      const goes = tabs.get(name) as Tab
      const since = Date.now()
      tabs.delete(name)
      await LEADER_FAULTS[fault](goes)
      took[fault] = await takenOver([...tabs.values()], name, since)
      if (fault === 'reloads') tabs.set(name, goes)
    }
    await served([...tabs.values()])
    const last = await end()
    for (const tab of tabs.values()) await expect.poll(() => record(tab)).toEqual(count(1, last))
    await expectOneSocket()
    expect((await connections()).map(({ recovered }) => recovered)).toEqual([
      false,
      ...faults.map(() => true),
    ])
    for (const each of Object.values(took)) expect(each).toBeLessThan(TAKEOVER)
  })
}

test('the tab that leads is frozen, and thaws - another takes over within 2 s, and the first one follows, with nothing lost or twice, whatever the `timeout`', async ({
  bench,
}) => {
  const { open, settings, stream, end, served, leader, takenOver, connections } = await setUp(bench)
  const frozen = await bench.freezable(settings('a', {}))
  await isLive(frozen)
  const tabs = [await open('b', { connect: { timeout: 400 } }), await open('c')]
  stream()
  await served([frozen, ...tabs])
  const since = Date.now()
  await frozen.freeze(true)
  expect(await takenOver(tabs, 'a', since)).toBeLessThan(TAKEOVER)
  // A frozen tab cannot close its socket.
  expect((await connections()).filter(({ open }) => open)).toHaveLength(2)
  await frozen.freeze(false)
  await expect.poll(async () => (await connections()).filter(({ open }) => open)).toHaveLength(1)
  await served([frozen, ...tabs])
  const last = await end()
  for (const tab of [frozen, ...tabs]) {
    await expect.poll(() => record(tab)).toContain(last)
    expectNoneLostInSilence(await record(tab))
  }
  expect(await leader()).not.toBe('a')
  expect(await connections()).toHaveLength(2)
  // A worker that waits for one that is frozen is not taken for one that hangs.
  for (const tab of tabs) expect(await tab.run(({ started }) => started())).toBe(1)
})

test('the tab that leads is closed, and the one that waits longest for its place is frozen - a third one takes over within 2 s and goes on with the session, and the frozen one follows when it thaws', async ({
  bench,
}) => {
  const { open, settings, stream, end, served, leader, takenOver, connections } = await setUp(bench)
  const first = await open('a')
  const frozen = await bench.freezable(settings('b', {}))
  await isLive(frozen)
  const third = await open('c')
  stream()
  await served([first, frozen, third])
  await frozen.freeze(true)
  const since = Date.now()
  await first.close()
  expect(await takenOver([third], 'a', since)).toBeLessThan(TAKEOVER)
  await frozen.freeze(false)
  await served([frozen, third])
  const last = await end()
  for (const tab of [frozen, third]) {
    await expect.poll(() => record(tab)).toContain(last)
    expectNoneLostInSilence(await record(tab))
  }
  expect(await leader()).toBe('c')
  expect((await connections()).map(({ recovered }) => recovered)).toEqual([false, true])
  expect(await record(third)).toEqual(count(1, last))
})

test('the worker that serves spins - another takes over within 2 s, and it ends before it delivers or sends anything', async ({
  bench,
}) => {
  const { server, open, stream, end, served, takenOver, connections } = await setUp(bench)
  const tabs = [await open('a'), await open('b'), await open('c')]
  stream()
  await served(tabs)
  const since = Date.now()
  bench.worker({ tab: 'a', order: 5000 })
  await tabs[1]?.run(({ line }) => void line.send('alarm:ack', { n: 1 }, { keep: 'k' }).catch(() => {}))
  expect(await takenOver(tabs.slice(1), 'a', since)).toBeLessThan(TAKEOVER)
  await expect.poll(async () => (await connections()).filter(({ open }) => open)).toHaveLength(1)
  await served(tabs)
  const last = await end()
  for (const tab of tabs) {
    await expect.poll(() => record(tab)).toContain(last)
    expectNoneLostInSilence(await record(tab))
  }
  expect(await tabs[0]?.run(({ started }) => started())).toBe(2)
  expect((await server.messages()).map(({ id }) => id)).toEqual(['k'])
})

test('the worker that serves hangs in the middle of a write to the database - another takes over within 2 s, without the database', async ({
  bench,
}) => {
  const { url, open, stream, end, served, takenOver } = await setUp(bench)
  const tabs = [await open('a'), await open('b'), await open('c')]
  stream()
  await served(tabs)
  const since = Date.now()
  bench.worker({ tab: 'a', order: { write: { database: bench.database(url), ms: 6000 } } })
  expect(await takenOver(tabs.slice(1), 'a', since)).toBeLessThan(TAKEOVER)
  await served(tabs)
  const last = await end()
  for (const tab of tabs) {
    await expect.poll(() => record(tab)).toContain(last)
    expectNoneLostInSilence(await record(tab))
  }
})

test('a tab reloads while the worker that serves hangs in the middle of a write - it gets all its panels back', async ({
  bench,
}) => {
  const { url, open, leader } = await setUp(bench)
  await open('a')
  const tab = await open('b', {}, 'page')
  await open('c')
  await tab.run(({ line }) => void line.subscribe('tmux', () => {}))
  await isLive(tab, 'tmux')
  await expect.poll(async () => JSON.stringify(await readDatabase(bench.database(url)))).toContain('tmux')
  bench.worker({ tab: 'a', order: { write: { database: bench.database(url), ms: 8000 } } })
  await tab.reload()
  await isLive(tab)
  expect(await leader()).toBe('c')
  expect(await tab.run(({ line }) => line.restored)).toEqual(['errors', 'tmux'])
})

test('the pages have the tokens, and the tab that leads is closed - the next one dials once, with a token, and nothing is lost', async ({
  bench,
}) => {
  const { server, open, stream, end, served, takenOver } = await setUp(bench, { tokens: ['good'] })
  const own = { token: 'good' }
  const [a, b, c] = [await open('a', own), await open('b', own), await open('c', own)]
  stream()
  // A session of which nothing has arrived cannot be resumed.
  await served([a, b, c])
  const since = Date.now()
  await a.close()
  expect(await takenOver([b, c], 'a', since)).toBeLessThan(TAKEOVER)
  const last = await end()
  for (const tab of [b, c]) await expect.poll(() => record(tab)).toEqual(count(1, last))
  expect((await server.state()).handshakes.map(({ accepted }) => accepted)).toEqual([true, true])
})

test('a lone tab is frozen, and another one is opened meanwhile - it serves, and the first one follows it', async ({
  bench,
}) => {
  const { open, settings, stream, end, served, leader, connections } = await setUp(bench)
  const frozen = await bench.freezable(settings('a', {}))
  await isLive(frozen)
  stream()
  await frozen.freeze(true)
  const other = await open('b')
  expect(await leader()).toBe('b')
  expect(await other.run(({ started, log }) => [started(), log.error])).toEqual([1, []])
  await frozen.freeze(false)
  await expect.poll(async () => (await connections()).filter(({ open }) => open)).toHaveLength(1)
  await served([frozen, other])
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
    const { open, stream, end, expectOneSocket, served } = await setUp(bench, { recovery })
    const tabs = [await open('a', {}, 'page'), await open('b', {}, 'page'), await open('c', {}, 'page')]
    stream()
    for (let round = 0; round < 2; round += 1) {
      await served(tabs)
      await Promise.all(tabs.map((tab) => tab.reload()))
      for (const tab of tabs) await isLive(tab)
    }
    await served(tabs)
    const last = await end()
    for (const tab of tabs) {
      await expect.poll(() => record(tab)).toContain(last)
      expectNoneLostInSilence(await record(tab))
      if (!recovery) expect(await record(tab)).toContain('worker')
    }
    await expectOneSocket()
  })

for (const name of ['a', 'b'])
  test(`tab ${name} goes into the back/forward cache and comes back, while tab a leads - no tab loses anything in silence`, async ({
    bench,
  }) => {
    bench.needs('back/forward cache')
    const { open, stream, end, served } = await setUp(bench)
    const tabs = { a: await open('a', {}, 'page'), b: await open('b', {}, 'page'), c: await open('c') }
    const goes = tabs[name as 'a']
    stream()
    await served(Object.values(tabs))
    await goes.run(() => void setTimeout(() => location.assign('/test/support/rerun.html')))
    await served(Object.values({ ...tabs, [name]: tabs.c }))
    await pause(1000)
    await goes.run(() => void setTimeout(() => history.back()))
    await served(Object.values(tabs))
    const last = await end()
    // The browser may have dropped the page from the cache, and another tab may lead by now.
    for (const tab of Object.values(tabs)) {
      await expect.poll(() => record(tab)).toContain(last)
      expectNoneLostInSilence(await record(tab))
    }
  })

test('the tab that leads is closed on a server without recovery - the others get a gap before the next event', async ({
  bench,
}) => {
  const { open, stream, end, served, takenOver, expectOneSocket } = await setUp(bench, { recovery: false })
  const [a, ...tabs] = [await open('a'), await open('b'), await open('c')] as [Tab, Tab, Tab]
  stream()
  await served([a, ...tabs])
  const since = Date.now()
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
  const { open, stream, end, leader, served, connections, expectOneSocket } = await setUp(bench)
  const a = await open('a')
  const b = await open('b', { inBackground: true })
  const c = await open('c', { inBackground: true })
  stream()
  await served([a, b, c])
  for (const [from, to, name] of [
    [a, b, 'b'],
    [b, a, 'a'],
  ] as const) {
    await show(from, 'hidden')
    await show(to, 'visible')
    await expect.poll(leader).toBe(name)
    // It has connected.
    await served([a, b, c])
  }
  const last = await end()
  for (const tab of [a, b, c]) await expect.poll(() => record(tab)).toEqual(count(1, last))
  await expectOneSocket()
  expect((await connections()).map(({ recovered }) => recovered)).toEqual([false, true, true])
})

test('the tab that leads goes to the back on a server without recovery - it goes on leading', async ({
  bench,
}) => {
  const { open, emit, leader, connections } = await setUp(bench, { recovery: false })
  const a = await open('a')
  const b = await open('b', { inBackground: true })
  await emit()
  await show(a, 'hidden')
  await show(b, 'visible')
  await pause(1300)
  expect([await leader(), (await connections()).length]).toEqual(['a', 1])
})

for (const from of ['a', 'b'] as const)
  test(`the user signs out in tab ${from}, while tab a leads - the lines of all tabs are closed, all data is deleted, and another user stays`, async ({
    bench,
  }) => {
    const { server, url, open, emit, connections } = await setUp(bench)
    const tabs = { a: await open('a'), b: await open('b'), c: await open('c') }
    const other = await open('other', { connect: { user: `${bench.id} bob` } })
    await emit(3)
    for (const tab of [...Object.values(tabs), other]) await expect.poll(() => record(tab)).toEqual([1, 2, 3])
    expect(await connections()).toHaveLength(2)
    const kept = () => readDatabase(bench.database(url))
    expect(Object.keys(await kept()).length).toBeGreaterThan(3)
    await tabs[from].run(({ line }) => line.signOut())
    for (const tab of Object.values(tabs))
      await expect
        .poll(() => tab.run(({ line, log }) => `${line.status.state} ${log.signout.length}`))
        .toBe('closed 1')
    await expect.poll(kept).toEqual({})
    await expect.poll(async () => (await server.state()).connected).toBe(1)
    expect(await other.run(({ line }) => line.status.state)).toBe('online')
    await isLive(await open('d'))
    expect(await connections()).toHaveLength(3)
  })

test('the tab that leads hangs, and the user signs out in another one - all lines are closed, and nothing is stored', async ({
  bench,
}) => {
  const { server, url, open } = await setUp(bench)
  const tabs = [await open('a'), await open('b'), await open('c')] as const
  bench.worker({ tab: 'a', order: 2200 })
  await tabs[1].run(({ line }) => line.signOut())
  for (const tab of tabs)
    await expect
      .poll(() =>
        tab.run(({ line, log }) => `${line.status.state} ${log.signout.length} ${log.error.length}`),
      )
      .toBe('closed 1 0')
  await expect.poll(async () => (await server.state()).connected).toBe(0)
  expect(await readDatabase(bench.database(url))).toEqual({})
})

test('tabs that follow call retry, disconnect, connect, inspect and unsent - they mean the connection of all', async ({
  bench,
}) => {
  const { server, open, connections } = await setUp(bench)
  const [a, b] = [await open('a'), await open('b')]
  const isState = (tab: Tab, state: string) =>
    expect.poll(() => tab.run(({ line }) => line.status.state)).toBe(state)
  const snapshot = await b.run(({ line }) => line.inspect())
  expect(snapshot.tabs).toHaveLength(2)
  expect(snapshot.incarnation).toBe((await a.run(({ line }) => line.inspect())).incarnation)
  await b.run(({ line }) => line.disconnect())
  for (const tab of [a, b]) await isState(tab, 'paused')
  await b.run(({ line }) => line.send('alarm:ack', { n: 1 }, { keep: '1' }))
  expect(await a.run(async ({ line }) => (await line.unsent()).map(({ id }) => id))).toEqual(['1'])
  expect(await b.run(async ({ line }) => (await line.unsent()).map(({ id }) => id))).toEqual(['1'])
  await b.run(({ line }) => line.connect())
  for (const tab of [a, b]) {
    await isState(tab, 'online')
    await expect
      .poll(() => tab.run(({ log }) => log.kept.map(({ id, outcome }) => `${id} ${outcome}`)))
      .toEqual(['1 acknowledged'])
  }
  await server.refuse(true)
  for (const tab of [a, b])
    await expect.poll(() => tab.run(({ line }) => line.status.state)).not.toBe('online')
  await server.refuse(false)
  await b.run(({ line }) => line.retry())
  for (const tab of [a, b]) await isState(tab, 'online')
  expect((await connections()).filter(({ open }) => open)).toHaveLength(1)
})

test('a tab has called disconnect, and the tab that leads crashes, hangs, is closed - no other connects until a tab calls connect', async ({
  bench,
}) => {
  const { open, settings, leader, connections } = await setUp(bench)
  const [a, b, c, d] = [
    await open('a', {}, 'page'),
    await open('b', {}, 'page'),
    await open('c'),
    await open('d'),
  ]
  const isState = (tab: Tab, state: string) =>
    expect.poll(() => tab.run(({ line }) => line.status.state)).toBe(state)
  const isLed = async (tabs: readonly Tab[], from: string) => {
    await expect.poll(async () => [undefined, from].includes(await leader())).toBe(false)
    const name = await leader()
    for (const tab of tabs) {
      await expect
        .poll(() => tab.run(async ({ line }) => (await line.inspect()).timeline.length).catch(() => 0))
        .toBeGreaterThan(0)
      await isState(tab, 'paused')
    }
    return name
  }
  await c.run(({ line }) => line.disconnect())
  for (const tab of [a, b, c, d]) await isState(tab, 'paused')
  await a.crash()
  const next = await isLed([b, c, d], 'a')
  bench.worker({ tab: next as string, order: 8000 })
  const third = await isLed([b, c, d], next as string)
  const tabs: Record<string, Tab> = { b, c, d }
  await tabs[third as string]?.close()
  delete tabs[third as string]
  await isLed(Object.values(tabs), third as string)
  // A new tab does not undo it either.
  const late = await bench.frame(settings('late', {}))
  await isState(late, 'paused')
  expect(await connections()).toHaveLength(1)
  await late.run(({ line }) => line.connect())
  for (const tab of [late, ...Object.values(tabs)]) await isState(tab, 'online')
  expect(await connections()).toHaveLength(2)
})

test('tabs send, and the tab that leads is closed - each message is answered or fails honestly, and kept ones arrive', async ({
  bench,
}) => {
  const { server, open, takenOver, stream, end } = await setUp(bench)
  const [a, b] = [await open('a'), await open('b')]
  stream()
  expect(await b.run(({ send }) => send('alarm:ack', 1))).toEqual({ answer: { got: 1 } })
  await server.answer('slow', 'nothing')
  await server.answer('kept', 'nothing')
  await b.run(({ send }) => void Object.assign(window, { sending: send('slow', 2, { timeout: 10_000 }) }))
  await b.run(({ line }) => line.send('kept' as 'alarm:ack', { n: 3 }, { keep: 'k' }))
  await expect.poll(async () => (await server.messages()).length).toBe(3)
  await server.answer('kept', { value: 'thanks' })
  const since = Date.now()
  await a.close()
  await takenOver([b], 'a', since)
  await end()
  expect(await b.run(() => (window as unknown as { sending: Promise<object> }).sending)).toMatchObject({
    reason: 'unanswered',
  })
  await expect
    .poll(() => b.run(({ log }) => log.kept.map(({ id, outcome }) => `${id} ${outcome}`)))
    .toEqual(['k acknowledged'])
  expect(await b.run(({ send }) => send('alarm:ack', 4))).toEqual({ answer: { got: 4 } })
  expect((await server.messages()).map(({ payload }) => payload)).toEqual([1, 2, { n: 3 }, { n: 3 }, 4])
})

test('the tab that leads is frozen with a kept message on its way - the next one delivers it, without waiting for the frozen one', async ({
  bench,
}) => {
  const { server, open, settings } = await setUp(bench)
  const frozen = await bench.freezable(settings('a', {}))
  await isLive(frozen)
  const b = await open('b')
  await server.answer('kept', 'nothing')
  await b.run(({ line }) => line.send('kept' as 'alarm:ack', { n: 1 }, { keep: 'k' }))
  await expect.poll(async () => (await server.messages()).length).toBe(1)
  await frozen.freeze(true)
  await server.answer('kept', { value: 'thanks' })
  await expect
    .poll(() => b.run(({ log }) => log.kept.map(({ id, outcome }) => `${id} ${outcome}`)))
    .toEqual(['k acknowledged'])
  expect((await server.messages()).map(({ id }) => id)).toEqual(['k', 'k'])
})

test("each event of `tab: 'one'` goes to one tab, and one tab has the lead of the line, whoever serves", async ({
  bench,
}) => {
  const { open, emit, takenOver, stream, end } = await setUp(bench)
  const channel = new BroadcastChannel(`one ${bench.id}`)
  onTestFinished(() => channel.close())
  const reports: Report[] = []
  channel.onmessage = ({ data }: MessageEvent<Report>) => void reports.push(data)
  const rang = () => reports.flatMap((each) => ('n' in each ? [`${each.tab} ${each.n}`] : []))
  const leads = () => reports.flatMap((each) => ('leads' in each ? [`${each.tab} ${each.leads}`] : []))
  const own = { one: ['errors'], leads: true, inBackground: true }
  const a = await open('a', own)
  const b = await open('b', own)
  await open('c', { ...own, inBackground: false })
  await expect.poll(() => leads().at(-1)).toBe('c true')
  await emit()
  await expect.poll(rang).toEqual(['c 1'])
  stream()
  const since = Date.now()
  await a.close()
  await takenOver([b], 'a', since)
  await expect.poll(() => rang().length).toBeGreaterThan(10)
  await end()
  expect(rang()).toEqual(rang().map((_, index) => `c ${index + 1}`))
  expect(leads().at(-1)).toBe('c true')
})

test('a tab of a newer build is opened - its worker serves; a tab of the earlier one follows it', async ({
  bench,
}) => {
  const { open, emit, leader, expectOneSocket } = await setUp(bench)
  const tabs = [await open('old')]
  await emit()
  await expect.poll(() => record(tabs[0] as Tab)).toEqual([1])
  bench.deploy('2')
  tabs.push(await open('new'))
  await expect.poll(leader).toBe('new')
  bench.deploy('')
  tabs.push(await open('late'))
  const last = await emit(2)
  for (const tab of tabs) await expect.poll(async () => (await record(tab)).at(-1)).toBe(last)
  expect(await record(tabs[0] as Tab)).toEqual([1, 2, 3])
  expect(await leader()).toBe('new')
  await expectOneSocket()
})

test('pages with two lines each, and the one that leads is closed - one socket, and each line gets its events', async ({
  bench,
}) => {
  const { server, open, stream, end, takenOver, expectOneSocket } = await setUp(bench)
  const [a, b] = [
    await open('a', { second: { panels: ['tmux'] } }),
    await open('b', { second: { panels: ['tmux'] } }),
  ]
  const second = () => b.run(({ lines }) => lines[1]?.events.map(({ data }) => (data as { n: number }).n))
  await expect.poll(() => b.run(({ lines }) => lines[1]?.line.panel('tmux').state)).toBe('live')
  stream()
  await server.emitMany('tmux', 'row', 1, 3)
  await expect.poll(second).toEqual([1, 2, 3])
  const since = Date.now()
  await a.close()
  await takenOver([b], 'a', since)
  await server.emitMany('tmux', 'row', 4, 6)
  await expect.poll(second).toEqual([1, 2, 3, 4, 5, 6])
  const last = await end()
  await expect.poll(() => record(b)).toEqual(count(1, last))
  await expectOneSocket()
})

for (const [why, settings] of [
  ['there are no locks', { host: 'plain.test' }],
  ['the option `share` is false', { connect: { share: false } }],
] as const)
  test(`${why} - each tab has a connection of its own`, async ({ bench }) => {
    const { open, emit, connections } = await setUp(bench)
    const tabs = [await open('a', settings, 'page'), await open('b', settings, 'page')]
    await emit()
    for (const tab of tabs) {
      await expect.poll(() => record(tab)).toEqual([1])
      expect(await tab.run(({ line }) => line.status.shared)).toBe(false)
    }
    expect(await connections()).toHaveLength(2)
  })

test('a plain WebSocket server - one socket, and the next tab takes over with a gap', async ({ bench }) => {
  const server = await bench.websocketServer()
  bench.serve({ url: await server.url(), ...QUICK }, 'websocket')
  const { open, stream, end, served, takenOver, expectOneSocket } = tabsOf(bench, server, (n) =>
    server.emit('errors', { type: 'row', room: 'errors', data: { n } }),
  )
  const [a, b, c] = [await open('a'), await open('b'), await open('c')]
  stream()
  await served([a, b, c])
  const since = Date.now()
  await a.close()
  expect(await takenOver([b, c], 'a', since)).toBeLessThan(TAKEOVER)
  const last = await end()
  for (const tab of [b, c]) {
    await expect.poll(() => record(tab)).toContain(last)
    expectNoneLostInSilence(await record(tab))
  }
  await expectOneSocket()
})

test('a script of the origin posts nonsense on the channels of the workers - nobody notices', async ({
  bench,
}) => {
  const { open, emit, leader, connections } = await setUp(bench)
  const tabs = [await open('a'), await open('b')]
  const { held = [] } = await navigator.locks.query()
  const names = held.flatMap(({ name = '' }) =>
    name.includes(bench.id) && (name.includes('/worker/') || name.endsWith('/sharing')) ? [name] : [],
  )
  expect(names).toHaveLength(3)
  const turn = names.find((each) => each.endsWith('/sharing'))
  for (const name of [...names, ...names.map((each) => `${each}/events`), `${turn}/pulse`]) {
    const channel = new BroadcastChannel(name)
    for (const nonsense of [
      null,
      { type: 'call', from: 'nobody', page: 1, call: 1, name: '__proto__', args: [] },
      { type: 'call', from: 'nobody', page: 1, call: 1, name: 'hello', args: [{}] },
      { type: 'post', from: 'nobody', page: 1 },
      { type: 'message', page: 'x', hello: 1 },
      { type: 'message', page: 1, hello: -1, message: { type: 'signout' } },
      { type: 'answer', from: 'nobody', call: 1, value: 1 },
      { type: 'candidate', from: 'nobody', candidate: {} },
      { type: 'handover', to: 'nobody', inheritance: {} },
      { type: 'beat', from: 1 },
      { type: 'serves' },
      { events: '[]', to: 1 },
    ])
      channel.postMessage(nonsense)
    channel.close()
  }
  await emit(3)
  for (const tab of tabs) await expect.poll(() => record(tab)).toEqual([1, 2, 3])
  expect(await tabs[1]?.run(({ log }) => log.error)).toEqual([])
  expect([await leader(), (await connections()).length]).toEqual(['a', 1])
})
