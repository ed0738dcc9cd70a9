import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Dialect } from '../../../../worker/dialect/dialect'
import { createGuard } from '../../../../worker/dialect/guard'
import { jsonDialect } from '../../../../worker/dialect/json-dialect'
import { roomDialect } from '../../../../worker/dialect/room-dialect'
import type { Outgoing } from '../../../../worker/link/link'
import type { ConnectionState } from '../../../../worker/link/phases'
import { createSender, type Delivery } from '../../../../worker/sends/sender'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

/** A sender whose connection is in the hand of the test. */
function setUp(dialect: Dialect = roomDialect, first: ConnectionState = 'online') {
  let state = first
  const left: Outgoing[] = []
  /** The acknowledgements that the link waits for. */
  const acknowledge: (((answer: unknown) => void) | undefined)[] = []
  const link = {
    /** What the link does with a message. */
    send: (_: Outgoing): boolean => true,
  }
  const sender = createSender({
    dialect,
    guarded: createGuard(dialect, { malformed() {}, warn() {} }),
    connection: {
      status: () => ({ state, since: 0, attempt: 0 }),
      request(message, acknowledged) {
        const hasLeft = link.send(message)
        if (hasLeft) {
          left.push(message)
          acknowledge.push(acknowledged)
        }
        return hasLeft
      },
    },
    stateOf: () => undefined,
    redact: (text) => text.replaceAll('secret', '…'),
  })
  const settled: unknown[] = []
  return {
    sender,
    link,
    left: () => left.map(({ payload }) => payload),
    messages: left,
    acknowledge: (index: number, answer: unknown) => acknowledge[index]?.(answer),
    /** What deliveries have become: answers, and the reasons and texts of errors, in the order they settled. */
    settled: () => settled.splice(0),
    deliver(payload: unknown, more: Partial<Delivery> = {}) {
      sender.deliver({ name: 'ack', payload, timeout: 5000, tab: 'tab', ...more }).then(
        (answer) => settled.push(answer),
        ({ reason, message }) => settled.push(reason === 'refused' ? `refused: ${message}` : reason),
      )
    },
    turn(next: ConnectionState) {
      const wasOnline = state === 'online'
      state = next
      if (wasOnline && next !== 'online') sender.lost()
      sender.turned(next)
    },
  }
}

test('acknowledged - each delivery resolves to its own answer, in any order', async () => {
  const { deliver, left, acknowledge, settled } = setUp()
  for (const n of [1, 2, 3]) deliver(n)
  await tick()
  expect(left()).toEqual([1, 2, 3])
  acknowledge(2, 'third')
  acknowledge(0, 'first')
  acknowledge(0, 'again')
  await tick()
  expect(settled()).toEqual(['third', 'first'])
  await tick(5000)
  expect(settled()).toEqual(['unanswered'])
  acknowledge(1, 'late')
  await tick()
  expect(settled()).toEqual([])
})

test.each([
  [{ error: 'no secret' }, 'no …'],
  [{ error: { message: 'closed' } }, 'closed'],
  [{ error: { code: 7 } }, 'refused'],
  [{ error: true, message: 'gone' }, 'gone'],
  [{ ok: false, reason: 'not yours' }, 'not yours'],
  [{ ok: false }, 'refused'],
])('the answer is %j - it is refused with its words', async (answer, words) => {
  const { deliver, acknowledge, settled } = setUp()
  deliver(1)
  await tick()
  acknowledge(0, answer)
  await tick()
  expect(settled()).toEqual([`refused: ${words}`])
})

test.each([[undefined], [null], [false], [{ ok: true }], [{ error: null }], [{ error: 3, warning: 1 }]])(
  'the answer is %j - it is no refusal',
  async (answer) => {
    const { deliver, acknowledge, settled } = setUp()
    deliver(1)
    await tick()
    acknowledge(0, answer)
    await tick()
    expect(settled()).toEqual([answer])
  },
)

