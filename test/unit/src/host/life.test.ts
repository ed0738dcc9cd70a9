import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLife } from '../../../../src/host/life'
import { readBatch } from '../../../../src/line/batch'

const TIMEOUT = 200

/** What the page waits for: the lock that its worker holds. */
let granted: (() => void) | undefined
/** The signals of all these waits. */
let waits: AbortSignal[]
let ends: MessageChannel

beforeEach(() => {
  ends = new MessageChannel()
  waits = []
  const request = async (_: string, { mode, signal }: LockOptions, grant: () => void) => {
    if (mode !== 'shared') return
    granted = grant
    if (signal) waits.push(signal)
  }
  vi.stubGlobal('navigator', { locks: { request } })
  return () => vi.unstubAllGlobals()
})
afterEach(() => {
  ends.port1.close()
  ends.port2.close()
})

/** A page, and a dedicated worker that answers the calls of these names. */
const setUp = (...answered: string[]) => open(new EventTarget() as Worker, TIMEOUT, answered)

/** The same, whose worker shares a connection with others. */
const setUpSharing = (...answered: string[]) => open(new EventTarget() as Worker, TIMEOUT, answered, true)

/** A page, and a shared worker that answers nothing, and is given this long. */
const openShared = (patience: number) =>
  open(Object.assign(new EventTarget(), { port: ends.port2 }) as unknown as SharedWorker, patience, [])

async function open(
  worker: Worker | SharedWorker,
  patience: number,
  answered: readonly string[],
  shares = false,
) {
  const asked: string[] = []
  const left: unknown[] = []
  let deliver!: (port: MessagePort) => void
  const delivery = new Promise<MessagePort>((resolve) => {
    deliver = resolve
  })
  ends.port1.onmessage = ({ data: { id, path, argumentList }, ports: [port] }) => {
    asked.push(path[0])
    if (path[0] === 'leave') left.push(...argumentList.map(({ value }: { value: unknown }) => value))
    if (port) deliver(port)
    const value = path[0] === 'hello' ? { incarnation: 'first', lock: 'held' } : 'first'
    if (answered.includes(path[0])) ends.port1.postMessage({ id, type: 'RAW', value })
  }
  const told: string[] = []
  const events: unknown[] = []
  const life = createLife({
    open: () => ({ worker, port: ends.port2, leave: () => ends.port2.close() }),
    name: 'w',
    timeout: TIMEOUT,
    share: shares,
    patience,
    hello: (worker) => ({ protocol: 1, worker, tab: 'tab' }),
    message: (message) => message.type === 'events' && events.push(...readBatch(message.events)),
    handled: () => [],
    greeting: () => told.push('greeting'),
    up: () => told.push('up'),
    moved: () => told.push('moved'),
    probe: async () => true,
    hangs: () => told.push('hangs'),
    silent: () => told.push('silent'),
    over: ({ reason }, patience) => told.push(`${reason} ${patience ?? ''}`),
  })
  life.greet()
  return {
    told,
    asked,
    events,
    left,
    life,
    delivery,
    settled: () => new Promise((done) => setTimeout(done, 4 * TIMEOUT)),
  }
}

test('a worker that answers pings is pinged again, and no end is reported', async () => {
  const { told, asked, life, settled } = await setUp('hello', 'ping', 'leave')
  await settled()
  expect(told).toEqual(['up'])
  expect(asked.filter((name) => name === 'ping').length).toBeGreaterThan(2)
  await life.leave(false)
})

test('the line closes by a sign-out - the worker is told so', async () => {
  const { life, left } = await setUp('hello', 'ping', 'leave')
  await life.leave(true)
  expect(left).toEqual([[], true])
})

test('a worker that does not answer pings hangs, which is reported once', async () => {
  const { told, settled } = await setUp('hello')
  await settled()
  expect(told).toEqual(['up', 'hangs', 'worker-died 500'])
})

test('a worker that dies during a ping is reported as dead, not as hanging', async () => {
  const { told, asked, settled } = await setUp('hello')
  await expect.poll(() => asked, { interval: 1 }).toContain('ping')
  granted?.()
  await settled()
  expect(told).toEqual(['up', 'worker-died 500'])
})

test('a page registers again, as it does after the back/forward cache - it waits for the worker’s end again, and only once', async () => {
  const { life, told } = await setUp('hello', 'ping', 'leave')
  await expect.poll(() => told, { interval: 1 }).toEqual(['up'])
  life.greet()
  await expect.poll(() => told, { interval: 1 }).toEqual(['up', 'greeting', 'up'])
  expect(waits.map(({ aborted }) => aborted)).toEqual([true, false])
  await life.leave(false)
  expect(waits.map(({ aborted }) => aborted)).toEqual([true, true])
})

