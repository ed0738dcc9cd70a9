import { expect } from 'vitest'
import { type Bench, isLive, test } from '../support/setup'

test('disconnect - paused in every tab - connect - online again with the rooms', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['tmux'] })]
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  await tabs[0]?.run(({ line }) => line.disconnect())
  for (const tab of tabs) await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('paused')
  await expect.poll(async () => (await server.state()).connected).toBe(0)
  // A new tab does not undo a `disconnect()`.
  const late = await bench.frame({ panels: ['overview'] })
  await expect.poll(() => late.run(({ line }) => line.status.state)).toBe('paused')
  await tabs[1]?.run(({ line }) => line.connect())
  for (const tab of tabs) await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  await expect
    .poll(async () => (await server.state()).rooms)
    .toEqual([['activity', 'errors', 'stats', 'tmux']])
  expect((await server.state()).connections).toHaveLength(2)
})

test('disconnect, and the worker dies - the next one stays paused - connect - online', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 20, every: 50 } })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['errors'] })] as const
  const [tab] = tabs
  const incarnation = () => tab.run(async ({ line }) => (await line.inspect()).incarnation).catch(() => first)
  const isState = async (state: string) => {
    for (const each of tabs) await expect.poll(() => each.run(({ line }) => line.status.state)).toBe(state)
  }
  await isState('online')
  const first: string = await tab.run(async ({ line }) => (await line.inspect()).incarnation)
  await tab.run(({ line }) => line.disconnect())
  await isState('paused')
  bench.worker('die')
  await expect.poll(incarnation).not.toBe(first)
  await isState('paused')
  expect((await server.state()).connections).toHaveLength(1)
  await tab.run(({ line }) => line.connect())
  await isState('online')
  expect((await server.state()).connections).toHaveLength(2)
})

test('the server stops - offline with the time of the next try - retry() tries at once', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 60_000, every: 60_000, jitter: 0 } })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
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

test('the server disconnects the client - it is retried like any other loss', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 50, every: 50 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.kick()
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
})

test('the server starts after the page - the line goes online', async ({ bench }) => {
  const server = await bench.server()
  await server.stop()
  bench.serve({ url: await server.url(), retry: { first: 50, every: 50 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  await expect.poll(() => tab.run(({ line }) => line.status.attempt)).toBeGreaterThan(5)
  await server.start()
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
})

test('a dedicated worker of its own serves the tab where there is no SharedWorker', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), grace: 5000 })
  const tab = await bench.page({ panels: ['errors'], dedicated: true, connect: { share: false } })
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

test('a network that blocks WebSockets - long polling is used', async ({ bench }) => {
  const server = await bench.server()
  const proxy = await bench.proxy(await server.url())
  await proxy.blockWebSockets()
  bench.serve({ url: await proxy.url(), retry: { first: 50, every: 50 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect((await server.state()).connections.map(({ transport }) => transport)).toEqual(['polling'])
})

test('the first WebSocket fails - another one is tried before long polling', async ({ bench }) => {
  const server = await bench.server()
  const proxy = await bench.proxy(await server.url())
  await proxy.blockNextWebSocket()
  bench.serve({ url: await proxy.url(), retry: { first: 50, every: 50 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect((await server.state()).connections.map(({ transport }) => transport)).toEqual(['websocket'])
})

/** Makes a tab live over a WebSocket, then breaks it and blocks all others. */
async function loseWebSockets(bench: Bench, every: number) {
  const server = await bench.server()
  const proxy = await bench.proxy(await server.url())
  bench.serve({ url: await proxy.url(), retry: { first: 20, every } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await proxy.blockWebSockets()
  await proxy.cut()
  return { server, proxy, tab }
}

// Long polling can lose events: when an answer is lost, the browser repeats the request by itself, and the server continues
// after the answer that it has sent.
test('a WebSocket breaks after it worked - the retries use WebSockets, not long polling', async ({
  bench,
}) => {
  const { server, proxy, tab } = await loseWebSockets(bench, 300)
  await expect.poll(() => tab.run(({ line }) => line.status.attempt)).toBeGreaterThan(3)
  await proxy.pass()
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect((await server.state()).connections.map(({ transport }) => transport)).toEqual([
    'websocket',
    'websocket',
  ])
})

test('a network starts to block WebSockets - long polling is used after ten attempts', async ({ bench }) => {
  const { server, tab } = await loseWebSockets(bench, 20)
  await expect
    .poll(async () => (await server.state()).connections.map(({ transport }) => transport))
    .toEqual(['websocket', 'polling'])
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  expect(
    await tab.run(({ log }) => Math.max(...log.status.map(({ attempt }) => attempt))),
  ).toBeGreaterThanOrEqual(10)
})