test('connecting - messages wait, and leave in order once it is online; those whose time is over do not', async () => {
  const { deliver, left, turn, settled } = setUp(roomDialect, 'connecting')
  deliver(1)
  deliver(2, { timeout: 100 })
  deliver(3)
  await tick(100)
  expect(settled()).toEqual(['not-sent'])
  turn('connecting')
  expect(left()).toEqual([])
  turn('online')
  expect(left()).toEqual([1, 3])
  turn('online')
  expect(left()).toEqual([1, 3])
})

test.each(['offline', 'unauthorized', 'paused'] as const)('%s - not sent, at once', async (state) => {
  const { deliver, left, turn, settled } = setUp(roomDialect, state)
  deliver(1)
  await tick()
  expect(settled()).toEqual(['not-sent'])
  turn('connecting')
  deliver(2)
  turn(state)
  await tick()
  expect(settled()).toEqual(['not-sent'])
  turn('online')
  expect(left()).toEqual([])
})

test('the connection is lost - what has left is unanswered, and later messages go over the next connection', async () => {
  const { deliver, acknowledge, left, turn, settled } = setUp()
  deliver(1)
  await tick()
  turn('offline')
  await tick()
  expect(settled()).toEqual(['unanswered'])
  turn('connecting')
  deliver(2)
  turn('online')
  acknowledge(0, 'of the lost connection')
  acknowledge(1, 'two')
  await tick()
  expect(settled()).toEqual(['two'])
  expect(left()).toEqual([1, 2])
})

test('the link has not sent it - `not-sent`; its encoding fails - `bad-argument` with its words', async () => {
  const { link, deliver, settled } = setUp()
  link.send = () => false
  deliver(1)
  await tick()
  expect(settled()).toEqual(['not-sent'])
  link.send = () => {
    throw new TypeError('no bigint')
  }
  deliver(1n)
  await tick()
  expect(settled()).toEqual(['bad-argument'])
  await tick(10_000)
  expect(settled()).toEqual([])
})

test('a tab has 1000 messages under way - the next one is refused, those of other tabs are not', async () => {
  const { deliver, acknowledge, settled } = setUp()
  for (let n = 0; n < 1000; n += 1) deliver(n)
  deliver(1000)
  deliver(0, { tab: 'other' })
  await tick()
  expect(settled()).toEqual(['limit'])
  acknowledge(0, 'first')
  deliver(1001)
  await tick()
  expect(settled()).toEqual(['first'])
})

test('a message of over a million characters of JSON - `limit`, and nothing leaves', async () => {
  const { deliver, left, settled } = setUp()
  deliver('x'.repeat(999_998))
  deliver('x'.repeat(999_999))
  await tick()
  expect(settled()).toEqual(['limit'])
  expect(left()).toHaveLength(1)
})

test('binary data of over a million bytes - `limit`; of less, it leaves at once', async () => {
  const { deliver, left, settled } = setUp()
  const stringify = vi.spyOn(JSON, 'stringify')
  deliver({ file: new ArrayBuffer(1_000_001) })
  deliver(new Uint8Array(1_000_001))
  deliver(new Uint8Array(999_000))
  await tick()
  expect(settled()).toEqual(['limit', 'limit'])
  expect(left()).toHaveLength(1)
  // Not each byte as a number.
  for (const { value } of stringify.mock.results) expect(String(value).length).toBeLessThan(100)
  stringify.mockRestore()
})

test('the tab is gone - its messages settle, and those of other tabs do not', async () => {
  const { sender, deliver, turn, left, settled } = setUp(roomDialect, 'connecting')
  deliver(1)
  deliver(2, { tab: 'other' })
  sender.forget('tab')
  await tick()
  expect(settled()).toEqual(['not-sent'])
  turn('online')
  expect(left()).toEqual([2])
  sender.forget('other')
  await tick()
  expect(settled()).toEqual(['unanswered'])
})

test('the user signs out - all settle with `closed`', async () => {
  const { sender, deliver, settled } = setUp()
  deliver(1)
  deliver(2, { tab: 'other' })
  sender.end()
  await tick()
  expect(settled()).toEqual(['closed', 'closed'])
})

