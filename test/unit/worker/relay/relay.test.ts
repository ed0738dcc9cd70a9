import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { PartylineError } from '../../../../shared/errors'
import type { ToTab } from '../../../../shared/wire'
import { type Calls, callsOf } from '../../../../worker/pages/api'
import type { PagePort } from '../../../../worker/pages/page-port'
import { createDesks, type Desks } from '../../../../worker/relay/desks'
import { createInbox, type Reply, type Request, type Seat } from '../../../../worker/relay/inbox'
import { createRelay } from '../../../../worker/relay/relay'
import { createRelayed } from '../../../../worker/relay/relayed'
import { createFakeBrowser } from '../../../support/fake-browser'

/** The way of a page through the worker that relays to the one that serves, and back. */

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

const gone = () => new PartylineError('unregistered', 'Another worker serves this page.')

const reasonOf = (call: unknown) =>
  Promise.resolve(call).then(
    () => 'fine',
    (error: Partial<PartylineError>) => error.reason,
  )

/** A call of a page, as it comes from the worker that relays it. */
const request = (page: number, name: string, ...args: unknown[]): Request => ({
  type: 'call',
  from: 'relaying',
  page,
  call: page,
  name,
  args,
})

/** The worker that serves, with the pages of another one. */
function serving(calls: Partial<Record<keyof Calls, (...args: unknown[]) => unknown>> = {}) {
  const replies: Reply[] = []
  const refused = vi.fn()
  const ports: PagePort[] = []
  const relayed = createRelayed({
    lock: 'serving',
    inbox: {
      send: (_, message) => void replies.push(structuredClone(message) as Reply),
      sendAll: () => {},
    },
    refused,
    createCalls(portOf) {
      let isHere = false
      const own = callsOf((name) => () => {
        if (!isHere) throw gone()
        return calls[name]?.()
      })
      return {
        ...own,
        hello(_, hello) {
          isHere = true
          ports.push(portOf(hello))
          return 'welcome'
        },
      }
    },
  })
  return { relayed, replies, refused, ports }
}

test('1,500 lines of a page come and go, one after another - each is served', async () => {
  const { relayed, replies } = serving()
  for (let page = 1; page <= 1500; page += 1) {
    for (const name of ['hello', 'subscribe', 'leave']) relayed.requested(request(page, name, {}, 1))
    await pass(0)
  }
  expect(replies).toHaveLength(4500)
  expect(replies.filter((reply) => 'failure' in reply)).toEqual([])
})

test('an answer cannot be copied - the call fails, and says so', async () => {
  const { relayed, replies } = serving({ send: () => () => {} })
  relayed.requested(request(1, 'hello', {}, 1))
  relayed.requested(request(1, 'send', 'x'))
  await pass(0)
  expect(replies.at(-1)).toMatchObject({ type: 'answer', failure: { reason: 'worker-failed' } })
})

test('a call that does not exist - it fails, and nothing else happens', async () => {
  const { relayed, replies } = serving()
  for (const name of ['constructor', '__proto__', 'nothing']) relayed.requested(request(1, name))
  await pass(0)
  expect(replies.map((reply) => 'failure' in reply && reply.failure?.reason)).toEqual(
    Array(3).fill('unregistered'),
  )
})

/** The worker that relays. */
function relaying() {
  const sent: Request[] = []
  const messages: [page: number, hello: number, message: ToTab][] = []
  const relay = createRelay({
    lock: 'relaying',
    inbox: { send: (_, message) => void sent.push(structuredClone(message) as Request) },
    message: (...message) => messages.push(message) > 0,
  })
  const answer = (call: number, from = 'serving') =>
    relay.replied({ type: 'answer', from, call, value: 'answered' })
  return { relay, sent, messages, answer }
}

test('the worker that served does not any more - calls are to be repeated elsewhere, and messages may still be answered for a second', async () => {
  const { relay, answer } = relaying()
  const calls = ['inspect', 'send', 'send'] as const
  const [inspect, quick, slow] = calls.map((name) => reasonOf(relay.call('serving', 1, name, [])))
  relay.left('serving')
  expect(await inspect).toBe('unregistered')
  answer(2)
  expect(await quick).toBe('fine')
  await pass(1000)
  expect(await slow).toBe('worker-died')
})

