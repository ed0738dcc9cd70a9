import { expect, onTestFinished } from 'vitest'
import { overlapsAndHoles } from '../support/connection-times'
import { isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }

/** What the tab received, its earlier pages included: the numbers of events, and the causes of gaps. */
const record = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().flatMap((each): (number | string)[] => {
      if ('cause' in each) return [each.cause]
      return each.replayed ? [] : [(each.data as { n: number }).n]
    }),
  )

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

/** The build that serves a tab: the end of its worker's address. */
const buildOf = (tab: Tab) =>
  tab.run(async ({ line }) => (await line.inspect()).build?.address.split('build=')[1])

test('a build with another worker file is deployed, and the old file is removed - it serves ten tabs over one connection, and no event is lost', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const tabs = [await bench.page({ panels: ['errors'] })]
  while (tabs.length < 9) tabs.push(await bench.frame({ panels: ['errors'] }))
  for (const tab of tabs) await isLive(tab)
  let n = 0
  const stream = setInterval(() => {
    n += 1
    void server.emit('errors', 'row', { room: 'errors', n })
  }, 10)
  onTestFinished(() => clearInterval(stream))
  await expect.poll(() => n).toBeGreaterThan(50)
  await bench.file('gone', 'one')

  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  await isLive(next)
  for (const tab of [...tabs, next]) await expect.poll(() => buildOf(tab)).toBe('two')
  const moved = n
  await expect.poll(() => n).toBeGreaterThan(moved + 100)
  clearInterval(stream)
  for (const tab of tabs) {
    await expect.poll(async () => (await record(tab)).at(-1)).toBe(n)
    const received = await record(tab)
    expect(received).toEqual(count(received[0] as number, n))
    expect(await tab.run(({ log }) => [log.error, log.status.at(-1)?.state])).toEqual([[], 'online'])
  }
  const { connections } = await server.state()
  const { overlaps, holes } = overlapsAndHoles(connections)
  expect(connections).toHaveLength(2)
  expect(connections[1]?.recovered).toBe(true)
  expect(overlaps).toEqual([])
  expect(holes[0]).toBeLessThan(1000)
  const { tabs: here, timeline } = await next.run(({ line }) => line.inspect())
  expect(here).toHaveLength(10)
  expect(timeline.find(({ what }) => what === 'took-over')).toMatchObject({
    tabs: 9,
    rooms: 2,
    session: true,
  })
})

test('tabs are reloaded while a new worker takes over, and events come - no event is missing, none comes twice, and all are in order', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.page({ panels: ['errors'] })]
  // While one page is open, the worker does not end.
  const stays = await bench.page({ panels: ['errors'] })
  for (const tab of [...tabs, stays]) await isLive(tab)
  let n = 0
  const stream = setInterval(() => {
    n += 1
    void server.emit('errors', 'row', { room: 'errors', n })
  }, 5)
  for (const build of ['two', 'three', 'four']) {
    bench.deploy(build)
    const [next] = await Promise.all([bench.page(), ...tabs.map((tab) => tab.reload())])
    for (const tab of tabs) {
      await expect.poll(() => buildOf(tab)).toBe(build)
      await isLive(tab)
    }
    await next.close()
  }
  clearInterval(stream)
  // With last values, but for one that the tab has just had.
  const numbers = (tab: Tab) =>
    tab.run(({ receivedByTab }) => {
      const all: number[] = []
      for (const each of receivedByTab()) {
        const next = 'cause' in each ? Number.NaN : (each.data as { n: number }).n
        if (next !== all.at(-1)) all.push(next)
      }
      return all
    })
  for (const tab of tabs) {
    await expect.poll(async () => (await numbers(tab)).at(-1)).toBe(n)
    const received = await numbers(tab)
    expect(received).toEqual(count(received[0] as number, n))
  }
})

