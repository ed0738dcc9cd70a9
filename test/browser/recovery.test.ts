import { expect } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }

/** What the tab received, in order: the numbers of events, and the causes of gaps. */
const record = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().map((each) => ('cause' in each ? each.cause : (each.data as { n: number } | null)?.n)),
  )

/** A live tab on a server with connection state recovery. */
async function recoverable(bench: Bench) {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  return { server, tab }
}

const count = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => from + n)

for (const [whose, settings] of [
  ['its shared worker', { extendedLifetime: false }],
  ['its dedicated worker', { dedicated: true }],
  ['its dedicated worker, which shares nothing,', { dedicated: true, connect: { share: false } }],
] as const) {
  test(`the only tab reloads and ${whose} ends - the session is recovered, and nothing is lost`, async ({
    bench,
  }) => {
    const server = await bench.server({ recovery: true })
    bench.serve({ url: await server.url(), ...QUICK })
    const tab = await bench.page({ panels: ['errors'], ...settings })
    await isLive(tab)
    await server.emitMany('errors', 'row', 1, 10)
    await expect.poll(() => record(tab)).toEqual(count(1, 10))
    let last = 10
    for (let round = 0; round < 5; round += 1) {
      // The server keeps sending during the reload.
      const reloaded = tab.reload()
      await server.emitMany('errors', 'row', last + 1, last + 30)
      await reloaded
      await server.emitMany('errors', 'row', last + 31, last + 40)
      last += 40
      await expect.poll(() => record(tab)).toEqual(count(1, last))
    }
    const { connections } = await server.state()
    expect(connections.map(({ recovered }) => recovered)).toEqual([false, true, true, true, true, true])
    for (const { asked } of connections) expect(asked.toSorted()).toEqual(['join errors', 'join stats'])
    expect(await tab.run(({ log }) => log.gap)).toEqual([])
  })
}

test('a worker dies under five tabs - each gets the missed events, once', async ({ bench }) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK })
  const withTmux = await bench.page({ panels: ['errors', 'tmux'] })
  const withOverview = await bench.frame({ panels: ['errors', 'overview'] })
  const tabs = [
    await bench.page({ panels: ['errors'] }),
    withTmux,
    await bench.frame({ panels: ['errors'] }),
    withOverview,
    await bench.frame({ panels: ['errors'] }),
  ]
  for (const tab of tabs) await isLive(tab)
  // A room that the worker has not joined when it dies is no part of its session, and has a gap.
  await isLive(withTmux, 'tmux')
  await isLive(withOverview, 'overview')
  let last = 0
  for (let round = 1; round <= 3; round += 1) {
    await server.emitMany('errors', 'row', last + 1, last + 50)
    bench.worker('die')
    await server.emitMany('errors', 'row', last + 51, last + 100)
    await expect.poll(async () => (await server.state()).connections.length).toBe(round + 1)
    await server.emitMany('errors', 'row', last + 101, last + 110)
    last += 110
    for (const tab of tabs) await expect.poll(() => record(tab)).toEqual(count(1, last))
  }
  expect((await server.state()).connections.map(({ recovered }) => recovered)).toEqual([
    false,
    true,
    true,
    true,
  ])
})

test('a page reloads on a server without recovery - it gets a gap before the next event', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], extendedLifetime: false })
  await isLive(tab)
  await server.emitMany('errors', 'row', 1, 3)
  await expect.poll(() => record(tab)).toEqual([1, 2, 3])
  const before = Date.now()
  await tab.reload()
  await isLive(tab)
  await server.emitMany('errors', 'row', 9, 9)
  await expect.poll(() => record(tab)).toContain(9)
  expect((await record(tab)).slice(-1)).toEqual([9])
  const gaps = await tab.run(({ log }) => log.gap)
  expect(gaps.flatMap(({ rooms }) => rooms).toSorted()).toEqual(['errors', 'stats'])
  for (const { from, to, cause } of gaps) {
    expect(cause).toBe('worker')
    expect(from).toBeLessThanOrEqual(before)
    expect(to).toBeGreaterThanOrEqual(before)
  }
})