test('the worker that served does so again within a second - what it was given since is not rejected', async () => {
  const { relay, answer } = relaying()
  const early = reasonOf(relay.call('serving', 1, 'send', []))
  relay.left('serving')
  const late = [
    reasonOf(relay.call('serving', 1, 'send', [])),
    reasonOf(relay.call('serving', 1, 'inspect', [])),
  ]
  await pass(1500)
  expect(await early).toBe('worker-died')
  for (const call of [2, 3]) answer(call)
  expect(await Promise.all(late)).toEqual(['fine', 'fine'])
})

test('another worker answers a call that it was not given - the answer does not count', async () => {
  const { relay, answer } = relaying()
  const call = relay.call('serving', 1, 'inspect', [])
  answer(1, 'another')
  answer(1)
  expect(await call).toBe('answered')
})

test('a worker ends - all its calls are over', async () => {
  const { relay } = relaying()
  const calls = (['inspect', 'send'] as const).map((name) => reasonOf(relay.call('serving', 1, name, [])))
  const other = relay.call('other', 1, 'inspect', [])
  relay.ended('serving')
  expect(await Promise.all(calls)).toEqual(['unregistered', 'worker-died'])
  relay.ended('other')
  expect(await reasonOf(other)).toBe('unregistered')
})

/** One page of a worker that relays. */
function seat() {
  const channel = new MessageChannel()
  onTestFinished(() => {
    channel.port1.close()
    channel.port2.close()
  })
  const received: ToTab[] = []
  channel.port1.onmessage = ({ data }) => received.push(data)
  return { port: channel.port2, received }
}

const BEAT = { type: 'beat' } as const

function desksFor(
  found: () => Promise<string | undefined>,
  call = vi.fn(async (): Promise<unknown> => ({})),
) {
  const lost: string[] = []
  const left = new Set<string>()
  const desks: Desks = createDesks({
    name: 'w/1',
    base: 'w',
    lock: 'own',
    found,
    isAlone: () => false,
    serves: (worker) => !left.has(worker),
    lost: (worker) => void lost.push(worker),
    settled: async () => {},
    relay: { call: call as never, post: () => {} },
    createCalls(portOf) {
      let isHere = false
      const own = callsOf((name) => () => {
        if (!isHere) throw gone()
        return name
      })
      return {
        ...own,
        hello(hello) {
          if ((hello as { bad?: true }).bad) throw new PartylineError('wrong-worker', 'no')
          isHere = true
          portOf().post(BEAT)
          return { incarnation: 'own' }
        },
      }
    },
  })
  return { desks, lost, left, call }
}

test('a page says hello again - what was sent to its earlier hello does not reach it any more', async () => {
  vi.useRealTimers()
  const { desks } = desksFor(async () => 'serving')
  const calls = desks.open()
  const [first, second] = [seat(), seat()]
  await calls.hello({ share: true }, first.port)
  desks.message(1, 1, BEAT)
  await expect.poll(() => first.received, { interval: 1 }).toEqual([BEAT])
  const again = calls.hello({ share: true }, second.port)
  // It was on its way when the page said hello.
  desks.message(1, 1, { type: 'signout' })
  await again
  desks.message(1, 2, BEAT)
  await expect.poll(() => second.received, { interval: 1 }).toEqual([BEAT])
  expect(first.received).toEqual([BEAT])
})

test('a page says hello again and is refused - it is still served', async () => {
  vi.useRealTimers()
  const { desks } = desksFor(async () => undefined)
  const calls = desks.open()
  await calls.hello({ share: true }, seat().port)
  expect(await reasonOf(calls.hello({ share: true, bad: true }, seat().port))).toBe('wrong-worker')
  expect(await calls.subscribe(['errors'])).toBe('subscribe')
})

test('the worker that was asked for turns out not to serve - the hello goes to the next, three times at most', async () => {
  vi.useRealTimers()
  const call = vi.fn(async (): Promise<unknown> => {
    throw gone()
  })
  const { desks, lost } = desksFor(async () => 'serving', call)
  expect(await reasonOf(desks.open().hello({ share: true }, seat().port))).toBe('unregistered')
  expect(call).toHaveBeenCalledTimes(3)
  expect(lost).toEqual(['serving', 'serving'])
})

test('the worker that served was left, and may be frozen - it is given no more calls, and they are to be repeated after a hello', async () => {
  vi.useRealTimers()
  let server = 'frozen'
  const call = vi.fn(async (to: string): Promise<unknown> => ({ to }))
  const { desks, left } = desksFor(async () => server, call as never)
  const calls = desks.open()
  await calls.hello({ share: true }, seat().port)
  server = 'next'
  left.add('frozen')
  for (const name of ['inspect', 'send', 'signOut'] as const)
    expect(await reasonOf(calls[name]())).toBe('unregistered')
  expect(call).toHaveBeenCalledOnce()
  await calls.hello({ share: true }, seat().port)
  expect(await calls.inspect()).toEqual({ to: 'next' })
})

