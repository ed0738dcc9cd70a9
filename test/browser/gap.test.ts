import { expect } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }
/** What a tab received, in order: the numbers of events, without replayed ones, and the rooms of gaps. */
const record = (tab: Tab) =>
  tab.run(({ received }) =>
    received.flatMap((each): (string | number)[] => {
      if ('rooms' in each) return each.rooms.map((room) => `gap ${room}`)
      return each.replayed ? [] : [(each.data as { n: number }).n]
    }),
  )

type Server = Awaited<ReturnType<Bench['server']>>

/** The tab receives the events 1 and 2. */
async function getsTwoEvents(server: Server, tab: Tab) {
  await isLive(tab)
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => record(tab)).toEqual([1, 2])
}

/** A page that has missed the events 3 and 4 has a gap, and then the events 5 and 6. */
async function expectGapBeforeNext(server: Server, tab: Tab) {
  await server.emitMany('errors', 'row', 5, 6)
  await expect.poll(() => record(tab)).toContain(6)
  expect((await record(tab)).filter((each) => each !== 'gap stats')).toEqual(['gap errors', 5, 6])
}

test('the server cannot recover an outage - a gap is reported before the next event', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['errors'] })]
  const other = await bench.frame({ panels: ['tmux'] })
  for (const tab of tabs) await isLive(tab)
  await expect.poll(() => other.run(({ line }) => line.panel('tmux').state)).toBe('live')
  await server.emitMany('errors', 'row', 1, 2)
  for (const tab of tabs) await expect.poll(() => record(tab)).toEqual([1, 2])
  const before = Date.now()
  await server.cut()
  await server.emitMany('errors', 'row', 3, 4)
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  await server.emitMany('errors', 'row', 5, 6)
  for (const tab of tabs) {
    await expect.poll(() => record(tab)).toContain(6)
    const heard = await record(tab)
    expect(heard.filter((each) => each !== 'gap stats')).toEqual([1, 2, 'gap errors', 5, 6])
    const [gap] = await tab.run(({ log }) => log.gap)
    expect(gap).toMatchObject({ cause: 'link' })
    expect(gap?.from).toBeLessThanOrEqual(before)
    expect(gap?.to).toBeGreaterThanOrEqual(before)
  }
  await expect.poll(() => other.run(({ log }) => log.gap.map(({ rooms }) => rooms))).toEqual([['tmux']])
})

test('an outage - each tab gets one gap with all its rooms, before any of them is live', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const all = await bench.page({ panels: ['overview', 'errors', 'tmux'] })
  const some = await bench.frame({ panels: ['errors'] })
  for (const panel of ['overview', 'errors', 'tmux']) await isLive(all, panel)
  await isLive(some)
  for (let round = 1; round <= 2; round += 1) {
    await all.run(({ line, log }) => {
      const live: number[] = []
      line.on('panels', () => line.panel('errors').state === 'live' && live.push(log.gap.length))
      Object.assign(window, { live })
    })
    await server.cut()
    await expect.poll(() => all.run(({ log }) => log.gap.length)).toBe(round)
    for (const panel of ['overview', 'errors', 'tmux']) await isLive(all, panel)
    expect(await all.run(() => (window as unknown as { live: number[] }).live[0])).toBe(round)
  }
  // Any further gap would come before this event.
  await server.emitMany('errors', 'row', 1, 1)
  for (const tab of [all, some]) await expect.poll(() => record(tab)).toContain(1)
  const gaps = (tab: Tab) =>
    tab.run(({ log }) => log.gap.map(({ rooms, cause }) => [cause, rooms.toSorted()]))
  expect(await gaps(all)).toEqual(Array(2).fill(['link', ['activity', 'errors', 'stats', 'tmux']]))
  expect(await gaps(some)).toEqual(Array(2).fill(['link', ['errors', 'stats']]))
})

test('one join is never answered - the gap of the other rooms is reported soon anyway', async ({ bench }) => {
  const server = await bench.server({ silent: ['tmux'] })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors', 'tmux'] })
  await isLive(tab)
  await server.cut()
  await expect
    .poll(() => tab.run(({ log }) => log.gap.map(({ rooms }) => rooms.toSorted())))
    .toEqual([['errors', 'stats']])
  await isLive(tab)
  expect(await tab.run(({ line }) => line.panel('tmux').state)).toBe('joining')
})

test('a recovered session - no gap is reported', async ({ bench }) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), retry: { first: 200, every: 200 } })
  const tab = await bench.page({ panels: ['errors'] })
  await getsTwoEvents(server, tab)
  await server.cut()
  await server.emitMany('errors', 'row', 3, 4)
  await expect.poll(() => record(tab)).toEqual([1, 2, 3, 4])
})

test('the worker dies - its pages get a gap, and no event twice', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await getsTwoEvents(server, tab)
  bench.worker('die')
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await isLive(tab)
  await expect.poll(() => record(tab)).toContain('gap errors')
  await server.emitMany('errors', 'row', 3, 4)
  await expect.poll(() => record(tab)).toContain(4)
  expect((await record(tab)).filter((each) => each !== 'gap stats')).toEqual([1, 2, 'gap errors', 3, 4])
  expect(await tab.run(({ log }) => log.gap.map(({ rooms, cause }) => [cause, rooms.toSorted()]))).toEqual([
    ['worker', ['errors', 'stats']],
  ])
})

