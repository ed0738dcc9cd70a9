import { type Endpoint, proxy, wrap } from 'comlink'
import type { Switchboard } from 'partyline'
import { expect, onTestFinished } from 'vitest'
import type { ToTab, WireEvent } from '../../shared/wire'
import { test } from '../support/setup'

function startDedicated(url: string, options: WorkerOptions) {
  const worker = new Worker(url, options)
  onTestFinished(() => worker.terminate())
  return worker
}

/** The endpoints on which a worker answers calls. */
const ENDPOINTS: [string, (url: string, options: WorkerOptions) => Endpoint][] = [
  ['a shared worker', (url, options) => new SharedWorker(url, options).port],
  ['a dedicated worker', startDedicated],
  [
    'a port that was posted to a dedicated worker',
    (url, options) => {
      const { port1, port2 } = new MessageChannel()
      startDedicated(url, options).postMessage({ type: 'connect' }, [port2])
      return port1
    },
  ],
]

test.for(ENDPOINTS)(
  'Comlink without the client library can subscribe, receive events and leave (%s)',
  async ([, start], { bench }) => {
    const server = await bench.server()
    const query = new URLSearchParams({
      options: JSON.stringify({ url: await server.url(), grace: 100 }),
      test: bench.id,
    })
    const worker = `partyline/1/${bench.id}`
    const endpoint = start(`/test/support/dashboard.worker.ts?worker_file&type=module&${query}`, {
      name: worker,
      type: 'module',
    })
    const board = wrap<Switchboard>(endpoint)
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
  },
)
