import { expect } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'

/** Navigates a page away, runs `act`, and navigates back to the cached page. */
async function whileAway(tab: Tab, act: () => Promise<void>) {
  await tab.run(() => {
    addEventListener('pageshow', ({ persisted }) => Object.assign(window, { persisted }))
  })
  await tab.goto('about:blank')
  await act()
  await tab.run(() => void setTimeout(() => history.back()))
  const isBack = () =>
    tab.run(() => (window as unknown as { persisted?: boolean }).persisted).catch(() => undefined)
  await expect.poll(isBack).toBe(true)
}

test('a page comes back from the back/forward cache - it is the same tab, and gets the events it missed', async ({
  bench,
}) => {
  bench.needs('back/forward cache')
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  const stays = await bench.frame({ panels: ['errors'] })
  const tab = await bench.page({ panels: ['errors'] })
  for (const each of [stays, tab])
    await expect.poll(() => each.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(2)

  await whileAway(tab, async () => {
    await server.emitMany('errors', 'row', 3, 1000)
    await expect.poll(() => stays.run(({ events }) => events.length)).toBe(1000)
  })
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(1000)
  expect(await tab.run(({ data }) => data().map((each) => (each as { n: number }).n))).toEqual(
    Array.from({ length: 1000 }, (_, n) => n + 1),
  )
  await server.emitMany('errors', 'row', 1001, 1001)
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(1001)
  const { connections } = await server.state()
  expect(connections.map(({ asked }) => asked.toSorted())).toEqual([['join errors', 'join stats']])
})

test('a page goes into the back/forward cache while a message waits for its answer - the call settles once it is back', async ({
  bench,
}) => {
  bench.needs('back/forward cache')
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.answer('slow', 'nothing')
  // Chromium drops a cached page to which a shared worker posts, so the page has to be back before that.
  await tab.run(({ send }) => void Object.assign(window, { sending: send('slow', 1, { timeout: 60_000 }) }))
  await expect.poll(async () => (await server.messages()).length).toBe(1)
  await whileAway(tab, async () => {})
  await server.cut()
  expect(await tab.run(() => (window as unknown as { sending: Promise<object> }).sending)).toMatchObject({
    reason: 'unanswered',
  })
  await isLive(tab)
  expect(await tab.run(({ send }) => send('alarm:ack', 2))).toEqual({ answer: { got: 2 } })
  expect((await server.messages()).map(({ payload }) => payload)).toEqual([1, 2])
})

/** What a tab received, in order: the numbers of events, and gaps in the room `errors`. */
const received = (tab: Tab) =>
  tab.run(({ received }) =>
    received.flatMap((each): (string | number)[] => {
      if ('cause' in each) return each.rooms.includes('errors') ? ['gap'] : []
      return [(each.data as { n: number }).n]
    }),
  )

test('a page comes back from the back/forward cache after the grace period - it gets a gap before the next event', async ({
  bench,
}) => {
  bench.needs('back/forward cache')
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 }, grace: 300 })
  const stays = await bench.frame({ panels: ['tmux'] })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => received(tab)).toEqual([1, 2])
  await whileAway(tab, async () => {
    await expect.poll(async () => (await stays.run(({ line }) => line.inspect())).tabs).toHaveLength(1)
    await server.emitMany('errors', 'row', 3, 4)
  })
  await expect.poll(() => received(tab)).toContain('gap')
  await server.emitMany('errors', 'row', 5, 6)
  await expect.poll(() => received(tab)).toEqual([1, 2, 'gap', 5, 6])
})

test('the clock is set back while a page is in the back/forward cache - it gets the reload order it missed, once', async ({
  bench,
}) => {
  bench.needs('back/forward cache')
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 }, grace: 60_000 })
  const stays = await bench.frame({ panels: ['errors'] })
  const tab = await bench.page({ panels: ['errors'] })
  for (const each of [stays, tab]) await isLive(each)
  const orders = (of: Tab) => of.run(({ log }) => log.reload.length)
  await whileAway(tab, async () => {
    await bench.setClock(-3_600_000)
    await server.broadcast('reload')
    await expect.poll(() => orders(stays)).toBe(1)
  })
  await expect.poll(() => orders(tab)).toBe(1)
  await isLive(tab)
  await whileAway(tab, async () => {})
  await isLive(tab)
  await server.emitMany('errors', 'row', 1, 1)
  await expect.poll(() => received(tab)).toEqual([1])
  expect(await orders(tab)).toBe(1)
})

