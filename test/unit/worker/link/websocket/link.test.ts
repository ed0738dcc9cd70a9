import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Rejection } from '../../../../../worker/dialect/dialect'
import { type Connection, createConnection } from '../../../../../worker/link/connection'
import { createReachabilities } from '../../../../../worker/link/reachability'
import { decodeJson } from '../../../../../worker/link/websocket/frames'
import { createLink, type WebSocketSettings } from '../../../../../worker/link/websocket/link'
import { FakeWebSocket, latestWebSocket, stubWebSocket } from '../../../../support/fake-websocket'

const SETTINGS: Omit<WebSocketSettings, 'createReachability'> = {
  url: () => 'ws://localhost/ws',
  protocols: [],
  tokenIn: 'query',
  decode: decodeJson,
  encode: ({ payload }) => JSON.stringify(payload),
  refusals: [],
  final: [],
  isGreeted: false,
  control: () => undefined,
}

let connections: Connection[] = []

function open(
  settings: Partial<WebSocketSettings> = {},
  isRefusal: (rejection: Rejection) => boolean = () => false,
  roundTrips: number[] = [],
  pace = 1000,
): Connection {
  const nothing = () => {}
  const connection = createConnection(
    {
      createRetry: () => () => pace,
      keepalive: settings.ping && { every: settings.ping.every, misses: 2 },
      auth: {
        credentials: async () => ({}),
        refused: nothing,
        isRenewed: async () => false,
        redact: (text) => text,
      },
      isRefusal,
      session: async () => undefined,
      wanted: () => [],
      rooms: { opened: nothing, lost: nothing, up: nothing, down: nothing, deny: nothing },
      onOpened: nothing,
      onUp: nothing,
      onMissed: nothing,
      onMessage: nothing,
      onUnreadable: nothing,
      onUnsendable: nothing,
      onDown: nothing,
      onStatus: nothing,
      onRoundTrip: (ms) => roundTrips.push(ms),
      onWoke: nothing,
    },
    (events) => createLink({ ...SETTINGS, createReachability: createReachabilities(), ...settings }, events),
  )
  connections.push(connection)
  connection.start()
  return connection
}

/** The addresses that were asked over HTTP. */
const asked: string[] = []
const wait = (seconds: number) => vi.advanceTimersByTimeAsync(1000 * seconds)

