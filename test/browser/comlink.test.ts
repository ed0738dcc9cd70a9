import { proxy, wrap } from 'comlink'
import type { Switchboard } from 'partyline'
import { expect } from 'vitest'
import type { ToTab, WireEvent } from '../../src/protocol'
import { test } from '../support/setup'

test('without the client library: Comlink alone, with a proxied callback', async ({ bench }) => {
  const server = await bench.server()
  const query = new URLSearchParams({
    options: JSON.stringify({ url: await server.url(), grace: 100 }),
    test: bench.id,
  })
  const worker = `partyline/1/${bench.id}`
  const { port } = new SharedWorker(`/test/support/dashboard.worker.ts?worker_file&type=module&${query}`, {
    name: worker,
    type: 'module',
  })
  const board = wrap<Switchboard>(port)
  const heard: ToTab[] = []
  const welcome = await board.hello(
    { protocol: 1, worker, tab: 'my-tab' },
    proxy((message: ToTab) => void heard.push(message)),
  )
  expect(await board.ping()).toBe(welcome.incarnation)
  await board.subscribe(['errors'])
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  await server.emitMany('errors', 'row', 1, 3)
  await expect
    .poll(() =>
      heard.flatMap((message) =>
        message.type === 'events' ? (message.events as WireEvent[]).map(({ data }) => data) : [],
      ),
    )
    .toEqual([1, 2, 3].map((n) => ({ room: 'errors', n })))
  await expect(board.subscribe(['nope'])).rejects.toMatchObject({
    name: 'PartylineError',
    reason: 'unknown-panel',
  })
  await expect(
    board.hello(
      { protocol: 2, worker, tab: 'x' },
      proxy(() => {}),
    ),
  ).rejects.toMatchObject({
    reason: 'wrong-worker',
  })
  await board.leave()
  await expect.poll(async () => (await server.state()).connected).toBe(0)
})
