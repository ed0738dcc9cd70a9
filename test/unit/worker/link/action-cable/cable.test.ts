import { expect, test } from 'vitest'
import { read } from '../../../../../worker/dialect/reading'
import { createCable, identify } from '../../../../../worker/link/action-cable/cable'
import { framesIn } from '../../../../../worker/link/websocket/frames'

const id = (channel: string) => JSON.stringify({ channel })
const A = id('A')

function setUp(identifyRoom = identify) {
  const cable = createCable(identifyRoom)
  const replies: unknown[] = []
  /** A connection is made, and the server welcomes it. */
  function welcome(more = {}) {
    cable.dial('ws://host/cable')
    return hear({ type: 'welcome', ...more })
  }
  /** What a frame means to the link, or what the app's side reads in the messages that are handed on. */
  function hear(frame: object) {
    const [arrival] = framesIn(JSON.stringify(frame), cable.decode, undefined)
    if (!arrival) throw new Error('A frame is one message.')
    const control = cable.control(arrival, (message) => replies.push(JSON.parse(cable.encode(message))))
    if (control !== undefined && !Array.isArray(control)) return control
    return (control ?? [arrival]).map((message) => read(cable.dialect, undefined, message, () => false))
  }
  const event = (offset: number, stream = 's', identifier = A) =>
    hear({ identifier, message: { n: offset }, stream_id: stream, epoch: 'e', offset })
  const ask = (room: string) => JSON.parse(cable.encode(cable.dialect.join(room)))
  /** A connection that has joined room `A`, and got its first event and a ping. */
  function connect({ streams = ['s'], time = 1000 } = {}) {
    welcome({ sid: 'one' })
    ask('A')
    hear({ type: 'confirm_subscription', identifier: A })
    for (const stream of streams) event(1, stream)
    hear({ type: 'ping', message: time })
  }
  return { cable, replies, hear, welcome, event, ask, connect }
}

const data = (n: number) => ({ kind: 'data', rooms: ['A'], name: 'A', data: { n } })
const joined = { kind: 'joined', room: 'A' }
const recovered = { ...joined, recovered: true }

test('a room is a channel with its parameters', () => {
  expect(identify('ChatChannel')).toEqual({ channel: 'ChatChannel' })
  expect(identify('ChatChannel:{"id":42,"tab":"a:b"}')).toEqual({
    channel: 'ChatChannel',
    id: 42,
    tab: 'a:b',
  })
  expect(identify('Admin::ChatChannel')).toEqual({ channel: 'Admin::ChatChannel' })
  expect(identify('Admin::ChatChannel:{"id":42}')).toEqual({ channel: 'Admin::ChatChannel', id: 42 })
})

test.each([
  'ChatChannel:',
  'ChatChannel:42',
  'ChatChannel:"42"',
  'ChatChannel:[42]',
  'ChatChannel:null',
  'ChatChannel:42x',
])('room %s has parameters that are no JSON object - an error says what is expected', (room) => {
  expect(() => identify(room)).toThrow(`"${room}" should end with its parameters as a JSON object`)
})

test('an identifier that is no object - the join fails, and says what is expected', () => {
  const { ask } = setUp(((room: string) => room) as never)
  expect(() => ask('A')).toThrow('"identifier" should return an object')
})

test('frames that are no JSON objects are not read; bytes are', () => {
  const { cable } = setUp()
  expect(() => cable.decode('[1]')).toThrow('JSON object')
  expect(() => cable.decode('ping')).toThrow(SyntaxError)
  expect(cable.decode(new TextEncoder().encode('{"type":"ping"}').buffer)).toEqual({ type: 'ping' })
})

test('the answers about a room - joined, denied, and left', () => {
  const { cable, hear, ask, welcome } = setUp()
  expect(welcome()).toBe('accepted')
  expect(ask('A')).toEqual({ command: 'subscribe', identifier: A })
  expect(hear({ type: 'confirm_subscription', identifier: A })).toEqual([joined])
  expect(hear({ type: 'reject_subscription', identifier: A })).toEqual([
    { kind: 'denied', room: 'A', reason: 'denied' },
  ])
  expect(cable.dialect.leave('A')).toEqual({ name: 'unsubscribe', payload: { identifier: A } })
})