/** Opens two tabs of a user. While the first is in the cache, the second signs out, and the user signs in again. */
async function signOutWhileAway(
  bench: Bench,
  settings: object,
  options: object,
  prepare: (tab: Tab) => Promise<void>,
) {
  bench.needs('back/forward cache')
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 }, grace: 20_000, ...options })
  const goes = await bench.page({ panels: ['errors'], ...settings })
  const stays = await bench.page({ panels: ['errors'], ...settings })
  for (const tab of [goes, stays]) {
    await isLive(tab)
    await prepare(tab)
  }
  let again: Tab | undefined
  await whileAway(goes, async () => {
    await stays.run(({ line }) => line.signOut())
    again = await bench.page({ panels: ['tmux'], ...settings })
    await isLive(again, 'tmux')
  })
  await expect.poll(() => goes.run(({ line }) => line.status.state)).toBe('closed')
  expect(await goes.run(({ log, line }) => [log.signout.length, line.panel('errors').state])).toEqual([
    1,
    'stale',
  ])
  expect(await stays.run(({ log }) => log.signout.length)).toBe(1)
  // The new sign-in is not affected, and the rooms of the page that came back are not joined.
  expect(await again?.run(({ line, log }) => [line.status.state, log.signout.length])).toEqual(['online', 0])
  expect((await server.state()).rooms).toEqual([['tmux']])
  return { server, goes, again }
}

for (const [whose, settings, options] of [
  ['the shared worker', {}, {}],
  // Without a database: if the worker is frozen while it writes, the browser drops its page from the cache.
  ['a dedicated worker', { dedicated: true }, { database: 'missing' }],
] as const) {
  const countHellos = (tab: Tab) =>
    tab.run(() => {
      Object.assign(window, { hellos: 0 })
      for (const { prototype } of [MessagePort, Worker]) {
        const post = prototype.postMessage as (...args: unknown[]) => void
        prototype.postMessage = function (...args: unknown[]) {
          const [message] = args as [{ path?: string[] }]
          if (message.path?.[0] === 'hello') (window as unknown as { hellos: number }).hellos += 1
          post.apply(this, args)
        }
      }
    })
  test(`the user signs out while a page with ${whose} is in the back/forward cache - its line is closed without registering again`, async ({
    bench,
  }) => {
    const { goes, again } = await signOutWhileAway(bench, settings, options, countHellos)
    expect(await goes.run(() => (window as unknown as { hellos: number }).hellos)).toBe(0)
    expect((await again?.run(({ line }) => line.inspect()))?.tabs).toHaveLength(1)
    // The stored data of the tab is deleted, so the reloaded page is a new tab.
    await goes.reload()
    expect(await goes.run(({ line }) => line.restored)).toEqual([])
  })
}

test('the user signs out while a page is in the back/forward cache and storage is blocked - the worker closes its line', async ({
  bench,
}) => {
  await signOutWhileAway(bench, {}, {}, (tab) =>
    tab.run(() => {
      const blocked = () => {
        throw new DOMException('blocked', 'SecurityError')
      }
      Object.defineProperty(window, 'localStorage', { get: blocked })
    }),
  )
})

for (const recovery of [true, false]) {
  test(`a page with a dedicated worker comes back from the back/forward cache (${recovery ? 'with' : 'without'} recovery) - it gets the events it missed, or a gap before the next event`, async ({
    bench,
  }) => {
    bench.needs('back/forward cache')
    const server = await bench.server({ recovery })
    // Without a database: if the worker is frozen while it writes, the browser drops its page from the cache.
    bench.serve({ url: await server.url(), retry: { first: 20, every: 50 }, database: 'missing' })
    const tab = await bench.page({ panels: ['errors'], dedicated: true })
    await isLive(tab)
    await server.emitMany('errors', 'row', 1, 2)
    await expect.poll(() => tab.run(({ data }) => data().length)).toBe(2)
    await whileAway(tab, () => server.emitMany('errors', 'row', 3, 4))
    await expect
      .poll(async () => {
        await server.emitMany('errors', 'row', 5, 5)
        return received(tab)
      })
      .toContain(5)
    const missed = (await received(tab)).slice(2)
    const before = [...new Set(missed.slice(0, missed.indexOf(5)))]
    // The connection may end before, between or after the two events.
    expect([[3, 4], ['gap'], [3, 'gap'], [3, 4, 'gap']]).toContainEqual(before)
  })
}

test('the worker dies after a page came back from the back/forward cache - the page notices it at once', async ({
  bench,
}) => {
  bench.needs('back/forward cache')
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  // The watchdog alone would take over a minute.
  const connect = { timeout: 60_000 }
  const stays = await bench.frame({ panels: ['errors'], connect })
  const tab = await bench.page({ panels: ['errors'], connect })
  for (const each of [stays, tab]) await isLive(each)
  await whileAway(tab, async () => {})
  const incarnation = () => tab.run(async ({ line }) => (await line.inspect()).incarnation)
  const before = await incarnation()
  await isLive(tab)
  bench.worker('die')
  await expect
    .poll(() => tab.run(({ log }) => log.status.map(({ error }) => error?.reason)))
    .toContain('worker-died')
  await isLive(tab)
  expect(await incarnation()).not.toBe(before)
})