beforeEach(() => {
  vi.useFakeTimers()
  stubWebSocket()
  asked.length = 0
  vi.stubGlobal('location', { origin: 'http://localhost' })
  vi.stubGlobal('fetch', async (url: URL) => {
    asked.push(url.href)
    if (FakeWebSocket.isAway) throw new TypeError('Failed to fetch')
    return new Response('', { status: 426 })
  })
})
afterEach(() => {
  for (const each of connections) each.dispose()
  connections = []
  expect(vi.getTimerCount()).toBe(0)
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

test('a passive listener for ten minutes on a server that only ever sends - one connection, whatever comes to the front', async () => {
  const connection = open()
  await wait(1)
  for (let minute = 0; minute < 10; minute += 1) {
    for (let n = 0; n < 6; n += 1) {
      await wait(8)
      connection.nudge('visible')
      await wait(2)
      latestWebSocket().receive({ type: 'row', data: n })
    }
  }
  expect(FakeWebSocket.made).toHaveLength(1)
  expect(latestWebSocket().sent).toEqual([])
})

test('a server falls silent for longer than ever - it is dialled anew once for each longer silence, not at each nudge', async () => {
  const connection = open()
  await wait(60)
  expect(FakeWebSocket.made).toHaveLength(1)
  connection.nudge('visible')
  await wait(5)
  expect(FakeWebSocket.made).toHaveLength(2)
  for (let n = 0; n < 5; n += 1) {
    await wait(10)
    connection.nudge('visible')
  }
  await wait(5)
  expect(FakeWebSocket.made).toHaveLength(2)
})

test('a server answers each ping - the connection stays, and a nudge asks it at once', async () => {
  const connection = open({ ping: { every: 5000, message: { type: 'ping' }, answer: 'pong' } })
  for (let n = 0; n < 12; n += 1) {
    await wait(5)
    latestWebSocket().receive({ type: 'pong' })
  }
  expect(FakeWebSocket.made).toHaveLength(1)
  await wait(2)
  const { length } = latestWebSocket().sent
  connection.nudge('visible')
  expect(latestWebSocket().sent).toHaveLength(length + 1)
  latestWebSocket().receive({ type: 'row' })
  latestWebSocket().receive({ type: 'pong' })
  await wait(4)
  expect(FakeWebSocket.made).toHaveLength(1)
})

test('a server that hangs answers no ping - another connection is made, and the close event is not waited for', async () => {
  open({ ping: { every: 5000, message: 'ping' } })
  await wait(1)
  const first = latestWebSocket()
  await wait(16)
  expect(first.sent.slice(0, 2)).toEqual(['ping', 'ping'])
  expect(first.readyState).toBe(2)
  expect(FakeWebSocket.made.length).toBeGreaterThan(1)
  expect(latestWebSocket().readyState).toBe(FakeWebSocket.OPEN)
})

test('a connection breaks right after an event about an error - a loss, and no refusal', async () => {
  const refused: string[] = []
  open({}, ({ message }) => {
    refused.push(message)
    return true
  })
  await wait(1)
  latestWebSocket().receive({ type: 'error', message: 'a row: invalid token' })
  latestWebSocket().onclose?.({ code: 1006, reason: '' })
  await wait(2)
  expect(refused).toEqual([])
  latestWebSocket().receive({ type: 'error', message: 'invalid token' })
  latestWebSocket().onclose?.({ code: 1011, reason: '' })
  await wait(2)
  expect(refused).toEqual(['invalid token'])
})

test('the server is away for ten minutes - three WebSockets fail, then it is asked at the same pace, and dialled once it answers', async () => {
  FakeWebSocket.isAway = true
  const connection = open()
  await wait(3)
  expect([FakeWebSocket.made.length, asked.length]).toEqual([3, 0])
  await wait(600)
  expect(connection.status()).toMatchObject({
    state: 'offline',
    error: { message: 'The server does not answer over HTTP.' },
  })
  // Each question is an attempt, and the next one is announced.
  expect(connection.status().attempt).toBe(FakeWebSocket.made.length + asked.length)
  expect(connection.status().nextTryAt).toBeGreaterThan(Date.now())
  expect(new Set(asked)).toEqual(new Set(['http://localhost/ws']))
  expect(asked.length).toBeGreaterThan(550)
  expect(FakeWebSocket.made.length).toBeLessThan(13)
  FakeWebSocket.isAway = false
  await wait(1.1)
  expect(connection.status().state).toBe('online')
})

test('nothing but the server is asked: the address has no token', async () => {
  FakeWebSocket.isAway = true
  open({ url: () => 'wss://localhost/ws?room=a' })
  await wait(5)
  expect(asked[0]).toBe('https://localhost/ws?room=a')
})

test('somebody asks for a retry while the server is asked every minute - it is asked at once, and dialled', async () => {
  FakeWebSocket.isAway = true
  const connection = open({}, undefined, [], 60_000)
  await wait(0.1)
  for (let n = 0; n < 3; n += 1) {
    connection.retry(true)
    await wait(0.1)
  }
  expect([FakeWebSocket.made.length, asked.length]).toEqual([3, 1])
  FakeWebSocket.isAway = false
  connection.retry(true)
  await wait(0.1)
  expect(connection.status().state).toBe('online')
})

test('the connection is ended while the server is asked - nothing is dialled', async () => {
  FakeWebSocket.isAway = true
  const connection = open()
  await wait(3)
  vi.stubGlobal('fetch', () => new Promise((answer) => setTimeout(answer, 100, new Response(''))))
  await wait(0.05)
  connection.pause()
  FakeWebSocket.isAway = false
  await wait(5)
  expect(FakeWebSocket.made).toHaveLength(3)
})

test('a server accepts connections and says nothing - it counts as WebSockets that cannot be opened', async () => {
  FakeWebSocket.hangs = true
  open()
  await wait(34)
  expect([FakeWebSocket.made.length, asked.length]).toEqual([4, 1])
})

test('rooms with a connection each - three failures in all, and each of them asks', async () => {
  FakeWebSocket.isAway = true
  const createReachability = createReachabilities()
  for (const room of ['a', 'b', 'c', 'd']) open({ createReachability, url: () => `ws://localhost/${room}` })
  await wait(30)
  expect(FakeWebSocket.made.length).toBeLessThan(5)
  expect(new Set(asked).size).toBe(4)
  FakeWebSocket.isAway = false
  await wait(1.1)
  for (const each of connections) expect(each.status().state).toBe('online')
})

test('frames come after the answer to a ping - one round trip is measured', async () => {
  const roundTrips: number[] = []
  const connection = open({ ping: { every: 60_000, message: 'ping' } }, undefined, roundTrips)
  await wait(20)
  connection.nudge('visible')
  await wait(1)
  for (let n = 0; n < 3; n += 1) {
    latestWebSocket().receive({ type: 'row', data: n })
    await wait(1)
  }
  expect(roundTrips).toEqual([1000])
})

test('the link forgets what the server could continue when it hangs up, and not when it is lost', async () => {
  let forgot = 0
  const connection = open({
    forget() {
      forgot += 1
    },
  })
  await wait(1)
  latestWebSocket().onclose?.({ code: 1012, reason: '' })
  await wait(3)
  expect(forgot).toBe(0)
  connection.pause()
  expect(forgot).toBe(1)
})

test('handed over - waits until the connection has ended, for a second at most', async () => {
  for (const ends of [true, false]) {
    const connection = open()
    connection.start()
    await vi.advanceTimersByTimeAsync(10)
    let released = false
    void connection.release().then(() => {
      released = true
    })
    await vi.advanceTimersByTimeAsync(900)
    expect(released).toBe(false)
    if (ends) latestWebSocket().onclose?.({ code: 1000, reason: '' })
    await vi.advanceTimersByTimeAsync(ends ? 0 : 100)
    expect(released).toBe(true)
  }
})

test('the server refuses the user before it accepts a WebSocket, for ten minutes - each attempt dials, so that the next token is tried at once', async () => {
  FakeWebSocket.isAway = true
  vi.stubGlobal('fetch', async () => new Response('', { status: 404 }))
  const connection = open({ probe: async () => new Response('', { status: 401 }) }, () => true)
  const states = new Set<string>()
  for (let second = 0; second < 600; second += 1) {
    await wait(1)
    states.add(connection.status().state)
  }
  expect([...states]).toEqual(['unauthorized'])
  FakeWebSocket.isAway = false
  connection.retry(true)
  await wait(1)
  expect(connection.status().state).toBe('online')
})