test('another text is deployed under the same name - the next page that loads brings it to all tabs', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  await bench.edit('/* one */')
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['errors'] })]
  for (const tab of tabs) await isLive(tab)
  const textOf = (tab: Tab) => tab.run(async ({ line }) => (await line.inspect()).build?.text)
  const before = await textOf(tabs[0] as Tab)
  expect(before).toBeTypeOf('string')
  await server.emitMany('errors', 'row', 1, 3)
  await bench.edit('/* another */')
  await tabs[0]?.reload()
  for (const tab of tabs) await expect.poll(() => textOf(tab)).not.toBe(before)
  await server.emitMany('errors', 'row', 4, 6)
  for (const tab of tabs) {
    await isLive(tab)
    await expect.poll(async () => (await record(tab)).at(-1)).toBe(6)
    expect(await record(tab)).toEqual(count(1, 6))
  }
  expect((await server.state()).connected).toBe(1)
})

test('another text with a new panel is deployed under the same name - the page that knows the panel gets it, and no error', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  await bench.edit('delete globalThis.panels')
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await bench.edit("globalThis.panels = { fresh: ['fresh'] }")
  const next = await bench.page({ panels: ['fresh', 'errors'] })
  await isLive(next, 'fresh')
  for (const each of [tab, next]) expect(await each.run(({ log }) => [log.error, log.gap])).toEqual([[], []])
  await server.emit('fresh', 'row', { room: 'fresh', n: 1 })
  await expect.poll(() => record(next)).toEqual([1])
  expect((await server.state()).connected).toBe(1)
})

test('a server without recovery - the new worker reports one gap per tab, and the rooms are live again', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const withTmux = await bench.frame({ panels: ['errors', 'tmux'] })
  const tabs = [await bench.page({ panels: ['errors'] }), withTmux]
  for (const tab of tabs) await isLive(tab)
  await isLive(withTmux, 'tmux')
  await server.emitMany('errors', 'row', 1, 2)
  for (const tab of tabs) await expect.poll(() => record(tab)).toEqual([1, 2])
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  await isLive(next)
  for (const tab of tabs) {
    await isLive(tab)
    await expect.poll(() => record(tab)).toEqual([1, 2, 'worker'])
  }
  await server.emitMany('errors', 'row', 3, 4)
  for (const tab of tabs) await expect.poll(() => record(tab)).toEqual([1, 2, 'worker', 3, 4])
  expect((await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
})

test('a page calls its line all the time while it moves to the new worker, and events come - every call is answered, and no event is missing', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  let n = 0
  const stream = setInterval(() => {
    n += 1
    void server.emit('errors', 'row', { room: 'errors', n })
  }, 20)
  await tab.run(({ line }) => {
    const answers: string[] = []
    Object.assign(window, { answers })
    const timer = setInterval(() => {
      line.inspect().then(
        ({ build }) => answers.push(build?.address.split('build=')[1] ?? ''),
        (error) => answers.push(`${error.reason}: ${error.message}`),
      )
      if (answers.at(-1) === 'two') clearInterval(timer)
    }, 1)
  })
  bench.deploy('two')
  await isLive(await bench.page({ panels: ['errors'] }))
  const answers = () => tab.run(() => (window as unknown as { answers: string[] }).answers)
  await expect.poll(async () => (await answers()).at(-1)).toBe('two')
  expect(new Set(await answers())).toEqual(new Set(['one', 'two']))
  clearInterval(stream)
  await expect.poll(async () => (await record(tab)).at(-1)).toBe(n)
  expect(await record(tab)).toEqual(count(1, n))
})

test('a tab opens just after a hand-over - it gets the last values of the old worker at once', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const first = await bench.page({ panels: ['errors'] })
  await isLive(first)
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => record(first)).toEqual([1, 2])
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  const replayed = () =>
    next.run(({ events }) => events.map(({ data, replayed }) => [(data as { n: number }).n, replayed]))
  await expect.poll(replayed).toEqual([[2, true]])
})

test('a page has hung up - the new worker does not connect until a page asks for it', async ({ bench }) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await tab.run(({ line }) => line.disconnect())
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  await expect.poll(() => buildOf(tab)).toBe('two')
  const state = (of: Tab) => of.run(({ line }) => line.status.state)
  for (const each of [tab, next]) await expect.poll(() => state(each)).toBe('paused')
  await next.run(({ line }) => line.connect())
  for (const each of [tab, next]) await isLive(each)
  expect((await server.state()).connections).toHaveLength(2)
})