test('the worker dies while one tab is too far behind - that tab gets a gap, the others get none', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, queue: 50, grace: 10_000 })
  const quick = await bench.page({ panels: ['errors'] })
  const slow = await bench.page({ panels: ['errors'] })
  for (const tab of [quick, slow]) await isLive(tab)
  await server.emitMany('errors', 'row', 1, 1)
  for (const tab of [quick, slow]) await expect.poll(() => record(tab)).toEqual([1])
  // A blocked tab takes no events until its thread is free again.
  const blocked = slow.run(() => {
    const until = Date.now() + 2500
    while (Date.now() < until);
  })
  for (let n = 2; n <= 200; n += 1) await server.emitMany('errors', 'row', n, n)
  await expect.poll(() => record(quick)).toEqual(count(1, 200))
  await expect
    .poll(() => quick.run(async ({ line }) => (await line.inspect()).counters.dropped))
    .toBeGreaterThan(0)
  await new Promise((written) => setTimeout(written, 400))
  bench.worker('die')
  await blocked
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await isLive(slow)
  await server.emitMany('errors', 'row', 201, 201)
  await expect.poll(() => record(quick)).toEqual(count(1, 201))
  await expect.poll(() => record(slow)).toContain(201)
  const received = await record(slow)
  const numbers = received.filter((each) => typeof each === 'number')
  expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b))
  expect(received.findIndex((each) => typeof each === 'string')).toBeGreaterThanOrEqual(0)
  expect(numbers.length).toBeLessThan(201)
})

test('an event without a payload has no data, although the server adds its session offset', async ({
  bench,
}) => {
  const { server, tab } = await recoverable(bench)
  await server.emitBare('errors', 'errors')
  await server.emit('errors', 'errors', 'two words')
  await server.emit('errors', 'errors', null)
  await expect.poll(() => tab.run(({ data }) => data().length)).toBe(3)
  expect(await tab.run(({ data }) => data().map((each) => each ?? String(each)))).toEqual([
    'undefined',
    'two words',
    'null',
  ])
})

/** What the tab received, in order: the data of events, and the causes of gaps. */
const heard = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().map((each) => ('cause' in each ? each.cause : (each.data ?? String(each.data)))),
  )

for (const [what, texts] of [
  ['a short text', ['degraded']],
  // These have the length or the form of a session offset.
  [
    'texts that look like session offsets',
    ['running', 'Pending', 'Offline', '1700000000000-0', '65a1b2c3d4e5f60718293a4b'],
  ],
] as const) {
  test(`volatile events with ${what} as payload - they arrive, and the session is recovered`, async ({
    bench,
  }) => {
    const { server, tab } = await recoverable(bench)
    await server.emit('errors', 'errors', 1)
    for (const text of texts) await server.emitVolatile('errors', 'errors', text)
    await expect.poll(() => heard(tab)).toEqual([1, ...texts])
    await server.cut()
    await server.emit('errors', 'errors', 2)
    await expect.poll(() => heard(tab)).toEqual([1, ...texts, 2])
    expect((await server.state()).connections.map(({ recovered }) => recovered)).toEqual([false, true])
  })
}

test('volatile events with a text after the payload - the session is recovered from the event before them', async ({
  bench,
}) => {
  const { server, tab } = await recoverable(bench)
  await server.emit('errors', 'errors', 1)
  const texts = ['degraded', 'running', '', '1700000000000-0']
  for (const text of texts) await server.emitVolatile('errors', 'errors', 2, text)
  await expect.poll(() => heard(tab)).toEqual([1, 2, 2, 2, 2])
  await server.cut()
  await server.emit('errors', 'errors', 3)
  await expect.poll(() => heard(tab)).toEqual([1, 2, 2, 2, 2, 3])
  expect((await server.state()).connections.map(({ recovered }) => recovered)).toEqual([false, true])
})