test('a message of a page - calls a method of its channel, whatever the payload names', () => {
  const { cable } = setUp()
  const encode = (payload: unknown) => JSON.parse(cable.encode({ name: 'speak', payload, room: 'A' }))
  const call = (data: object) => ({ command: 'message', identifier: A, data: JSON.stringify(data) })
  expect(encode({ text: 'Hello' })).toEqual(call({ text: 'Hello', action: 'speak' }))
  expect(encode({ action: 'destroy' })).toEqual(call({ action: 'speak' }))
  expect(encode(undefined)).toEqual(call({ action: 'speak' }))
  for (const payload of ['text', 7, null, [1]]) expect(() => encode(payload)).toThrow('an object as payload')
})

test('an event is named by its type, or else by its room, and an envelope is opened', () => {
  const { hear, ask, welcome } = setUp()
  welcome()
  ask('A')
  expect(hear({ identifier: A, message: { type: 'row', data: 7 } })).toMatchObject([{ name: 'row', data: 7 }])
  expect(hear({ identifier: A, message: { type: 'row', n: 7 } })).toMatchObject([
    { name: 'row', data: { type: 'row', n: 7 } },
  ])
  expect(hear({ identifier: A, message: null })).toMatchObject([{ name: 'A', data: null }])
  expect(hear({ identifier: A, message: 'text' })).toMatchObject([{ name: 'A', data: 'text' }])
  // Somebody has left this room a moment ago.
  expect(hear({ identifier: id('B'), message: 1 })).toMatchObject([{ kind: 'data', rooms: [id('B')] }])
})

test('other messages of the protocol reach nobody', () => {
  const { hear, ask, welcome } = setUp()
  welcome()
  ask('A')
  expect(hear({ type: 'presence', identifier: A, message: { id: 1 } })).toEqual([{ kind: 'system' }])
  expect(hear({ type: 'news' })).toEqual([{ kind: 'system' }])
})

test('the server disconnects - a refusal, a loss, or the last attempt', () => {
  const { hear } = setUp()
  const disconnect = (reason: string | undefined, reconnect?: boolean) =>
    hear({ type: 'disconnect', reason, reconnect })
  for (const reason of ['unauthorized', 'unauthorised', 'token_expired', 'invalid token'])
    expect(disconnect(reason, false)).toEqual({
      reason: `disconnected: ${reason}`,
      rejection: { message: reason, data: { status: 401 } },
    })
  expect(disconnect('server_restart', true)).toEqual({ reason: 'disconnected: server_restart' })
  expect(disconnect('idle_timeout')).toEqual({ reason: 'disconnected: idle_timeout' })
  expect(disconnect('invalid_request', false)).toEqual({
    reason: 'disconnected: invalid_request',
    isFinal: true,
  })
})

test('the session is asked for, and not after the server has disconnected', () => {
  const { cable, hear, welcome } = setUp()
  expect(cable.dial('ws://host/cable')).toBe('ws://host/cable')
  welcome({ sid: 'a b' })
  expect(cable.dial('ws://host/cable?x=1')).toBe('ws://host/cable?x=1&sid=a+b')
  hear({ type: 'disconnect', reason: 'remote', reconnect: true })
  expect(cable.dial('ws://host/cable')).toBe('ws://host/cable')
})

test('the server welcomes twice on one connection - the subscriptions stay as they are', () => {
  const { hear, welcome, event, ask } = setUp()
  welcome()
  ask('A')
  expect(hear({ type: 'welcome' })).toBe('alive')
  expect(event(1)).toMatchObject([data(1)])
  expect(hear({ type: 'confirm_subscription', identifier: A })).toEqual([joined])
})

test('pings are answered only where there is a session', () => {
  const { hear, replies, welcome } = setUp()
  welcome()
  expect(hear({ type: 'ping', message: 1 })).toBe('alive')
  expect(replies).toEqual([])
  welcome({ sid: 'one' })
  hear({ type: 'ping', message: 2 })
  expect(replies).toEqual([{ command: 'pong' }])
})

