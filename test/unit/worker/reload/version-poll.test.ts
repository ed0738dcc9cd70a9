import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createVersionPoll } from '../../../../worker/reload/version-poll'

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, 'random').mockReturnValue(0.5)
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const html = () => new Response('<!doctype html>', { status: 404, headers: { 'content-type': 'text/html' } })
const version = () => new Response('v1')
const nothing = () => Promise.reject(new TypeError('Failed to fetch'))

/** A poll every second, of an endpoint that gives a version until the test changes its answer. */
function setUp(options: { online?: number; every?: number } = {}) {
  let answer: () => Response | Promise<Response> = version
  const did: string[] = []
  let requests = 0
  vi.stubGlobal('fetch', async (_: string, init: RequestInit) => {
    requests += 1
    const response = await answer()
    init.signal?.throwIfAborted()
    return response
  })
  const poll = createVersionPoll({
    url: 'http://localhost/version',
    every: 1000,
    online: undefined,
    timeout: 100,
    credentials: 'same-origin',
    read: (body) => (body.startsWith('<') ? undefined : body || undefined),
    answered: (version, answeringFor) => did.push(`${version} for ${answeringFor}`),
    failed: (why) => did.push(why),
    unreadable: (what) => did.push(`unreadable: ${what}`),
    asked: () => {},
    ...options,
  })
  return {
    poll,
    /** Changes the endpoint's answer. */
    gives: (next: typeof answer) => {
      answer = next
    },
    /** Lets time pass, and returns what happened. Counts the requests from 0. */
    async pass(ms: number) {
      requests = 0
      await vi.advanceTimersByTimeAsync(ms)
      return did.splice(0)
    },
    requests: () => requests,
  }
}

test('an outage - how long the endpoint has answered counts from its first answer', async () => {
  const { poll, pass } = setUp()
  poll.turned('offline')
  expect(await pass(3000)).toEqual(['v1 for 0', 'v1 for 1000', 'v1 for 2000'])
})

test.for([
  ['nothing answers', nothing, 'Failed to fetch'],
  ['something else answers', html, 'HTTP 404, text/html'],
] as const)('a poll at which %s ends the run', async ([, answer, what]) => {
  const { poll, pass, gives } = setUp()
  poll.turned('offline')
  await pass(2600)
  gives(answer)
  expect(await pass(1000)).toEqual([what])
  gives(version)
  expect(await pass(2000)).toEqual(['v1 for 0', 'v1 for 1000'])
})

test('an attempt by hand does not end the run - a connection or a refusal does', async () => {
  const { poll, pass } = setUp()
  poll.turned('offline')
  await pass(2600)
  poll.turned('connecting')
  poll.turned('offline')
  expect(await pass(1000)).toEqual(['v1 for 3000'])
  for (const state of ['online', 'unauthorized'] as const) {
    poll.turned(state)
    poll.turned('offline')
    expect(await pass(1000)).toEqual(['v1 for 0'])
  }
})

test('answers while the server refuses the user, or while the link is up, do not count', async () => {
  const { poll, pass } = setUp({ online: 1000 })
  poll.turned('unauthorized')
  expect(await pass(2000)).toEqual(['v1 for 0', 'v1 for 0'])
  poll.turned('online')
  expect(await pass(2500)).toEqual(['v1 for 0', 'v1 for 0', 'v1 for 0'])
})

test('a single look in between counts as a poll', async () => {
  const { poll, pass, gives } = setUp()
  poll.turned('offline')
  await pass(1600)
  poll.look(100)
  expect(await pass(200)).toEqual(['v1 for 1200'])
  poll.look(100)
  gives(nothing)
  await pass(200)
  gives(version)
  expect(await pass(1000)).toEqual(['v1 for 0'])
})

test('a machine that slept - earlier answers are not part of the run', async () => {
  const { poll, pass } = setUp()
  poll.turned('offline')
  await pass(1600)
  // A clock that goes on while the machine sleeps, as in Windows.
  const sleep = 3_600_000
  const now = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => now() + sleep)
  expect(await pass(1000)).toEqual(['v1 for 0'])
})

test('connected - one look after each connect, and no other', async () => {
  const { poll, pass, requests } = setUp()
  poll.turned('online')
  poll.turned('online')
  await pass(60_000)
  expect(requests()).toBe(1)
})

test('connected, with `online` - polled until no tab is left', async () => {
  const { poll, pass, requests } = setUp({ online: 500 })
  poll.turned('online')
  await pass(2100)
  expect(requests()).toBe(5)
  poll.rest()
  await pass(60_000)
  expect(requests()).toBe(0)
  poll.turned('online')
  await pass(2100)
  expect(requests()).toBe(5)
  poll.turned('paused')
  await pass(60_000)
  expect(requests()).toBe(0)
})

test('the endpoint gives no version twice in a row while the link is up - reported once', async () => {
  const { poll, pass, gives } = setUp()
  gives(html)
  poll.turned('online')
  expect(await pass(500)).toEqual(['HTTP 404, text/html'])
  expect(await pass(1000)).toEqual(['HTTP 404, text/html', 'unreadable: HTTP 404, text/html'])
  for (const state of ['offline', 'online'] as const) {
    poll.turned(state)
    expect(await pass(10_000)).not.toContain('unreadable: HTTP 404, text/html')
  }
})

test('answers without a version while the link is down, or before and after no answer, are not reported', async () => {
  const { poll, pass, gives } = setUp({ online: 1000 })
  gives(html)
  poll.turned('offline')
  await pass(10_000)
  for (let connect = 1; connect <= 3; connect += 1) {
    poll.turned('online')
    expect(await pass(500)).toEqual(['HTTP 404, text/html'])
    poll.turned('offline')
  }
  poll.turned('online')
  await pass(500)
  gives(nothing)
  await pass(1000)
  gives(html)
  expect(await pass(1000)).toEqual(['HTTP 404, text/html'])
})

test('an endpoint that ever gave a version is not reported', async () => {
  const { poll, pass, gives } = setUp({ online: 1000 })
  poll.turned('online')
  await pass(500)
  gives(html)
  expect(new Set(await pass(10_000))).toEqual(new Set(['HTTP 404, text/html']))
})

test.for([
  ['empty', '', 'empty'],
  ['too long', 'x'.repeat(5000), 'over 4096 bytes'],
] as const)('an answer that is %s is reported as such', async ([, body, what]) => {
  const { poll, pass, gives } = setUp()
  gives(() => new Response(body))
  poll.turned('online')
  expect(await pass(500)).toEqual([`HTTP 200, text/plain;charset=UTF-8, ${what}`])
})