test('the new build has no such panel any more - an old page keeps its rooms, and a panel it never had is an error', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  const url = await server.url()
  bench.serve({ url, ...QUICK })
  bench.deploy('one')
  const old = await bench.page({ panels: ['tmux'] })
  await isLive(old, 'tmux')
  bench.serve({ url, ...QUICK, panels: { errors: ['errors'] } })
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  await isLive(next)
  await expect.poll(() => buildOf(old)).toBe('two')
  await server.emit('tmux', 'row', { room: 'tmux', n: 1 })
  await expect.poll(() => record(old)).toEqual([1])
  expect((await server.state()).rooms).toEqual([['errors', 'tmux']])
  // Also once the new worker was replaced, without a hand-over.
  const { length } = (await server.state()).connections
  bench.worker('die')
  await expect.poll(async () => (await server.state()).connections.length).toBe(length + 1)
  await isLive(old, 'tmux')
  await server.emit('tmux', 'row', { room: 'tmux', n: 2 })
  await expect.poll(async () => (await record(old)).at(-1)).toBe(2)
  expect(await old.run(({ log }) => log.error.map(({ reason }) => reason))).toEqual([])
  await old.run(({ toggle }) => toggle('vault'))
  const errors = () => old.run(({ log }) => log.error.map(({ message }) => message))
  await expect.poll(errors).toEqual(['There is no panel "vault". Known: errors.'])
})

test('a front end is deployed without a restart of the server - old pages get their order within five seconds', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  const url = await server.url()
  bench.serve({ url, ...QUICK, version: { url: `${url}/version` } })
  bench.deploy('one')
  const old = [
    await bench.page({ panels: ['errors'], connect: { version: 'v1' } }),
    await bench.frame({ panels: ['errors'], connect: { version: 'v1' } }),
  ]
  for (const tab of old) await isLive(tab)
  await server.setVersion({ kind: 'json', body: '{"version":"v2"}' })
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'], connect: { version: 'v2' } })
  const start = Date.now()
  for (const tab of old) {
    const orders = () => tab.run(({ log }) => log.reload.map(({ reason, version }) => `${reason} ${version}`))
    await expect.poll(orders).toEqual(['version v2'])
  }
  expect(Date.now() - start).toBeLessThan(5000)
  expect(await next.run(({ log }) => log.reload)).toEqual([])
})

test('the new build throws when it starts - the old worker goes on without a gap, and the new page is told why', async ({
  bench,
}) => {
  const server = await bench.server()
  const url = await server.url()
  bench.serve({ url, ...QUICK })
  bench.deploy('one')
  const old = await bench.page({ panels: ['errors'] })
  await isLive(old)
  bench.serve({ url, ...QUICK, retain: -1 })
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  const told = () => next.run(({ line }) => line.status.error?.reason)
  await expect.poll(told).toBe('bad-option')
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => record(old)).toEqual([1, 2])
  expect(await buildOf(old)).toBe('one')
  expect((await server.state()).connections).toHaveLength(1)
})

test('another text under the same name throws - pages keep the old worker and are told why, and a correction is in force with the next page', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  await bench.edit('/* one */')
  const old = await bench.frame({ panels: ['errors'] })
  const tab = await bench.page({ panels: ['errors'] })
  for (const each of [old, tab]) await isLive(each)
  const textOf = () => old.run(async ({ line }) => (await line.inspect()).build?.text)
  const before = await textOf()
  await bench.edit("throw new Error('broken')")
  await tab.reload()
  await expect
    .poll(() => tab.run(({ log }) => log.error.map(({ reason }) => reason)))
    .toEqual(['worker-failed'])
  for (const each of [old, tab]) await isLive(each)
  expect(await textOf()).toBe(before)
  expect((await server.state()).connections).toHaveLength(1)
  await bench.edit('/* mended */')
  await tab.reload()
  await expect.poll(textOf).not.toBe(before)
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => record(old)).toEqual([1, 2])
})