test('a tab reloads during an outage - it gets the gap when it subscribes again', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page()
  await tab.run(({ subscribe }) => void subscribe('errors'))
  await isLive(tab)
  await server.stop()
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  await tab.reload()
  await server.start()
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  await server.emitMany('errors', 'row', 5, 5)
  await tab.run(({ subscribe }) => void subscribe('errors'))
  await expect.poll(() => tab.run(({ received }) => received.length)).toBe(2)
  expect(await tab.run(({ log }) => log.gap.map(({ rooms }) => rooms.toSorted()))).toEqual([
    ['errors', 'stats'],
  ])
  expect(await tab.run(({ received }) => 'rooms' in (received[0] ?? {}))).toBe(true)
})

test('a tab with many panels reloads during an outage - it gets one gap for all of them', async ({
  bench,
}) => {
  const server = await bench.server()
  // The page subscribes late, and on a slow machine later.
  bench.serve({ url: await server.url(), ...QUICK, grace: 10_000 })
  const tab = await bench.page()
  const subscribe = () =>
    tab.run(({ subscribe }) => void ['overview', 'errors', 'tmux', 'vault'].map(subscribe))
  await subscribe()
  for (const panel of ['overview', 'errors', 'tmux', 'vault']) await isLive(tab, panel)
  await server.stop()
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  await tab.reload()
  await server.start()
  const inside = () => tab.run(async ({ line }) => (await line.inspect()).rooms.map(({ state }) => state))
  await expect.poll(inside).toEqual(Array(5).fill('live'))
  for (const room of ['stats', 'tmux']) await server.emitMany(room, 'row', 5, 5)
  await expect.poll(() => tab.run(async ({ line }) => (await line.inspect()).tabs[0]?.waiting)).toBe(4)
  await subscribe()
  await expect.poll(() => record(tab)).toContain(5)
  for (const panel of ['overview', 'errors', 'tmux', 'vault']) await isLive(tab, panel)
  expect(await tab.run(({ log }) => log.gap.map(({ rooms }) => rooms.toSorted()))).toEqual([
    ['activity', 'errors', 'secret', 'stats', 'tmux'],
  ])
  expect(await tab.run(({ received }) => 'cause' in (received[0] ?? {}))).toBe(true)
})

/** The tab has left its page. Firefox closes the connection of a page that is left before that. */
const isAway = (tab: Tab) =>
  expect.poll(() => tab.run(() => location.href).catch(() => undefined)).toBe('about:blank')

for (const [how, settings, options] of [
  ['after the grace period', {}, { grace: 300 }],
  ['with a new dedicated worker and no IndexedDB', { dedicated: true }, { database: 'missing' }],
  ['with a new shared worker and no IndexedDB', { extendedLifetime: false }, { database: 'missing' }],
  [
    'with a new dedicated worker of its own, whose IndexedDB hangs',
    { dedicated: true, connect: { share: false } },
    { database: 'hangs' },
  ],
] as const) {
  test(`a tab reloads ${how} - it gets a gap before the next event`, async ({ bench }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK, ...options })
    const stays = 'grace' in options ? await bench.frame({ panels: ['tmux'] }) : undefined
    const tab = await bench.page({ panels: ['errors'], ...settings })
    await getsTwoEvents(server, tab)
    const address = await tab.run(() => location.href)
    const before = Date.now()
    // Not kept in the back/forward cache, where its worker would stay alive: no history leads back to the page.
    await tab.run(() => void setTimeout(() => location.replace('about:blank')))
    if (stays)
      await expect.poll(async () => (await stays.run(({ line }) => line.inspect())).tabs).toHaveLength(1)
    else await expect.poll(async () => (await server.state()).connected).toBe(0)
    await isAway(tab)
    await server.emitMany('errors', 'row', 3, 4)
    await tab.goto(address)
    await isLive(tab)
    await expectGapBeforeNext(server, tab)
    const [gap] = await tab.run(({ log }) => log.gap)
    expect(gap?.from).toBeLessThanOrEqual(before)
    expect(gap?.to).toBeGreaterThanOrEqual(before)
  })
}

test('the browser cuts a page off while it says goodbye - the next page gets a gap before the next event', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, database: 'missing' })
  const tab = await bench.page({ panels: ['errors'], dedicated: true })
  await getsTwoEvents(server, tab)
  const address = await tab.run(() => location.href)
  // Firefox ends one listener of a page that it leaves, at any place.
  await tab.run(
    () =>
      void setTimeout(() => {
        MessagePort.prototype.postMessage = () => {
          throw new Error('cut off')
        }
        location.replace('about:blank')
      }),
  )
  await expect.poll(async () => (await server.state()).connected).toBe(0)
  await isAway(tab)
  await server.emitMany('errors', 'row', 3, 4)
  await tab.goto(address)
  await isLive(tab)
  await expectGapBeforeNext(server, tab)
})

test('a frozen page is discarded with its worker - the restored page gets a gap', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, database: 'missing' })
  const tab = await bench.page({ panels: ['errors'], dedicated: true })
  await getsTwoEvents(server, tab)
  const storage = await tab.run(() => {
    document.dispatchEvent(new Event('freeze'))
    return { ...sessionStorage }
  })
  // A discarded page sends no `pagehide`.
  await tab.crash()
  await server.emitMany('errors', 'row', 3, 4)
  const back = await bench.page({ panels: ['errors'], dedicated: true, storage })
  await isLive(back)
  await expectGapBeforeNext(server, back)
})
