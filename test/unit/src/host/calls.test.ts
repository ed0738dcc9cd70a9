import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type Endpoint, expose, transfer } from 'comlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PartylineError } from '../../../../shared/errors'
import { createCalls } from '../../../../src/host/calls'

// Comlink itself is at the other end.
const hang = new Promise<never>(() => {})
const failure = new PartylineError('unknown-panel', 'No such panel.').toJSON()
const worker = {
  ping: () => 'here',
  inspect: async () => ({ worker: 'w' }),
  hello: (hello: { tab: string }, port: MessagePort) => port.postMessage(hello.tab),
  unsubscribe: () => Promise.reject(failure),
  signOut: () => {
    throw new TypeError('out of order')
  },
  leave: () => hang,
  send: () => hang,
  subscribe: () =>
    new Promise<void>((resolve) => {
      subscribed = resolve
    }),
}
/** Answers the subscribe that was asked for. */
let subscribed: (() => void) | undefined
let ends: MessageChannel

beforeEach(() => {
  ends = new MessageChannel()
  expose(worker, ends.port1 as unknown as Endpoint)
})
afterEach(() => {
  ends.port1.close()
  ends.port2.close()
})

test('each call resolves with its own answer', async () => {
  const { call } = createCalls(ends.port2, 1000)
  expect(await Promise.all([call('ping', []), call('inspect', [])])).toEqual(['here', { worker: 'w' }])
})

test('a call transfers a port', async () => {
  const { call } = createCalls(ends.port2, 1000)
  const { port1, port2 } = new MessageChannel()
  const heard = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data)
  })
  await call('hello', [{ protocol: 1, worker: 'w', tab: 'me' }, transfer(port2, [port2])])
  expect(await heard).toBe('me')
  port1.close()
})

test('what the worker throws rejects with a typed error', async () => {
  const { call } = createCalls(ends.port2, 1000)
  await expect(call('unsubscribe', [['nope']])).rejects.toMatchObject({
    reason: 'unknown-panel',
    message: 'No such panel.',
  })
  await expect(call('signOut', [])).rejects.toMatchObject({
    reason: 'worker-failed',
    message: 'out of order',
  })
})

test('a call without an answer rejects after the timeout', async () => {
  const { call } = createCalls(ends.port2, 20)
  await expect(call('leave', [])).rejects.toMatchObject({ reason: 'timeout' })
})

test('pending calls reject at once when the worker has died', async () => {
  const { call, end } = createCalls(ends.port2, 60_000)
  const left = call('leave', [])
  end(new PartylineError('worker-died', 'Gone.'))
  await expect(left).rejects.toMatchObject({ reason: 'worker-died' })
})

test('a message may take longer than other calls - its caller has the deadline', async () => {
  const { call, end } = createCalls(ends.port2, 20)
  const sent = call('send', ['ack', 1, { timeout: 1 }])
  await expect(call('leave', [])).rejects.toMatchObject({ reason: 'timeout' })
  end(new PartylineError('worker-died', 'Gone.'))
  await expect(sent).rejects.toMatchObject({ reason: 'worker-died' })
})

test('the page moves to another worker - all calls reject but those that are spared', async () => {
  const { call, end } = createCalls(ends.port2, 60_000)
  const sent = call('send', ['ack', 1, { timeout: 60_000 }])
  const subscribes = call('subscribe', [['errors']])
  end(new PartylineError('unregistered', 'Elsewhere.'), 'send')
  await expect(subscribes).rejects.toMatchObject({ reason: 'unregistered' })
  end(new PartylineError('worker-died', 'Gone.'))
  await expect(sent).rejects.toMatchObject({ reason: 'worker-died' })
})

/** Collects garbage until a condition holds, or for a second. */
async function collect(until: () => boolean) {
  setFlagsFromString('--expose-gc')
  const gc = runInNewContext('gc') as () => void
  for (let n = 0; n < 50 && !until(); n += 1) {
    await new Promise((done) => setTimeout(done, 20))
    gc()
  }
}

test('a call under way is answered, although garbage is collected meanwhile', async () => {
  const calls = createCalls(ends.port2, 5000)
  const answered = calls.call('subscribe', [['errors']])
  const garbage = new WeakRef({})
  await collect(() => garbage.deref() === undefined)
  // Finalizers run after the collection, and what they post takes a moment.
  await new Promise((done) => setTimeout(done, 50))
  expect(garbage.deref()).toBeUndefined()
  subscribed?.()
  await answered
})

test('nothing is kept of calls that a worker never answered', async () => {
  const abandon = async () => {
    const { port1, port2 } = new MessageChannel()
    const calls = createCalls(port2, 60_000)
    const left = calls.call('leave', [])
    calls.end(new PartylineError('worker-died', 'Gone.'))
    await left.catch(() => {})
    port1.close()
    calls.release()
    return new WeakRef(port2)
  }
  const port = await abandon()
  await collect(() => port.deref() === undefined)
  expect(port.deref()).toBeUndefined()
})