for (const [unit, factor] of [
  ['seconds', 1],
  ['milliseconds', 1e3],
  ['nanoseconds', 1e9],
] as const)
  test(`a server that tells the time in ${unit} is asked in seconds`, () => {
    const { ask, connect, welcome } = setUp()
    connect({ time: 1_700_000_000 * factor })
    welcome({ sid: 'two' })
    expect(ask('A').history.since).toBe(1_700_000_000)
  })

test('missed and new messages of two streams come mixed - they are handed on after the answer, in order, once', () => {
  const { hear, event, ask, connect, welcome } = setUp()
  connect({ streams: ['s', 't'] })
  welcome({ sid: 'two' })
  expect(ask('A')).toEqual({
    command: 'subscribe',
    identifier: A,
    history: { since: 1000, streams: { s: { epoch: 'e', offset: 1 }, t: { epoch: 'e', offset: 1 } } },
  })
  expect(hear({ type: 'confirm_subscription', identifier: A })).toBe('alive')
  for (const [offset, stream] of [
    [4, 's'],
    [3, 't'],
    [2, 's'],
    [3, 's'],
    [4, 's'],
    [2, 't'],
    [3, 't'],
  ] as const)
    expect(event(offset, stream)).toBe('alive')
  expect(hear({ type: 'confirm_history', identifier: A })).toEqual(
    [recovered, data(2), data(3), data(4), data(2), data(3)].map((each) => expect.objectContaining(each)),
  )
  expect(event(5)).toMatchObject([data(5)])
  // A message that the history had already.
  expect(event(4)).toBe('alive')
})

test('the history is refused - what came meanwhile follows, and counts from there', () => {
  const { hear, event, ask, connect, welcome } = setUp()
  connect()
  welcome({ sid: 'two' })
  ask('A')
  event(9)
  expect(hear({ type: 'reject_history', identifier: A })).toMatchObject([joined, data(9)])
  welcome({ sid: 'three' })
  expect(ask('A').history.streams).toEqual({ s: { epoch: 'e', offset: 9 } })
})

test('the connection is lost before the answer - what waited is asked for again', () => {
  const { hear, event, ask, connect, welcome } = setUp()
  connect()
  welcome({ sid: 'two' })
  ask('A')
  event(2)
  welcome({ sid: 'three' })
  expect(ask('A').history.streams).toEqual({ s: { epoch: 'e', offset: 1 } })
  hear({ type: 'confirm_subscription', identifier: A })
  event(2)
  expect(hear({ type: 'confirm_history', identifier: A })).toMatchObject([recovered, data(2)])
})

test('ten thousand events wait for an answer - they are handed on, with a gap', () => {
  const { event, ask, connect, welcome } = setUp()
  connect()
  welcome({ sid: 'two' })
  ask('A')
  for (let offset = 2; offset <= 10_000; offset += 1) event(offset)
  const messages = event(10_001) as unknown[]
  expect(messages).toHaveLength(10_001)
  expect([messages[0], messages[1], messages.at(-1)]).toMatchObject([joined, data(2), data(10_001)])
  expect(event(10_002)).toMatchObject([data(10_002)])
})

test('the server picks another protocol, or is another one - it is not asked for what was missed', () => {
  const { hear, welcome, event, ask, connect } = setUp()
  connect()
  hear({ type: 'disconnect', reason: 'server_restart', reconnect: true })
  welcome()
  expect(ask('A')).toEqual({ command: 'subscribe', identifier: A })
  expect(hear({ type: 'confirm_subscription', identifier: A })).toEqual([joined])
  // Nor is anything left of the numbers that the other one gave.
  expect(event(1)).toMatchObject([data(1)])
})

test('a server numbers messages without sessions - it is asked for what was missed', () => {
  const { hear, welcome, event, ask } = setUp()
  welcome()
  ask('A')
  event(1)
  hear({ type: 'ping', message: 1000 })
  welcome()
  expect(ask('A').history.streams).toEqual({ s: { epoch: 'e', offset: 1 } })
})

const again = { command: 'subscribe', identifier: A }

