import { type Endpoint, proxy, type Remote, releaseProxy, transfer, wrap } from 'comlink'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { PartylineError } from '../../../../shared/errors'
import { exposeGuarded } from '../../../../worker/pages/comlink-guard'

const calls = {
  echo: (...values: unknown[]) => values,
  post: (port: unknown) => (port as MessagePort).postMessage('hello'),
  ask: (question: unknown) => (question as Remote<(n: number) => number>)(20),
  fail() {
    throw new PartylineError('limit', 'Too much.')
  },
  crash() {
    throw new TypeError('broken')
  },
}
type Exposed = typeof calls

let ends: MessageChannel
let refused: number
let page: Endpoint

beforeEach(() => {
  ends = new MessageChannel()
  refused = 0
  exposeGuarded(calls, ends.port1, () => {
    refused += 1
  })
  page = ends.port2 as unknown as Endpoint
  ends.port2.start()
})
afterEach(() => {
  ends.port1.close()
  ends.port2.close()
})

interface Answer {
  readonly id: string
  readonly name?: string
  readonly value: { readonly isError: boolean; readonly value: { readonly reason: string } }
}

/** Posts one message by hand, and returns what it is answered with. */
function send(message: object): Promise<Answer> {
  return new Promise((resolve) => {
    const id = `sent ${Math.random()}`
    ends.port2.addEventListener('message', ({ data }) => data.id === id && resolve(data))
    ends.port2.postMessage({ id, ...message })
  })
}

const raw = (value: unknown) => ({ type: 'RAW', value })
const apply = (path: unknown, argumentList: unknown = []) => ({ type: 'APPLY', path, argumentList })

test('plain arguments, transferred ports and proxied functions reach the calls', async () => {
  const remote = wrap<Exposed>(page)
  expect(await remote.echo(1, { two: [2] }, undefined)).toEqual([1, { two: [2] }, undefined])
  const { port1, port2 } = new MessageChannel()
  const heard = new Promise((resolve) => {
    port1.onmessage = ({ data }) => resolve(data)
  })
  await remote.post(transfer(port2, [port2]))
  expect(await heard).toBe('hello')
  port1.close()
  expect(await remote.ask(proxy((n: number) => n + 1))).toBe(21)
  expect(refused).toBe(0)
})

test('what a call throws arrives as data with a reason, and is counted', async () => {
  const remote = wrap<Exposed>(page)
  await expect(remote.fail()).rejects.toEqual({
    name: 'PartylineError',
    reason: 'limit',
    message: 'Too much.',
  })
  await expect(remote.crash()).rejects.toEqual({
    name: 'PartylineError',
    reason: 'worker-failed',
    message: 'broken',
  })
  expect(refused).toBe(2)
})

test.for<[string, object]>([
  ['a SET that would reach every object', { type: 'SET', path: ['__proto__', 'hacked'], value: raw(true) }],
  ['a SET of a call', { type: 'SET', path: ['echo'], value: raw(true) }],
  ['a GET', { type: 'GET', path: ['echo'] }],
  ['a CONSTRUCT', { type: 'CONSTRUCT', path: ['echo'], argumentList: [] }],
  ['an ENDPOINT', { type: 'ENDPOINT' }],
  ['a RELEASE', { type: 'RELEASE' }],
  ['an unknown type', { type: 'apply', path: ['echo'], argumentList: [] }],
  ['an unknown name', apply(['nothing'])],
  ['an inherited name', apply(['constructor'])],
  ['a name of the guard itself', apply(['forbidden'])],
  ['a path beyond a call', apply(['echo', 'call'])],
  ['an empty path', apply([])],
  ['no path', { type: 'APPLY', argumentList: [] }],
  ['a path that is no list', apply('echo')],
  ['a name that is no string', apply([['echo']])],
  ['no arguments', { type: 'APPLY', path: ['echo'] }],
  ['arguments that are no list', apply(['echo'], { length: 1, 0: raw(1) })],
  ['an argument that is missing', apply(['echo'], new Array(1))],
  ['an endless list of arguments', apply(['echo'], new Array(2 ** 32 - 1))],
  ['an endless path', apply(new Array(2 ** 32 - 1))],
  ['an argument that is plain', apply(['echo'], ['me'])],
  ['an argument of an unknown type', apply(['echo'], [{ type: 'MAP', value: 1 }])],
  ['an argument that throws', apply(['echo'], [{ type: 'HANDLER', name: 'throw', value: {} }])],
  ['a proxy that is no port', apply(['echo'], [{ type: 'HANDLER', name: 'proxy', value: {} }])],
])('%s is forbidden, and has no effect', async ([, message]) => {
  const answer = await send(message)
  expect(answer).toMatchObject({
    name: 'throw',
    value: {
      isError: false,
      value: { reason: 'forbidden-call', message: expect.stringContaining('echo, post, ask, fail, crash.') },
    },
  })
  expect(refused).toBe(1)
  expect(({} as { hacked?: boolean }).hacked).toBeUndefined()
  expect((await send(apply(['echo'], [raw('still')]))).value).toEqual(['still'])
})

test('lists whose own fields stand in for their methods do not stop the worker', async () => {
  const tricky = (...values: unknown[]) =>
    Object.assign(values, { slice: 1, reduce: 1, map: 1, every: 1, length: values.length })
  expect((await send(apply(tricky('echo'), tricky(raw(1), raw(2))))).value).toEqual([1, 2])
  expect(refused).toBe(0)
})

test('what cannot be answered is refused, and what is no message ignored', async () => {
  for (const rubbish of [null, 7, 'text', [], {}, apply(['echo']), { id: 7, ...apply(['echo']) }]) {
    ends.port2.postMessage(rubbish)
  }
  const answers: unknown[] = []
  ends.port2.addEventListener('message', ({ data }) => answers.push(data))
  await send(apply(['echo']))
  expect(answers).toHaveLength(1)
  expect(refused).toBe(3)
})

test('a page releases a proxy - others on the same port are served as before', async () => {
  const first = wrap<Exposed>(page)
  const second = wrap<Exposed>(page)
  const underWay = second.echo('before')
  first[releaseProxy]()
  expect(await underWay).toEqual(['before'])
  expect(await second.echo('after')).toEqual(['after'])
  expect(() => first.echo()).toThrow('released')
})
