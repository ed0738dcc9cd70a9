import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createLife } from '../../../../src/host/life'
import { readBatch } from '../../../../src/line/batch'

const TIMEOUT = 40

/** What the page waits for: the lock that its worker holds. */
let granted: (() => void) | undefined
let ends: MessageChannel

beforeEach(() => {
  ends = new MessageChannel()
  const request = async (_: string, { mode }: LockOptions, grant: () => void) => {
    if (mode === 'shared') granted = grant
  }
  vi.stubGlobal('navigator', { locks: { request } })
  return () => vi.unstubAllGlobals()
})
afterEach(() => {
  ends.port1.close()
  ends.port2.close()
})

/** A page, and a worker that answers the calls of these names. */
async function setUp(...answered: string[]) {
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
  const life = createLife({
    open: () => ({ worker: new EventTarget() as Worker, port: ends.port2, leave: () => ends.port2.close() }),
    name: 'w',
    timeout: TIMEOUT,
    patience: TIMEOUT,
    hello: (worker) => ({ protocol: 1, worker, tab: 'tab' }),
    message: (message) => void (message.type === 'events' && readBatch(message.events)),
    handled: () => [],
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

test('a worker that never answers has failed', async () => {
  const { told, settled } = await setUp()
  await settled()
  expect(told).toEqual(['worker-failed '])
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