test('a page leaves and says hello again on the same port - it is in front, and gets its messages', async () => {
  vi.useRealTimers()
  const { desks } = desksFor(async () => 'serving')
  const calls = desks.open()
  expect(desks.isInFront()).toBe(false)
  await calls.hello({ share: true }, seat().port)
  expect(desks.isInFront()).toBe(true)
  await calls.leave()
  expect(desks.isInFront()).toBe(false)
  const { port, received } = seat()
  await calls.hello({ share: true }, port)
  desks.message(1, 2, BEAT)
  await expect.poll(() => received, { interval: 1 }).toEqual([BEAT])
})

test('workers come and go - their channels go with them, and nonsense on a channel has no effect', async () => {
  const browser = createFakeBrowser()
  const requested = vi.fn()
  const replied = vi.fn()
  const freed = new Map<string, () => void>()
  const ended: string[] = []
  const inbox = createInbox({
    lock: 'own',
    watch(lock, free) {
      freed.set(lock, free)
      return () => {}
    },
    requested,
    replied,
    ended: (lock) => void ended.push(lock),
  })
  for (let n = 0; n < 50; n += 1) {
    inbox.send(`other ${n}`, request(1, 'ping'))
    inbox.send(`other ${n}`, request(1, 'ping'))
    expect(browser.channels()).toEqual(['own/events', 'own', `other ${n}`, `other ${n}/events`])
    freed.get(`other ${n}`)?.()
  }
  expect([browser.channels(), ended.length]).toEqual([['own/events', 'own'], 50])
  const channel = new BroadcastChannel('own')
  for (const nonsense of [
    null,
    7,
    {},
    { type: 'call', from: 'x', page: 1, call: 1, name: 'ping' },
    { type: 'post', page: 1 },
    { type: 'message', page: 1, message: BEAT },
    { type: 'message', page: 1, hello: 1, message: 'beat' },
    { type: 'answer', from: 'x' },
  ])
    channel.postMessage(nonsense)
  channel.postMessage(request(1, 'ping'))
  channel.postMessage({ type: 'message', page: 1, hello: 1, message: BEAT })
  await pass(10)
  expect([requested.mock.calls.length, replied.mock.calls.length]).toEqual([1, 1])
})

test('events for pages of several workers - each page gets them between its other messages, and nonsense has no effect', async () => {
  createFakeBrowser()
  const received: Reply[] = []
  const parts = { watch: () => () => {}, requested: () => {}, ended: () => {} }
  const serving = createInbox({ ...parts, lock: 'serving', replied: () => {} })
  const relaying = createInbox({ ...parts, lock: 'relaying', replied: (reply) => void received.push(reply) })
  const beat: Reply = { type: 'message', page: 2, hello: 1, message: BEAT }
  // One that has not asked this worker for anything gets nothing in vain, as it may be frozen.
  const idle = vi.fn()
  createInbox({ ...parts, lock: 'idle', replied: idle }).send('another', request(1, 'hello'))
  // It listens from its first request on.
  relaying.send('serving', request(1, 'hello'))
  serving.send('relaying', beat)
  const seats: readonly Seat[] = [
    [1, 3],
    [2, 1],
  ]
  serving.sendAll({
    events: '[1]',
    to: new Map<string, readonly Seat[]>([
      ['relaying', seats],
      ['idle', [[1, 1]]],
    ]),
  })
  serving.send('relaying', beat)
  const channel = new BroadcastChannel('serving/events')
  for (const nonsense of [
    null,
    { events: '[2]' },
    { events: '[2]', to: { relaying: seats } },
    { events: 2, to: new Map([['relaying', seats]]) },
    { events: '[2]', to: new Map([['another', seats]]) },
    { events: '[2]', to: new Map([['relaying', 7]]) },
    { events: '[2]', to: new Map([['relaying', [[1]]]]) },
  ])
    channel.postMessage(nonsense)
  await pass(10)
  const events = ([page, hello]: Seat) => ({
    type: 'message',
    page,
    hello,
    message: { type: 'events', events: '[1]' },
  })
  expect(received).toEqual([beat, ...seats.map(events), beat])
  expect(idle).not.toHaveBeenCalled()
})