test('the server never says what was missed - once the room is asked for again, what waited is handed on, with a gap', () => {
  const { hear, welcome, event, ask, connect } = setUp()
  connect()
  welcome({ sid: 'two' })
  ask('A')
  expect(hear({ type: 'confirm_subscription', identifier: A })).toBe('alive')
  event(7)
  expect(hear({ type: 'ping', message: 1010 })).toBe('alive')
  expect(ask('A')).toEqual(again)
  expect(hear({ type: 'ping', message: 1013 })).toMatchObject([joined, data(7)])
  expect(hear({ type: 'ping', message: 1016 })).toBe('alive')
  expect(event(8)).toMatchObject([data(8)])
})

test('an event comes after the room was asked for again - it is handed on, after what waited', () => {
  const { welcome, event, ask, connect } = setUp()
  connect()
  welcome({ sid: 'two' })
  ask('A')
  event(7)
  ask('A')
  expect(event(8)).toMatchObject([joined, data(7), data(8)])
})

test('the server has not confirmed a room that is asked for again - its late answer joins it, with a gap', () => {
  const { hear, welcome, ask, connect } = setUp()
  connect()
  welcome({ sid: 'two' })
  ask('A')
  ask('A')
  expect(hear({ type: 'ping', message: 1010 })).toBe('alive')
  expect(hear({ type: 'confirm_subscription', identifier: A })).toEqual([joined])
})

test('the server never says what was missed of a restored room - it goes on with a gap', () => {
  const { hear, welcome, ask, connect } = setUp()
  connect()
  welcome({ sid: 'two', restored: true })
  expect(ask('A').command).toBe('history')
  expect(ask('A')).toEqual(again)
  expect(hear({ type: 'ping', message: 1010 })).toEqual([joined])
})

test('no event has come, or no ping - nothing shows what was missed, so it is not asked for', () => {
  for (const frame of [
    { type: 'ping', message: 1000 },
    { identifier: A, message: 1, stream_id: 's', epoch: 'e', offset: 1 },
  ]) {
    const { hear, ask, welcome } = setUp()
    welcome({ sid: 'one' })
    ask('A')
    hear(frame)
    welcome({ sid: 'two' })
    expect(ask('A')).toEqual({ command: 'subscribe', identifier: A })
    expect(hear({ type: 'confirm_subscription', identifier: A })).toEqual([joined])
  }
})

test('a restored room without an event so far - it is not asked for again, and has a gap', () => {
  const { hear, ask, welcome } = setUp()
  welcome({ sid: 'one' })
  ask('A')
  hear({ type: 'ping', message: 1000 })
  welcome({ sid: 'two', restored: true, restored_ids: [A] })
  expect(ask('A')).toEqual({ command: 'history', identifier: A, history: { since: 1000, streams: {} } })
  expect(hear({ type: 'confirm_history', identifier: A })).toEqual([joined])
})

test('a restored session without a list of its rooms - it has all of them', () => {
  const { ask, connect, welcome } = setUp()
  connect()
  welcome({ sid: 'two', restored: true })
  expect(ask('A').command).toBe('history')
})

test('the session is restored - rooms that nobody wants any more are left, and asked for anew if somebody does', async () => {
  const { replies, ask, connect, welcome } = setUp()
  connect()
  ask('B')
  replies.length = 0
  welcome({ sid: 'two', restored: true, restored_ids: [A, id('B')] })
  expect(ask('A').command).toBe('history')
  await Promise.resolve()
  expect(replies).toEqual([{ command: 'unsubscribe', identifier: id('B') }])
  expect(ask('B')).toEqual({ command: 'subscribe', identifier: id('B') })
})

test('a room is left and joined again on one connection - what was missed between is not asked for', async () => {
  const { cable, ask, connect, welcome } = setUp()
  connect()
  welcome({ sid: 'two' })
  ask('A')
  await Promise.resolve()
  cable.dialect.leave('A')
  expect(ask('A')).toEqual({ command: 'subscribe', identifier: A })
})

test('the worker hangs up, and another user may come - the next connection names no session, and asks for nothing that was missed', () => {
  const { cable, welcome, ask, connect } = setUp()
  connect()
  expect(cable.dial('ws://host/cable')).toBe('ws://host/cable?sid=one')
  cable.forget()
  expect(cable.dial('ws://host/cable')).toBe('ws://host/cable')
  welcome({ sid: 'two' })
  expect(ask('A')).toEqual({ command: 'subscribe', identifier: A })
})