test('the last event before a drop has no payload - it is not received twice', async ({ bench }) => {
  const { server, tab } = await recoverable(bench)
  await server.emitVolatile('errors', 'errors', 'degraded')
  for (let n = 0; n < 3; n += 1) await server.emitBare('errors', 'errors')
  await expect.poll(() => heard(tab)).toEqual(['degraded', 'undefined', 'undefined', 'undefined'])
  await server.cut()
  await server.emit('errors', 'errors', 1)
  await expect.poll(() => heard(tab)).toEqual(['degraded', 'undefined', 'undefined', 'undefined', 1])
  expect((await server.state()).connections.map(({ recovered }) => recovered)).toEqual([false, true])
})

test('a worker dies after a volatile event - the next one recovers the session from the event before it', async ({
  bench,
}) => {
  const { server, tab } = await recoverable(bench)
  await server.emit('errors', 'errors', 1)
  await server.emitVolatile('errors', 'errors', 'degraded')
  await expect.poll(() => heard(tab)).toEqual([1, 'degraded'])
  await new Promise((written) => setTimeout(written, 400))
  bench.worker('die')
  // Until it has died it may still deliver what comes.
  await expect.poll(() => tab.run(({ line }) => line.status.state)).not.toBe('online')
  await server.emit('errors', 'errors', 2)
  await expect.poll(() => heard(tab)).toEqual([1, 'degraded', 2])
  expect((await server.state()).connections.map(({ recovered }) => recovered)).toEqual([false, true])
})

test('the server disconnects after a recovery - a room joined in between is joined again', async ({
  bench,
}) => {
  const { server, tab } = await recoverable(bench)
  await server.cut()
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await tab.run(({ subscribe }) => void subscribe('tmux'))
  await expect.poll(() => tab.run(({ line }) => line.panel('tmux').state)).toBe('live')
  // The server still has the session from the first drop, without the new room, and could recover that one.
  await server.kick()
  await expect.poll(async () => (await server.state()).connections.length).toBe(3)
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  await expect.poll(() => tab.run(({ line }) => line.panel('tmux').state)).toBe('live')
  await server.emitMany('tmux', 'row', 7, 7)
  await expect.poll(() => record(tab)).toContain(7)
})

test('all pages reload while the worker hangs - the next worker does not share its session', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), ...QUICK, grace: 10_000 })
  const tab = await bench.page({ panels: ['errors'], extendedLifetime: false })
  await isLive(tab)
  await tab.reload()
  await isLive(tab)
  expect((await server.state()).connections.at(-1)?.recovered).toBe(true)
  bench.worker(2500)
  await tab.reload()
  await expect.poll(async () => (await server.state()).connections.length).toBe(3)
  await isLive(tab)
  // A shared session would lose its rooms when the old connection ends.
  await expect.poll(async () => (await server.state()).connected).toBe(1)
  await server.emitMany('errors', 'row', 1, 3)
  await expect.poll(() => record(tab)).toEqual(expect.arrayContaining([1, 2, 3]))
})

// A server notices late that a long-polling connection has ended. Until then it would recover the session of an earlier
// drop, and remove the rooms of both connections when the first one ends.
test('a session over long polling is not recovered - a gap is reported instead', async ({ bench }) => {
  const server = await bench.server({ recovery: true })
  const proxy = await bench.proxy(await server.url())
  await proxy.blockWebSockets()
  bench.serve({ url: await proxy.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], extendedLifetime: false })
  await isLive(tab)
  await server.emitMany('errors', 'row', 1, 2)
  await expect.poll(() => record(tab)).toEqual([1, 2])
  await server.cut()
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await expect.poll(() => record(tab)).toContain('link')
  await server.emitMany('errors', 'row', 3, 4)
  await expect.poll(() => record(tab)).toContain(4)
  await tab.reload()
  await isLive(tab)
  const { connections } = await server.state()
  expect(connections.map(({ transport, recovered }) => [transport, recovered])).toEqual([
    ['polling', false],
    ['polling', false],
    ['polling', false],
  ])
})
