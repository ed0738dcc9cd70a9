import { expect } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'

/**
 * Long polling can lose events. If an answer is lost and its connection was used before, the browser repeats the request by
 * itself, as HTTP allows. The page gets no error, and the server continues after the lost answer. Resource Timing does not
 * distinguish such a poll from one that waited for a free connection.
 */

/** What a tab received, in order: the numbers of events, and the causes of gaps. */
const record = (tab: Tab) =>
  tab.run(({ received }) =>
    received.map((each) => ('cause' in each ? each.cause : (each.data as { n: number }).n)),
  )

/** Opens a tab where WebSockets are blocked. It receives two events, and the answer with the third is lost. */
async function loseThirdEvent(bench: Bench, server: Awaited<ReturnType<Bench['server']>>, options = {}) {
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

test('the answer to a long poll is lost - the browser repeats the request, and the event is missing without a gap', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  const { proxy, tab } = await loseThirdEvent(bench, server)
  await expect.poll(() => proxy.repeatedPolls()).toBe(1)
  await server.emit('tmux', 'tmux', { n: 4 })
  await expect.poll(() => record(tab)).toContain(4)
  expect(
    await record(tab),
    'If this event is no longer lost, update docs/scaling.md, docs/gaps.md and ARCHITECTURE.md.',
  ).toEqual([1, 2, 4])
  expect(await tab.run(({ log }) => log.error)).toEqual([])
  expect((await server.state()).connections).toHaveLength(1)
})

test('the server refuses a repeated poll - a gap is reported', async ({ bench }) => {
  const server = await bench.server({ refusesRepeats: true })
  const { proxy, tab } = await loseThirdEvent(bench, server)
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await isLive(tab, 'tmux')
  await server.emit('tmux', 'tmux', { n: 4 })
  await expect.poll(() => record(tab)).toContain(4)
  expect(await record(tab)).toEqual([1, 2, 'link', 4])
  expect(await proxy.repeatedPolls()).toBe(1)
})

test('the server numbers the events of a room - a gap is reported for the lost event', async ({ bench }) => {
  const server = await bench.server()
  const { proxy, tab } = await loseThirdEvent(bench, server, { seq: true })
  await expect.poll(() => proxy.repeatedPolls()).toBe(1)
  await server.emit('tmux', 'tmux', { n: 4 })
  await expect.poll(() => record(tab)).toEqual([1, 2, 'sequence', 4])
})
