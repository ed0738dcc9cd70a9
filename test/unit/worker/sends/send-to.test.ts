import { expect, test } from 'vitest'
import type { PartylineError } from '../../../../shared/errors'
import type { RoomState } from '../../../../shared/status'
import { roomDialect } from '../../../../worker/dialect/room-dialect'
import type { ConnectionState } from '../../../../worker/link/phases'
import { asQueued, createRedelivery, type Queued } from '../../../../worker/sends/redelivery'
import { createSender } from '../../../../worker/sends/sender'

/** Messages that go over the connection, or the channel, of a room. */

function setUp() {
  const states = new Map<string, RoomState>()
  const left: string[] = []
  const answers: ((answer: unknown) => void)[] = []
  let state: ConnectionState = 'online'
  const sender = createSender({
    dialect: roomDialect,
    guarded: () => ({ said: undefined as never }),
    connection: {
      status: () => ({ state, since: 0, attempt: 0 }),
      request({ room, id }, acknowledged) {
        left.push(id ?? `${room}`)
        if (acknowledged) answers.push(acknowledged)
        return true
      },
    },
    roomOf: (_, payload) => (payload as { room: string }).room,
    stateOf: (room) => states.get(room),
    redact: (text) => text,
  })
  return {
    sender,
    take: () => left.splice(0),
    answer: (value: unknown) => answers.shift()?.(value),
    /** The line or a room is in another state. */
    turn(next: ConnectionState, rooms: Readonly<Record<string, RoomState>> = {}) {
      state = next
      for (const [room, roomState] of Object.entries(rooms)) states.set(room, roomState)
      sender.turned(state)
    },
    drop(room: string) {
      states.delete(room)
      sender.turned(state)
    },
    send: (payload: unknown) =>
      sender.deliver({ name: 'speak', payload, timeout: 60_000 }).then(
        (answer) => ({ answer }),
        ({ reason, message }: PartylineError) => `${reason}: ${message}`,
      ),
  }
}

test('a room is joined - the message goes over it, and is answered', async () => {
  const { send, turn, take, answer } = setUp()
  turn('online', { a: 'live' })
  const sent = send({ room: 'a' })
  expect(take()).toEqual(['a'])
  answer('yes')
  expect(await sent).toEqual({ answer: 'yes' })
})

test('a room is being joined - the message waits, and leaves once', async () => {
  const { send, turn, take, answer } = setUp()
  turn('connecting')
  const sent = send({ room: 'a' })
  turn('online', { a: 'joining', b: 'live' })
  expect(take()).toEqual([])
  turn('online', { a: 'live' })
  turn('online')
  expect(take()).toEqual(['a'])
  answer(1)
  expect(await sent).toEqual({ answer: 1 })
})

test('a room is denied, down, or wanted by no tab - not sent, also where the message has waited for it', async () => {
  const { send, turn, take, drop } = setUp()
  turn('online', { a: 'stale', b: 'denied', d: 'joining', e: 'joining' })
  expect(await send({ room: 'a' })).toMatch(/^not-sent: .*room "a" is stale/)
  expect(await send({ room: 'b' })).toMatch(/^not-sent: .*room "b" is denied/)
  expect(await send({ room: 'c' })).toMatch(/^not-sent: .*room "c" is wanted by no tab/)
  const waiting = [send({ room: 'd' }), send({ room: 'e' })]
  turn('online', { d: 'denied' })
  drop('e')
  for (const each of waiting) expect(await each).toMatch(/^not-sent/)
  expect(take()).toEqual([])
})

test('a room is lost before the answer - unanswered, and the messages of other rooms go on waiting', async () => {
  const { send, turn, drop, answer } = setUp()
  turn('online', { a: 'live', b: 'live', c: 'live' })
  const [one, other, another] = [send({ room: 'a' }), send({ room: 'b' }), send({ room: 'c' })]
  turn('online', { a: 'stale' })
  expect(await one).toMatch(/^unanswered: /)
  drop('b')
  expect(await other).toMatch(/^unanswered: /)
  answer('too late')
  answer('too late')
  answer('yes')
  expect(await another).toEqual({ answer: 'yes' })
})

test('the first connection of a room is open before the line is online - the message leaves', async () => {
  const { send, turn, take } = setUp()
  turn('offline', { a: 'live', b: 'stale' })
  void send({ room: 'a' })
  expect(take()).toEqual(['a'])
  expect(await send({ room: 'b' })).toMatch(/^not-sent: .*the line is offline/)
})

test('kept messages find their room wanted by no tab, and later ones find it being joined - they leave in their order', async () => {
  const { sender, turn, take } = setUp()
  const messages = new Map<string, Queued>()
  const { pump, opened } = createRedelivery({
    messages,
    isOpen: () => true,
    deliver: sender.deliver,
    ended: () => expect.unreachable(),
  })
  async function keep(id: string) {
    messages.set(id, asQueued({ id, name: 'speak', payload: { room: 'a' }, at: messages.size }, 'waiting'))
    pump()
    await new Promise((nextTask) => setTimeout(nextTask))
  }
  const ids = Array.from({ length: 40 }, (_, index) => `${index}`)
  for (const id of ids.slice(0, 20)) await keep(id)
  turn('online', { a: 'joining' })
  for (const id of ids.slice(20)) await keep(id)
  turn('online', { a: 'live' })
  opened()
  expect(take()).toEqual(ids.slice(0, 32))
})
