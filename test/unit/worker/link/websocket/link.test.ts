import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Rejection } from '../../../../../worker/dialect/dialect'
import { type Connection, createConnection } from '../../../../../worker/link/connection'
import { decodeJson } from '../../../../../worker/link/websocket/frames'
import { createLink, type WebSocketSettings } from '../../../../../worker/link/websocket/link'

/** A WebSocket whose server is the test. Minutes of silence, and a server that hangs, cannot be had otherwise. */
class FakeWebSocket {
  static readonly OPEN = 1
  static made: FakeWebSocket[] = []
  readyState = 0
  readonly sent: string[] = []
  onopen: (() => void) | null = null
  onmessage: ((event: { data: string }) => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  /** Whether the server is away. */
  static isAway = false
  constructor(readonly url: string) {
    FakeWebSocket.made.push(this)
    setTimeout(() => {
      if (FakeWebSocket.isAway) return this.onclose?.({ code: 1006, reason: '' })
      this.readyState = FakeWebSocket.OPEN
      this.onopen?.()
    }, 1)
  }
  send(text: string) {
    this.sent.push(text)
  }
  close() {
    this.readyState = 2
  }
  receive(frame: unknown) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
}

const SETTINGS: WebSocketSettings = {
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
): Connection {
  const nothing = () => {}
  const connection = createConnection(
    {
      createRetry: () => () => 1000,
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
    (events) => createLink({ ...SETTINGS, ...settings }, events),
  )
  connections.push(connection)
  connection.start()
  return connection
}

const latest = () => FakeWebSocket.made.at(-1) as FakeWebSocket
const wait = (seconds: number) => vi.advanceTimersByTimeAsync(1000 * seconds)

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('WebSocket', FakeWebSocket)
  FakeWebSocket.made = []
  FakeWebSocket.isAway = false
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
      latest().receive({ type: 'row', data: n })
    }
  }
  expect(FakeWebSocket.made).toHaveLength(1)
  expect(latest().sent).toEqual([])
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
    latest().receive({ type: 'pong' })
  }
  expect(FakeWebSocket.made).toHaveLength(1)
  await wait(2)
  const { length } = latest().sent
  connection.nudge('visible')
  expect(latest().sent).toHaveLength(length + 1)
  latest().receive({ type: 'row' })
  latest().receive({ type: 'pong' })
  await wait(4)
  expect(FakeWebSocket.made).toHaveLength(1)
})

test('a server that hangs answers no ping - another connection is made, and the close event is not waited for', async () => {
  open({ ping: { every: 5000, message: 'ping' } })
  await wait(1)
  const first = latest()
  await wait(16)
  expect(first.sent.slice(0, 2)).toEqual(['ping', 'ping'])
  expect(first.readyState).toBe(2)
  expect(FakeWebSocket.made.length).toBeGreaterThan(1)
  expect(latest().readyState).toBe(FakeWebSocket.OPEN)
})

test('a connection breaks right after an event about an error - a loss, and no refusal', async () => {
  const refused: string[] = []
  open({}, ({ message }) => {
    refused.push(message)
    return true
  })
  await wait(1)
  latest().receive({ type: 'error', message: 'a row: invalid token' })
  latest().onclose?.({ code: 1006, reason: '' })
  await wait(2)
  expect(refused).toEqual([])
  latest().receive({ type: 'error', message: 'invalid token' })
  latest().onclose?.({ code: 1011, reason: '' })
  await wait(2)
  expect(refused).toEqual(['invalid token'])
})

test('an address that never answers is asked first - the WebSocket is tried all the same, once a minute', async () => {
  FakeWebSocket.isAway = true
  let asked = 0
  const connection = open({
    async probe() {
      asked += 1
      throw new TypeError('Failed to fetch')
    },
  })
  await wait(3)
  expect(FakeWebSocket.made).toHaveLength(3)
  await wait(120)
  // Once for each attempt: before it is dialled, or after it has failed.
  expect(asked).toBeGreaterThan(100)
  expect(asked).toBeLessThan(130)
  expect(FakeWebSocket.made.length).toBeGreaterThan(8)
  FakeWebSocket.isAway = false
  await wait(13)
  expect(connection.status().state).toBe('online')
})

test('frames come after the answer to a ping - one round trip is measured', async () => {
  const roundTrips: number[] = []
  const connection = open({ ping: { every: 60_000, message: 'ping' } }, undefined, roundTrips)
  await wait(20)
  connection.nudge('visible')
  await wait(1)
  for (let n = 0; n < 3; n += 1) {
    latest().receive({ type: 'row', data: n })
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
  latest().onclose?.({ code: 1012, reason: '' })
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
    if (ends) FakeWebSocket.made.at(-1)?.onclose?.({ code: 1000, reason: '' })
    await vi.advanceTimersByTimeAsync(ends ? 0 : 100)
    expect(released).toBe(true)
  }
})
