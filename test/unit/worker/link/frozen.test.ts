import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createCable, identify, PROTOCOLS } from '../../../../worker/link/action-cable/cable'
import { createAuth } from '../../../../worker/link/auth'
import { type Connection, createConnection } from '../../../../worker/link/connection'
import type { Link, LinkEvents } from '../../../../worker/link/link'
import { createLink as createStreamLink } from '../../../../worker/link/sse/link'
import { createLink as createSocketLink } from '../../../../worker/link/websocket/link'
import { createPulse } from '../../../../worker/sharing/pulse'
import { FakeWebSocket, latestWebSocket, stubWebSocket } from '../../../support/fake-websocket'

/** A worker that serves all tabs stands still for a while, as in a frozen tab. Its first task afterwards is what the server has sent. */

let ahead: number

/** The clock jumps, and no timer runs. */
function freeze() {
  ahead += 1400
}
const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

let connection: Connection | undefined

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  ahead = 0
  const [byDate, byPerformance] = [Date.now, performance.now]
  vi.spyOn(Date, 'now').mockImplementation(() => byDate() + ahead)
  vi.spyOn(performance, 'now').mockImplementation(() => byPerformance.call(performance) + ahead)
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      postMessage() {}
    },
  )
})
afterEach(() => {
  connection?.dispose()
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** The connection of a worker that serves other workers' tabs as well, and what it passes on. */
async function open(createLink: (events: LinkEvents) => Link) {
  const told: string[] = []
  const pulse = createPulse({
    channel: 'pulse',
    beat: () => ({ type: 'beat', from: 'first', yields: false }),
    heard: () => {},
    silent: () => {},
    stalled: () => made.redial('The tab with the connection was frozen.'),
  })
  pulse.serve()
  pulse.beat()
  const made = createConnection(
    {
      createRetry: () => () => 1000,
      keepalive: undefined,
      auth: createAuth({ sources: () => [], isRefusal: () => false }),
      isRefusal: () => false,
      isStale: pulse.hasStalled,
      session: async () => undefined,
      wanted: () => ['A'],
      rooms: {
        opened: () => {},
        lost: (heardAt) => told.push(`lost, heard at ${heardAt - 1_000_000}`),
        up: (room) => told.push(`up ${room}`),
        down: (room) => told.push(`down ${room}`),
        deny: () => {},
      },
      onOpened: ({ recovered }) => told.push(recovered ? 'recovered' : 'opened'),
      onUp: () => {},
      onMissed: () => {},
      onMessage: ({ name }) => told.push(name),
      onUnreadable: (why) => told.push(why),
      onUnsendable: () => {},
      onDown: () => {},
      onStatus: () => {},
      onRoundTrip: () => told.push('round trip'),
      onWoke: () => {},
    },
    createLink,
  )
  connection = made
  made.start()
  await tick(10)
  return { connection: made, take: () => told.splice(0) }
}

/** Requests for a stream of events, and what sends something over the last one. */
function stubStreams() {
  const requests: Request[] = []
  const bodies: ReadableStreamDefaultController<Uint8Array>[] = []
  vi.stubGlobal('fetch', async (url: URL, { signal, headers }: RequestInit) => {
    requests.push(new Request(url, { headers: headers as HeadersInit }))
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        bodies.push(controller)
        signal?.addEventListener('abort', () => controller.error(signal.reason))
      },
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  })
  return {
    lastIds: () => requests.map((request) => request.headers.get('last-event-id')),
    async send(text: string) {
      bodies.at(-1)?.enqueue(new TextEncoder().encode(text))
      await tick()
    },
  }
}

const createStream = (events: LinkEvents) =>
  createStreamLink(
    {
      url: (rooms) => new URL(`http://localhost/events?rooms=${rooms}`),
      headers: () => ({}),
      credentials: 'omit',
      resumes: true,
      lastIdIn: undefined,
    },
    events,
  )

test('an event with an id comes over a stream - it is not passed on, and the next stream begins with it', async () => {
  const { lastIds, send } = stubStreams()
  const { take } = await open(createStream)
  await send('id: 1\nevent: e1\ndata: 1\n\n')
  freeze()
  await send('id: 2\nevent: e2\ndata: 2\n\nid: 3\nevent: e3\ndata: 3\n\n')
  await tick(1000)
  expect(lastIds()).toEqual([null, '1'])
  await send('id: 2\nevent: e2\ndata: 2\n\n')
  expect(take()).toEqual(['opened', 'e1', 'lost, heard at 10', 'recovered', 'e2'])
})

test('the server answers a change of rooms - no room is joined over the stream that is dropped', async () => {
  stubStreams()
  const { connection, take } = await open(createStream)
  connection.join?.('B')
  freeze()
  await tick(20)
  expect(take()).toEqual(['opened', 'lost, heard at 0'])
})

const reachability = { failed() {}, opened() {}, obstacle: async () => undefined }

test('an event of a numbered stream comes over Action Cable - the server is asked for it again', async () => {
  stubWebSocket()
  const cable = createCable(identify)
  const identifier = JSON.stringify({ channel: 'A' })
  const receive = (frame: object) => latestWebSocket().receive(frame)
  const event = (offset: number) =>
    receive({ identifier, message: { type: `e${offset}` }, stream_id: 's', epoch: 'e', offset })
  const { connection, take } = await open((events) =>
    createSocketLink(
      {
        url: () => cable.dial('ws://localhost/cable'),
        protocols: PROTOCOLS,
        tokenIn: 'query',
        decode: cable.decode,
        encode: cable.encode,
        refusals: [],
        final: [],
        createReachability: () => reachability,
        isGreeted: true,
        control: cable.control,
        forget: cable.forget,
      },
      events,
    ),
  )
  const join = () => connection.send(cable.dialect.join('A'))
  receive({ type: 'welcome', sid: 'session' })
  join()
  receive({ type: 'confirm_subscription', identifier })
  receive({ type: 'ping', message: 1000 })
  event(1)
  freeze()
  receive({ type: 'ping', message: 1002 })
  event(2)
  await tick(1001)
  receive({ type: 'welcome', sid: 'session' })
  join()
  expect(JSON.parse(latestWebSocket().sent.at(-1) ?? '')).toEqual({
    command: 'subscribe',
    identifier,
    history: { since: 1000, streams: { s: { epoch: 'e', offset: 1 } } },
  })
  expect(take()).toEqual(['opened', 'confirm_subscription', 'e1', 'lost, heard at 10', 'opened'])
})

test('it is asked over HTTP whether the server is there - no WebSocket is opened, until the worker dials anew', async () => {
  stubWebSocket()
  let answer = () => {}
  const obstacle = () =>
    new Promise<undefined>((resolve) => {
      answer = () => resolve(undefined)
    })
  await open((events) =>
    createSocketLink(
      {
        url: () => 'ws://localhost/',
        protocols: [],
        tokenIn: 'query',
        decode: () => [],
        encode: JSON.stringify,
        refusals: [],
        final: [],
        createReachability: () => ({ ...reachability, obstacle }),
        isGreeted: false,
        control: () => undefined,
      },
      events,
    ),
  )
  freeze()
  answer()
  await tick()
  expect(FakeWebSocket.made).toHaveLength(0)
  await tick(1001)
  answer()
  await tick()
  expect(FakeWebSocket.made).toHaveLength(1)
})

test.each([
  ['a sign of life', ({ alive }: LinkEvents) => alive()],
  ['something that cannot be read', ({ unreadable }: LinkEvents) => unreadable('no JSON')],
  ['the answer to a probe', (_: LinkEvents, answer: () => void) => answer()],
])('%s comes - it does not count, and the gap begins before the worker stood still', async (_, happen) => {
  let events = {} as LinkEvents
  let answer = () => {}
  let isDropped = false
  const { connection, take } = await open((given) => {
    events = given
    return {
      dial: () => events.opened({ recovered: false, missed: [] }),
      drop() {
        isDropped = true
      },
      release: async () => true,
      hangUp: () => {},
      send: () => {},
      probe: (answered) => {
        answer = answered
      },
    }
  })
  await tick(1990)
  connection.nudge('visible')
  freeze()
  happen(events, answer)
  if (!isDropped) events.message({ name: 'next', payload: 1, size: 1 })
  expect(take()).toEqual(['opened', 'lost, heard at 0'])
})
