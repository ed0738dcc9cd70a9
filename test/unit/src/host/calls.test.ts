import { type Endpoint, expose } from 'comlink'
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
}
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
  await call('hello', [{ protocol: 1, worker: 'w', tab: 'me' }, port2], [port2])
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