test("an old page's policy forbids the new worker - the old worker goes on serving without a gap, and the new one serves only the new page", async ({
  bench,
}) => {
  bench.needs('policy for running workers')
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const old = await bench.page({ panels: ['errors'] })
  await isLive(old)
  await old.run(() => {
    const policy = document.createElement('meta')
    policy.httpEquiv = 'Content-Security-Policy'
    policy.content = "worker-src 'none'"
    document.head.append(policy)
  })
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  await isLive(next)
  await server.emitMany('errors', 'row', 1, 3)
  for (const tab of [old, next]) await expect.poll(() => record(tab)).toEqual([1, 2, 3])
  expect(await buildOf(old)).toBe('one')
  expect(await buildOf(next)).toBe('two')
  const errors = () => old.run(({ log }) => log.error.map(({ reason }) => reason))
  await expect.poll(errors).toEqual(['worker-failed'])
  const { timeline } = await old.run(({ line }) => line.inspect())
  expect(timeline).toContainEqual(expect.objectContaining({ what: 'kept-serving', why: 'page-cannot-move' }))
})

test('a rollback - the earlier build serves again with its first page, once no page of the later one is open', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const old = await bench.page({ panels: ['errors'] })
  await isLive(old)
  bench.deploy('two')
  const withdrawn = await bench.page({ panels: ['errors'] })
  await expect.poll(() => buildOf(old)).toBe('two')
  await withdrawn.close()
  bench.deploy('one')
  const next = await bench.page({ panels: ['errors'] })
  for (const tab of [old, next]) await expect.poll(() => buildOf(tab)).toBe('one')
  await server.emitMany('errors', 'row', 1, 2)
  for (const tab of [old, next]) await expect.poll(() => record(tab)).toEqual([1, 2])
  expect((await server.state()).connections).toHaveLength(3)
})

test('pages of two builds load by turns - the newest build serves, and is not replaced', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  const tabs: Tab[] = []
  for (const build of ['one', 'two', 'one', 'two', 'one', 'two', 'one']) {
    bench.deploy(build)
    const tab = await bench.frame({ panels: ['errors'] })
    await isLive(tab)
    tabs.push(tab)
  }
  for (const tab of tabs) expect(await buildOf(tab)).toBe('two')
  await server.emitMany('errors', 'row', 1, 2)
  for (const tab of tabs) await expect.poll(() => record(tab)).toEqual([1, 2])
  expect((await server.state()).connections).toHaveLength(2)
})

test('a lone tab loads two builds by turns - it is served each time, and the newest build stays after some changes', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  const stays = await bench.page()
  const served: (string | undefined)[] = []
  for (let round = 0; round < 5; round += 1) {
    for (const build of ['one', 'two']) {
      bench.deploy(build)
      const tab = await bench.page({ panels: ['errors'] })
      await isLive(tab)
      served.push(await buildOf(tab))
      await tab.close()
    }
  }
  expect(served.slice(0, 4)).toEqual(['one', 'two', 'one', 'two'])
  expect(new Set(served.slice(-3))).toEqual(new Set(['two']))
  const { timeline } = await stays.run(({ line }) => line.inspect())
  expect(timeline).toContainEqual(expect.objectContaining({ what: 'kept-serving', why: 'too-often' }))
}, 60_000)

test('a page is in the back/forward cache while a build is deployed - it goes to the new worker, and gets what it missed', async ({
  bench,
}) => {
  bench.needs('back/forward cache')
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, grace: 10_000 })
  bench.deploy('one')
  const stays = await bench.page({ panels: ['errors'] })
  const tab = await bench.page({ panels: ['errors'] })
  for (const each of [stays, tab]) await isLive(each)
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => record(tab)).toEqual([1, 2])
  await tab.goto('about:blank')
  await server.emitMany('errors', 'row', 3, 4)
  await expect.poll(() => record(stays)).toEqual([1, 2, 3, 4])
  await bench.file('gone', 'one')
  bench.deploy('two')
  await isLive(await bench.page({ panels: ['errors'] }))
  await server.emitMany('errors', 'row', 5, 6)
  await tab.run(() => void setTimeout(() => history.back()))
  await expect.poll(() => buildOf(tab).catch(() => undefined)).toBe('two')
  await isLive(tab)
  await server.emitMany('errors', 'row', 7, 8)
  await expect.poll(() => record(tab)).toEqual(count(1, 8))
  expect((await server.state()).connections).toHaveLength(2)
})

