import { expect } from 'vitest'
import { test } from '../support/setup'

test('1,000 keepalives and 10 events - listeners are called 10 times, and the port carries no keepalive', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  const before = await tab.run(({ posts }) => posts())
  for (const payload of [undefined, { type: 'keepalive', data: null }]) {
    await server.broadcastMany(250, 'keepalive', payload)
    await server.broadcastMany(250, payload ? 'message' : 'connected', payload)
  }
  await expect
    .poll(() => tab.run(async ({ line }) => (await line.inspect()).counters.system))
    .toBeGreaterThanOrEqual(1000)
  expect(await tab.run(({ posts }) => posts())).toBe(before)
  await server.emitMany('errors', 'row', 1, 10)
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(10)
  expect(await tab.run(({ data }) => data())).toEqual(
    Array.from({ length: 10 }, (_, n) => ({ room: 'errors', n: n + 1 })),
  )
})

test('an event has its panel, room, name, data and time', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const tab = await bench.page({ panels: [['workflow', '42']] })
  await expect.poll(() => tab.run(({ line }) => line.panel(['workflow', '42']).state)).toBe('live')
  const before = Date.now()
  await server.emit('adw-state/42', 'update', { room: 'adw-state/42', type: 'step', data: null })
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(1)
  const [event] = await tab.run(({ events }) => events)
  expect(event).toMatchObject({
    panel: ['workflow', '42'],
    room: 'adw-state/42',
    name: 'step',
    data: null,
    replayed: false,
  })
  expect(event?.at).toBeGreaterThanOrEqual(before)
  expect(event?.at).toBeLessThanOrEqual(Date.now())
  expect(await tab.run(({ line }) => line.panel(['workflow', '42']).lastAt)).toBe(event?.at)
})

test('binary payloads arrive as they were sent', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), routed: { blob: 'errors' } })
  const tab = await bench.frame({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emitBytes('errors', 'blob', [1, 2, 3])
  await expect
    .poll(() => tab.run(({ data }) => data().map((value) => [...new Uint8Array(value as ArrayBuffer)])))
    .toEqual([[1, 2, 3]])
})

test('later tabs and later components get the last value of each room at once, marked as replayed', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const early = await bench.page({ panels: ['errors'] })
  await expect.poll(() => early.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emitMany('errors', 'row', 1, 3)
  await server.emit('stats', 'stats', { n: 9 })
  await expect.poll(() => early.run(({ events }) => events.length)).toBe(4)
  const late = await bench.frame({ panels: ['errors'] })
  await expect
    .poll(() => late.run(({ events }) => events.map(({ room, data, replayed }) => [room, data, replayed])))
    .toEqual([
      ['errors', { room: 'errors', n: 3 }, true],
      ['stats', { n: 9 }, true],
    ])
  await early.run(({ subscribe }) => void subscribe('errors'))
  await expect.poll(() => early.run(({ events }) => events.filter((event) => event.replayed).length)).toBe(2)
  await server.emit('stats', 'stats', { n: 10 })
  // The early tab has two components, the late one has one.
  await expect.poll(() => early.run(({ events }) => events.length)).toBe(8)
  await expect.poll(() => late.run(({ events }) => events.length)).toBe(3)
})

test('an event that names no room is routed by the app, or counted and warned about', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), routed: { cpu: ['stats', 'errors'] } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.broadcastMany(3, 'mystery', { n: 0 })
  await server.broadcast('cpu', { n: 1 })
  await expect
    .poll(() => tab.run(({ events }) => events.map(({ room, data }) => [room, data])))
    .toEqual([
      ['stats', { n: 1 }],
      ['errors', { n: 1 }],
    ])
  expect(await tab.run(async ({ line }) => (await line.inspect()).counters)).toMatchObject({
    unrouted: 3,
    data: 1,
  })
})

test('a listener throws - all other listeners are still called', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const tab = await bench.page()
  await tab.run(({ line, subscribe }) => {
    line.subscribe('errors', () => {
      throw new Error('thrown on purpose')
    })
    subscribe('errors')
    line.on('status', () => {
      throw new Error('thrown on purpose')
    })
  })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
})

test('a reload order of the server reaches every tab', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame()]
  for (const tab of tabs) await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  await server.broadcast('reload', { version: 'v2', message: 'new' })
  await server.broadcast('message', { type: 'reload' })
  for (const tab of tabs) {
    await expect
      .poll(() => tab.run(({ log }) => log.reload))
      .toEqual([{ reason: 'broadcast', version: 'v2', message: 'new' }, { reason: 'broadcast' }])
  }
})

test('a hidden tab with hidden: latest - it gets no message until it is shown, then the latest event of each room', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const tab = await bench.page({ panels: ['errors'], connect: { hidden: 'latest' } })
  const all = await bench.frame({ panels: ['errors'] })
  const show = (state: string) =>
    tab.run((_, state) => {
      Object.defineProperty(document, 'visibilityState', { value: state, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    }, state)
  for (const each of [tab, all])
    await expect.poll(() => each.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emitMany('errors', 'row', 1, 1)
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(1)
  await show('hidden')
  const hiddenTabs = async () =>
    (await tab.run(({ line }) => line.inspect())).tabs.filter(({ visible }) => !visible).length
  await expect.poll(hiddenTabs).toBe(1)
  const posts = await tab.run(({ posts }) => posts())
  await server.emitMany('errors', 'row', 2, 50)
  await server.emit('stats', 'stats', { n: 51 })
  await expect.poll(() => all.run(({ events }) => events.length)).toBe(51)
  expect(await tab.run(({ posts }) => posts())).toBe(posts)
  await show('visible')
  await expect
    .poll(() => tab.run(({ data }) => data().map((each) => (each as { n: number }).n)))
    .toEqual([1, 50, 51])
  await server.emitMany('errors', 'row', 52, 53)
  await expect.poll(() => tab.run(({ events }) => events.length)).toBe(5)
  expect(await tab.run(({ log }) => log.gap)).toEqual([])
  expect(await tab.run(async ({ line }) => (await line.inspect()).counters.conflated)).toBe(48)
})
