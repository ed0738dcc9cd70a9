import { expect } from 'vitest'
import { type Bench, test } from '../support/setup'

test('disconnect - paused in every tab - connect - online again with the rooms', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['tmux'] })]
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  await tabs[0]?.run(({ line }) => line.disconnect())
  for (const tab of tabs) await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('paused')
  await expect.poll(async () => (await server.state()).connected).toBe(0)
  // A new tab does not undo what was done by hand.
  const late = await bench.frame({ panels: ['overview'] })
  await expect.poll(() => late.run(({ line }) => line.status.state)).toBe('paused')
  await tabs[1]?.run(({ line }) => line.connect())
  for (const tab of tabs) await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  await expect
    .poll(async () => (await server.state()).rooms)
    .toEqual([['activity', 'errors', 'stats', 'tmux']])
  expect((await server.state()).connections).toHaveLength(2)
})

test('server away - offline with a time for the next try - retry tries at once', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 60_000, every: 60_000, jitter: 0 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  await server.stop()
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  const { since, nextTryAt, error, attempt } = await tab.run(({ line }) => line.status)
  expect(nextTryAt).toBeGreaterThanOrEqual(since)
  expect(error).toMatchObject({ reason: 'link-lost' })
  expect(attempt).toBe(0)
  expect(await tab.run(({ line }) => line.panel('errors').state)).toBe('stale')
  await server.start()
  await tab.run(({ line }) => line.retry())
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  const states = await tab.run(({ log }) => log.status.map(({ state }) => state))
  expect(states.filter((state, index) => state !== states[index - 1])).toEqual(
    expect.arrayContaining(['online', 'offline', 'connecting', 'online']),
  )
})

test('the server disconnects the client - retried like any other loss', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 50, every: 50 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.kick()
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
})

test('a server that was never there is found when it comes', async ({ bench }) => {
  const server = await bench.server()
  await server.stop()
  bench.serve({ url: await server.url(), retry: { first: 50, every: 50 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  await expect.poll(() => tab.run(({ line }) => line.status.attempt)).toBeGreaterThan(5)
  await server.start()
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
})

test('a worker of the tab’s own serves where there is no SharedWorker', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), grace: 200 })
  const tab = await bench.page({ panels: ['errors'], dedicated: true })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect(await tab.run(({ line }) => line.status.shared)).toBe(false)
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  await tab.reload()
  expect(await tab.run(({ line }) => line.restored)).toEqual(['errors'])
  await tab.run(({ line }) => line.close())
  await expect.poll(async () => (await server.state()).connected).toBe(0)
})

test('two users never share a connection', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  await bench.frame({ panels: ['errors'], connect: { user: `${bench.id} ann/ä` } })
  await bench.frame({ panels: ['tmux'], connect: { user: `${bench.id} bob` } })
  await expect
    .poll(async () => (await server.state()).rooms.toSorted())
    .toEqual([['errors', 'stats'], ['tmux']])
})

test('a wall that lets no WebSockets through - long polling goes through it', async ({ bench }) => {
  const server = await bench.server()
  const proxy = await bench.proxy(await server.url())
  await proxy.blockWebSockets()
  bench.serve({ url: await proxy.url(), retry: { first: 50, every: 50 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect((await server.state()).connections.map(({ transport }) => transport)).toEqual(['polling'])
})

test('the first WebSocket fails - nothing goes over long polling before another one was tried', async ({
  bench,
}) => {
  const server = await bench.server()
  const proxy = await bench.proxy(await server.url())
  await proxy.blockNextWebSocket()
  bench.serve({ url: await proxy.url(), retry: { first: 50, every: 50 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect((await server.state()).connections.map(({ transport }) => transport)).toEqual(['websocket'])
})

/** A tab that is live, and then a wall that lets no WebSockets through. */
async function walledIn(bench: Bench) {
  const server = await bench.server()
  const proxy = await bench.proxy(await server.url())
  bench.serve({ url: await proxy.url(), retry: { first: 20, every: 20 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await proxy.blockWebSockets()
  await proxy.cut()
  return { server, proxy, tab }
}

// A poll's answer that is lost on the way is lost for good: browsers repeat the request by themselves, and the server
// goes on behind what it has sent.
test('WebSockets went through before - a broken one does not lead to long polling, but to another', async ({
  bench,
}) => {
  const { server, proxy, tab } = await walledIn(bench)
  await expect.poll(() => tab.run(({ line }) => line.status.attempt)).toBeGreaterThan(3)
  await proxy.pass()
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect((await server.state()).connections.map(({ transport }) => transport)).toEqual([
    'websocket',
    'websocket',
  ])
})

test('a network that lets WebSockets through no longer - long polling after ten attempts', async ({
  bench,
}) => {
  const { server, tab } = await walledIn(bench)
  await expect
    .poll(async () => (await server.state()).connections.map(({ transport }) => transport), {
      timeout: 25_000,
    })
    .toEqual(['websocket', 'polling'])
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect(
    await tab.run(({ log }) => Math.max(...log.status.map(({ attempt }) => attempt))),
  ).toBeGreaterThanOrEqual(10)
})