test('the user signs out while the old worker hands over - every page is signed out, and no connection is left', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['errors'] })]
  for (const tab of tabs) await isLive(tab)
  const [first] = tabs as [Tab]
  // As soon as the page is sent away, its worker has ended its connection, and the next one has not begun its own.
  await first.run(({ line }) => {
    let made = 0
    window.SharedWorker = class extends SharedWorker {
      constructor(url: string | URL, options?: string | WorkerOptions) {
        super(url, options as WorkerOptions)
        // The second time: the first is the question whether it can be opened.
        made += 1
        if (made === 2) void line.signOut()
      }
    }
  })
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  for (const tab of [...tabs, next])
    await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('closed')
  await expect.poll(async () => (await server.state()).connected).toBe(0)
})

test('the new worker dies as soon as it serves - one worker serves all, and the panels of each page are live', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['errors'] })]
  for (const tab of tabs) await isLive(tab)
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  await expect.poll(() => buildOf(next)).toBe('two')
  const incarnation = () =>
    next.run(async ({ line }) => (await line.inspect()).incarnation).catch(() => undefined)
  const died = await incarnation()
  bench.worker({ build: 'two', order: 'die' })
  await expect.poll(incarnation).not.toBeOneOf([died, undefined])
  for (const tab of [...tabs, next]) await expect.poll(() => buildOf(tab).catch(() => undefined)).toBe('two')
  for (const tab of [...tabs, next]) await isLive(tab)
  await server.emitMany('errors', 'row', 1, 2)
  for (const tab of [...tabs, next])
    await expect.poll(async () => (await record(tab)).slice(-2)).toEqual([1, 2])
  expect((await server.state()).connected).toBe(1)
})

test('pages have two lines each - both move to the new worker, and lose nothing', async ({ bench }) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const settings = { panels: ['errors'], second: { panels: ['tmux'] } }
  const tabs = [await bench.page(settings), await bench.page(settings)]
  const second = (tab: Tab) =>
    tab.run(({ lines }) => lines[1]?.events.map(({ data }) => (data as { n: number }).n))
  const isOnline = (tab: Tab) =>
    expect
      .poll(() => tab.run(({ lines }) => lines.map(({ line }) => line.status.state)))
      .toEqual(['online', 'online'])
  for (const tab of tabs) {
    await isLive(tab)
    await expect.poll(() => tab.run(({ lines }) => lines[1]?.line.panel('tmux').state)).toBe('live')
  }
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  await isLive(next)
  for (const tab of tabs) {
    await expect.poll(() => buildOf(tab)).toBe('two')
    await isOnline(tab)
  }
  await server.emitMany('errors', 'row', 1, 2)
  await server.emitMany('tmux', 'row', 3, 4)
  for (const tab of tabs) {
    await expect.poll(() => record(tab)).toEqual([1, 2])
    await expect.poll(() => second(tab)).toEqual([3, 4])
  }
  expect((await server.state()).connections).toHaveLength(2)
})

test('pages have the tokens - the first handshake of the new worker has one, and nobody hears of a refusal', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true, tokens: ['good'] })
  bench.serve({ url: await server.url(), ...QUICK })
  bench.deploy('one')
  const old = await bench.page({ panels: ['errors'], token: 'good' })
  await isLive(old)
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => record(old)).toEqual([1, 2])
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'], token: 'good' })
  for (const tab of [old, next]) await isLive(tab)
  await expect.poll(() => buildOf(old)).toBe('two')
  await server.emitMany('errors', 'row', 3, 4)
  await expect.poll(() => record(old)).toEqual([1, 2, 3, 4])
  expect((await server.state()).handshakes.map(({ accepted }) => accepted)).toEqual([true, true])
  for (const tab of [old, next])
    expect(await tab.run(({ log }) => log.status.map(({ state }) => state))).not.toContain('offline')
})