test('the worker hands over - what waits for the connection has not left', async () => {
  const { sender, deliver, turn, left, settled } = setUp(roomDialect, 'connecting')
  deliver(1)
  const retired = vi.fn()
  void sender.retire().then(retired)
  await tick()
  expect(settled()).toEqual(['unregistered'])
  expect(retired).toHaveBeenCalled()
  deliver(2)
  turn('online')
  await tick()
  expect(settled()).toEqual(['unregistered'])
  expect(left()).toEqual([])
})

test('the worker hands over - it waits for answers, a second at most', async () => {
  const { sender, deliver, acknowledge, settled } = setUp()
  deliver(1)
  deliver(2)
  await tick()
  const retired = vi.fn()
  void sender.retire().then(retired)
  await tick(500)
  acknowledge(1, 'two')
  await tick(499)
  expect(settled()).toEqual(['two'])
  expect(retired).not.toHaveBeenCalled()
  await tick(1)
  expect(settled()).toEqual(['unanswered'])
  expect(retired).toHaveBeenCalled()
})

test('the worker hands over, and the last answer comes - it goes on at once', async () => {
  const { sender, deliver, acknowledge, settled } = setUp()
  deliver(1)
  await tick()
  const retired = vi.fn()
  void sender.retire().then(retired)
  await tick(10)
  acknowledge(0, 'one')
  await tick()
  expect(retired).toHaveBeenCalled()
  expect(settled()).toEqual(['one'])
})

test('answers are messages - each settles the message with its id, and no other message is taken for an answer', async () => {
  const { sender, deliver, messages, settled } = setUp(jsonDialect)
  const say = (frame: object) => sender.answers({ name: 'done', payload: { type: 'done', ...frame } })
  expect(say({ id: 'x', data: 1 })).toBe(false)
  deliver(1)
  deliver(2)
  deliver(3)
  await tick()
  const ids = messages.map(({ payload }) => (payload as { id: string }).id)
  expect(messages[0]).toMatchObject({ name: 'ack', payload: { data: 1, id: ids[0] } })
  expect(new Set(ids).size).toBe(3)
  expect(say({ data: 1 })).toBe(false)
  expect(say({ id: 'x', data: 1 })).toBe(false)
  expect(say({ id: ids[1], data: null })).toBe(true)
  expect(say({ id: ids[0], rows: 7 })).toBe(true)
  expect(say({ id: ids[2], data: 1, error: 'too late' })).toBe(true)
  expect(say({ id: ids[1], data: 1 })).toBe(false)
  await tick()
  expect(settled()).toEqual([null, { rows: 7 }, 'refused: too late'])
})

test('a kept message - the server gets its id, as a field where answers are messages', async () => {
  const { deliver, messages } = setUp()
  deliver(1, { id: 'kept' })
  const other = setUp(jsonDialect)
  other.deliver(1, { id: 'kept' })
  await tick()
  expect(messages).toEqual([{ name: 'ack', payload: 1, id: 'kept' }])
  expect(other.messages).toEqual([{ name: 'ack', payload: { data: 1, id: 'kept' }, id: 'kept' }])
})

test('parts of the dialect fail - the message alone settles with what is known of it', async () => {
  const fail = () => {
    throw new Error('broken')
  }
  const writing = setUp({ ...roomDialect, send: fail })
  writing.deliver(1)
  const nonsense = setUp({ ...roomDialect, send: () => 7 as never })
  nonsense.deliver(1)
  const judging = setUp({ ...roomDialect, failure: fail })
  judging.deliver(1)
  const reading = setUp({ ...jsonDialect, answer: fail })
  reading.deliver(1)
  await tick()
  expect(writing.settled()).toEqual(['bad-argument'])
  expect(nonsense.settled()).toEqual(['bad-argument'])
  judging.acknowledge(0, 'yes')
  expect(reading.sender.answers({ name: 'x', payload: {} })).toBe(false)
  await tick()
  expect(judging.settled()).toEqual(['unanswered'])
  await tick(5000)
  expect(reading.settled()).toEqual(['unanswered'])
})