test('a message arrives after the page has said goodbye - it is not handled, because others before it may be lost', async () => {
  const { life, told, delivery, events } = await setUp('hello', 'ping', 'leave')
  const port = await delivery
  await expect.poll(() => told, { interval: 1 }).toEqual(['up'])
  const event = (data: string) => port.postMessage({ type: 'events', events: [data] })
  const bye = new Promise((done) => {
    port.onmessage = ({ data }) => data.type === 'bye' && done(event('lost in part'))
  })
  event('first')
  await expect.poll(() => events, { interval: 1 }).toEqual(['first'])
  life.post({ type: 'bye' })
  await bye
  // Messages of two ports keep their order in Node.
  await life.call('ping', [])
  expect(events).toEqual(['first'])
  await life.leave(false)
  port.close()
})

test('a message that cannot be read is acknowledged like any other', async () => {
  const thrown: unknown[] = []
  vi.stubGlobal('queueMicrotask', (act: () => void) => {
    try {
      act()
    } catch (error) {
      thrown.push(error)
    }
  })
  const { life, delivery } = await setUp('hello', 'ping', 'leave')
  const port = await delivery
  let taken = 0
  port.onmessage = ({ data }) => {
    if (data.type === 'took') taken += data.count
  }
  for (let n = 0; n < 40; n += 1) port.postMessage({ type: 'events', events: '[not JSON' })
  await expect.poll(() => taken, { interval: 1 }).toBe(40)
  expect(thrown).toHaveLength(40)
  await life.leave(false)
  port.close()
})

test('another worker says on the same port that it has started - the first one has died', async () => {
  const { told } = await setUp('hello', 'ping', 'leave')
  const start = (incarnation: string) => ends.port1.postMessage({ type: 'started', incarnation })
  start('first')
  await expect.poll(() => told, { interval: 1 }).toEqual(['up'])
  start('first')
  start('second')
  await expect.poll(() => told, { interval: 1 }).toEqual(['up', 'worker-died 500'])
})

test('a worker that started gives way to another before it has answered hello - it has died', async () => {
  const { told } = await setUp()
  for (const incarnation of ['first', 'second']) ends.port1.postMessage({ type: 'started', incarnation })
  await expect.poll(() => told, { interval: 1 }).toEqual(['worker-died 500'])
})

test('a replacement sends nothing - it is reported as silent, and opened again', async () => {
  const { told, settled } = await openShared(TIMEOUT / 2)
  await settled()
  expect(told).toEqual(['silent', `worker-died ${TIMEOUT}`])
})

test('a replacement has started and does not answer yet - it is opened again, and not reported as silent', async () => {
  const { told, settled } = await openShared(TIMEOUT / 2)
  ends.port1.postMessage({ type: 'started', incarnation: 'first' })
  await settled()
  expect(told).toEqual([`worker-died ${TIMEOUT}`])
})

for (const [what, ...answered] of [['hello'], ['pings', 'hello']] as const)
  test(`a dedicated worker that shares a connection does not answer ${what} within the timeout, because another one is frozen - it is not replaced`, async () => {
    const { told, settled, life } = await setUpSharing(...answered)
    await settled()
    expect(told).toEqual(answered.map(() => 'up'))
    void life.leave(false)
  })

test('a worker that never answers has failed', async () => {
  const { told, settled } = await setUp()
  await settled()
  expect(told).toEqual(['worker-failed '])
})

test('a shared worker that never answers has failed, and is reported as silent', async () => {
  const { told, settled } = await openShared(TIMEOUT)
  await settled()
  expect(told).toEqual(['silent', 'worker-failed '])
})

test('a page says hello twice at once - the answer to the first is ignored', async () => {
  const { told, life } = await setUp('hello', 'ping', 'leave')
  life.greet()
  await new Promise((done) => setTimeout(done, 2 * TIMEOUT))
  expect(told).toEqual(['up'])
  await life.leave(false)
})

test('the page moves to another worker - messages may still be answered for a second, other calls are over', async () => {
  const { life } = await setUp('hello', 'ping')
  const answered = life.call('send', ['ack', 1, { timeout: 60_000 }])
  const unanswered = life.call('send', ['ack', 2, { timeout: 60_000 }])
  const left = life.call('signOut', [])
  const id = await new Promise<string>((resolve) =>
    ends.port1.addEventListener('message', ({ data }) => data.path[0] === 'send' && resolve(data.id)),
  )
  const startedAt = performance.now()
  life.abandon()
  await expect(left).rejects.toMatchObject({ reason: 'unregistered' })
  ends.port1.postMessage({ id, type: 'RAW', value: 'late' })
  expect(await answered).toBe('late')
  await expect(unanswered).rejects.toMatchObject({ reason: 'worker-died' })
  expect(performance.now() - startedAt).toBeGreaterThan(950)
})
