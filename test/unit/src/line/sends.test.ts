import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PartylineError } from '../../../../shared/errors'
import { createSends } from '../../../../src/line/sends'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

/** A page's messages, with a worker in the hand of the test. */
function setUp() {
  const calls: {
    payload: unknown
    timeout: number
    resolve: (answer: unknown) => void
    reject: (error: PartylineError) => void
  }[] = []
  const register = vi.fn()
  const sends = createSends({
    register,
    call: (_, ...args) =>
      new Promise<never>((resolve, reject) => {
        const [, payload, { timeout }] = args as unknown as [string, unknown, { timeout: number }]
        calls.push({ payload, timeout, resolve: resolve as never, reject })
      }),
  })
  const settled: unknown[] = []
  return {
    sends,
    calls,
    register,
    settled: () => settled.splice(0),
    send(payload: unknown, options?: { timeout?: number; signal?: AbortSignal }) {
      sends.send('ack', payload, options).then(
        (answer) => settled.push(answer),
        ({ reason }) => settled.push(reason),
      )
    },
  }
}
const unregistered = () => new PartylineError('unregistered', '')

test('before the first worker answers - messages wait, and the worker gets the time that is left', async () => {
  const { sends, send, calls, settled } = setUp()
  const row = { n: 1 }
  send(row, { timeout: 1000 })
  row.n = 2
  await tick(300)
  expect(calls).toEqual([])
  sends.up()
  await tick()
  expect(calls).toMatchObject([{ payload: { n: 1 }, timeout: 700 }])
  calls[0]?.resolve('yes')
  await tick()
  expect(settled()).toEqual(['yes'])
})

test('no worker answers - not sent, and not given to a worker that comes later', async () => {
  const { sends, send, calls, settled } = setUp()
  send(1, { timeout: 1000 })
  await tick(1500)
  expect(settled()).toEqual(['not-sent'])
  sends.up()
  await tick()
  expect(calls).toEqual([])
})

test('no worker can be started - not sent at once, until one has answered', async () => {
  const { sends, send, calls, settled } = setUp()
  send(1)
  sends.down(new PartylineError('worker-failed', 'no such file'))
  send(2)
  await tick()
  expect(settled()).toEqual(['not-sent', 'not-sent'])
  sends.down(new PartylineError('worker-failed', 'no such file'))
  sends.up()
  send(3)
  await tick()
  expect(calls).toMatchObject([{ payload: 3 }])
})

test('a worker hangs - unanswered half a second after the timeout', async () => {
  const { sends, send, settled } = setUp()
  sends.up()
  send(1, { timeout: 1000 })
  await tick(1499)
  expect(settled()).toEqual([])
  await tick(1)
  expect(settled()).toEqual(['unanswered'])
})

test('the worker dies - what it had is unanswered, and later messages wait for the next one', async () => {
  const { sends, send, calls, settled } = setUp()
  sends.up()
  send(1)
  await tick()
  sends.down()
  calls[0]?.reject(new PartylineError('worker-died', ''))
  send(2)
  await tick()
  expect(settled()).toEqual(['unanswered'])
  expect(calls).toHaveLength(1)
  sends.up()
  await tick()
  expect(calls).toHaveLength(2)
})

test('a worker has not sent it - the page says hello, and gives it to the next worker, three times at most', async () => {
  const { sends, send, calls, register, settled } = setUp()
  sends.up()
  send(1)
  for (const n of [0, 1, 2]) {
    await tick()
    expect(calls).toHaveLength(n + 1)
    calls[n]?.reject(unregistered())
    await tick()
    sends.up()
  }
  expect(register).toHaveBeenCalledTimes(2)
  expect(settled()).toEqual(['not-sent'])
})

test('a worker has sent none of a hundred messages - one hello, and each is given to the next worker once', async () => {
  const { sends, send, calls, register } = setUp()
  sends.up()
  for (let n = 0; n < 100; n += 1) send(n)
  await tick()
  for (const { reject } of calls.splice(0)) reject(unregistered())
  await tick()
  expect(register).toHaveBeenCalledTimes(1)
  expect(calls).toEqual([])
  sends.up()
  await tick()
  expect(calls.map(({ payload }) => payload)).toEqual(Array.from({ length: 100 }, (_, n) => n))
})

test.each([
  'refused',
  'limit',
  'unknown-message',
  'bad-argument',
  'invalid',
  'not-sent',
  'unanswered',
] as const)('the worker rejects with "%s" - so does the call', async (reason) => {
  const { sends, send, calls, settled } = setUp()
  sends.up()
  send(1)
  await tick()
  calls[0]?.reject(new PartylineError(reason, ''))
  await tick()
  expect(settled()).toEqual([reason])
})

test('the signal is aborted - the call settles, and no listener stays on the signal', async () => {
  const { sends, send, calls, settled } = setUp()
  const controller = new AbortController()
  const { signal } = controller
  sends.up()
  send(1, { signal })
  send(2, { signal })
  await tick()
  expect(getEventListeners(signal, 'abort')).toHaveLength(2)
  calls[0]?.resolve('yes')
  await tick()
  expect(getEventListeners(signal, 'abort')).toHaveLength(1)
  controller.abort()
  await tick()
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  send(3, { signal })
  await tick()
  expect(settled()).toEqual(['yes', 'aborted', 'aborted'])
  expect(calls).toHaveLength(2)
  expect(vi.getTimerCount()).toBe(0)
})

test('the line is closed - calls under way and later ones reject with `closed`', async () => {
  const { sends, send, calls, settled } = setUp()
  send(1)
  sends.up()
  send(2)
  await tick()
  sends.close()
  send(3)
  await tick()
  expect(settled()).toEqual(['closed', 'closed', 'closed'])
  expect(calls).toHaveLength(2)
})

test.each([
  ['no name', '', 1, {}],
  ['a timeout of 0', 'ack', 1, { timeout: 0 }],
  ['an endless timeout', 'ack', 1, { timeout: Infinity }],
  ['a controller in place of its signal', 'ack', 1, { signal: new AbortController() }],
  ['a text in place of a signal', 'ack', 1, { signal: 'x' }],
  ['an object that only looks like a signal', 'ack', 1, { signal: { aborted: false } }],
  ['null in place of options', 'ack', 1, null],
  ['a number in place of options', 'ack', 1, 1000],
  ['a function as payload', 'ack', () => {}, {}],
] as const)('%s - `bad-argument`', async (_, name, payload, options) => {
  const { sends } = setUp()
  sends.up()
  await expect(sends.send(name, payload, options as unknown as object)).rejects.toMatchObject({
    reason: 'bad-argument',
  })
})

for (const [what, keep, reason] of [
  ['a kept message', 'own-id', 'unanswered'],
  ['another message', undefined, 'not-sent'],
] as const)
  test(`a worker hands over before it has answered ${what}, and no other can be started - ${reason}`, async () => {
    const { sends, calls } = setUp()
    sends.up()
    const sent = sends.send('ack', {}, { ...(keep && { keep }) }).catch(({ reason }) => reason)
    await tick()
    calls[0]?.reject(unregistered())
    await tick()
    sends.down(new PartylineError('worker-failed', ''))
    expect(await sent).toBe(reason)
  })
