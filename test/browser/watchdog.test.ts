import { expect, onTestFinished } from 'vitest'
import { test } from '../support/setup'

test('a half-open connection is noticed and replaced in time', async ({ bench }) => {
  const server = await bench.server()
  const proxy = await bench.proxy(await server.url())
  const keepalive = { every: 1000, misses: 4 }
  bench.serve({ url: await proxy.url(), retry: { first: 20, every: 100 }, keepalive })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  // The last one may find that the server has ended with the test.
  const beat = setInterval(() => void server.broadcast('keepalive').catch(() => {}), 200)
  onTestFinished(() => clearInterval(beat))
  await new Promise((done) => setTimeout(done, 5000))
  expect((await server.state()).connections).toHaveLength(1)
  const start = Date.now()
  await proxy.dropBytes()
  await expect.poll(() => proxy.halfOpen()).toBe(1)
  await proxy.pass()
  const offline = () =>
    tab.run(({ log }) => log.status.find(({ state }) => state === 'offline')?.since ?? Infinity)
  await expect.poll(offline).toBeLessThan(start + keepalive.every * (keepalive.misses + 2))
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toContainEqual({ room: 'errors', n: 1 })
})

test('a tab becomes visible - a silent connection is probed, and replaced if it does not answer', async ({
  bench,
}) => {
  const server = await bench.server()
  const proxy = await bench.proxy(await server.url())
  bench.serve({ url: await proxy.url(), retry: { first: 20, every: 100 }, socket: { timeout: 500 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await new Promise((done) => setTimeout(done, 1100))
  await tab.run(() => void document.dispatchEvent(new Event('visibilitychange')))
  await expect.poll(() => tab.run(async ({ line }) => (await line.inspect()).status.rtt)).toBeTypeOf('number')
  expect((await server.state()).connections).toHaveLength(1)

  await new Promise((done) => setTimeout(done, 1100))
  await proxy.dropBytes()
  await tab.run(() => void document.dispatchEvent(new Event('visibilitychange')))
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  await proxy.pass()
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
})

test('offline - the network is back, or a tab becomes visible or resumes - a retry starts at once', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 60_000, every: 60_000, jitter: 0 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  for (const event of ['online', 'visibilitychange', 'resume']) {
    await server.stop()
    await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
    await server.start()
    await tab.run((_, event) => {
      const target = event === 'online' ? window : document
      target.dispatchEvent(new Event(event))
    }, event)
    await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  }
})
