import { type Endpoint, proxy, releaseProxy, wrap } from 'comlink'
import type { Switchboard } from 'partyline'
import { expect, onTestFinished } from 'vitest'
import type { ToTab, WireEvent } from '../../shared/wire'
import { type Bench, test } from '../support/setup'

function startDedicated(url: string, options: WorkerOptions) {
  const worker = new Worker(url, options)
  onTestFinished(() => worker.terminate())
  return worker
}

/** Where a worker answers calls. */
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

/** Starts a worker for a server, in one of these ways. */
async function open(bench: Bench, start: (typeof ENDPOINTS)[number][1]) {
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
  return { server, worker, endpoint }
}

test.for(ENDPOINTS)(
  'Comlink without the client library can subscribe, receive events and leave (%s)',
  async ([, start], { bench }) => {
    const { server, worker, endpoint } = await open(bench, start)
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

test.for(ENDPOINTS)(
  'a page releases its proxy - its tab is served until it leaves (%s)',
  async ([, start], { bench }) => {
    const { server, worker, endpoint } = await open(bench, start)
    const board = wrap<Switchboard>(endpoint)
    const heard: ToTab[] = []
    await board.hello(
      { protocol: 1, worker, tab: 'my-tab' },
      proxy((message: ToTab) => void heard.push(message)),
    )
    await board.subscribe(['errors'])
    await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
    board[releaseProxy]()
    const next = wrap<Switchboard>(endpoint)
    expect((await next.inspect()).counters.refused).toBe(1)
    await server.emitMany('errors', 'row', 1, 1)
    await expect.poll(() => heard.filter(({ type }) => type === 'events')).toHaveLength(1)
    await next.leave()
    await expect.poll(async () => (await server.state()).connected).toBe(0)
  },
)
