import { expect } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'

/**
 * The hole of long polling. A server has done with a poll once it has answered. If the answer is lost on its way and the connection
 * was used before, the browser repeats the request by itself, as HTTP allows. No error reaches the page, and the server
 * goes on behind what was lost. Resource Timing does not tell such a poll from one that waited for a free connection.
 */

/** What a tab heard, in order: numbers of events, and the causes of gaps. */
const record = (tab: Tab) =>
  tab.run(({ received }) =>
    received.map((each) => ('cause' in each ? each.cause : (each.data as { n: number }).n)),
  )

/** A tab behind a wall that lets no WebSocket through has heard of two events. The answer with the third is lost, and a fourth sent. */
async function loses(bench: Bench, server: Awaited<ReturnType<Bench['server']>>, options = {}) {
  const proxy = await bench.proxy(await server.url())
  await proxy.blockWebSockets()
  bench.serve({ url: await proxy.url(), retry: { first: 20, every: 50 }, ...options })
  const tab = await bench.page({ panels: ['tmux'] })
  await isLive(tab, 'tmux')
  for (const n of [1, 2]) {
    await server.emit('tmux', 'tmux', { n })
    await expect.poll(() => record(tab)).toContain(n)
  }
  await proxy.losePollAnswer()
  await server.emit('tmux', 'tmux', { n: 3 })
  return { proxy, tab }
}

test('the answer of a long poll is lost on its way - the browser repeats the request, and the event is missing in silence', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  const { proxy, tab } = await loses(bench, server)
  await expect.poll(() => proxy.repeatedPolls()).toBe(1)
  await server.emit('tmux', 'tmux', { n: 4 })
  await expect.poll(() => record(tab)).toContain(4)
  expect(
    await record(tab),
    'If this hole is closed now, docs/scaling.md, docs/gaps.md and ARCHITECTURE.md say otherwise.',
  ).toEqual([1, 2, 4])
  expect(await tab.run(({ log }) => log.error)).toEqual([])
  expect((await server.state()).connections).toHaveLength(1)
})

test('a server that ends the connection with each poll - the browser repeats nothing, and what is missing is a gap', async ({
  bench,
}) => {
  const server = await bench.server({ closesPolls: true })
  const { proxy, tab } = await loses(bench, server)
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await isLive(tab, 'tmux')
  await server.emit('tmux', 'tmux', { n: 4 })
  await expect.poll(() => record(tab)).toContain(4)
  expect(await record(tab)).toEqual([1, 2, 'link', 4])
  expect(await proxy.repeatedPolls()).toBe(0)
})

test('a server that numbers the events of a room - what is missing is a gap', async ({ bench }) => {
  const server = await bench.server()
  const { proxy, tab } = await loses(bench, server, { seq: true })
  await expect.poll(() => proxy.repeatedPolls()).toBe(1)
  await server.emit('tmux', 'tmux', { n: 4 })
  await expect.poll(() => record(tab)).toEqual([1, 2, 'sequence', 4])
})
