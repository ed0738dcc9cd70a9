import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Hello } from '../../../shared/switchboard'
import type { ToTab } from '../../../shared/wire'
import type { LinkEvents } from '../../../worker/link/link'
import { readOptions } from '../../../worker/options'
import { createSwitchboard } from '../../../worker/switchboard'

// A server that is not there. An hour of it cannot be had otherwise: browsers hold back sockets that fail again and again.
vi.mock('../../../worker/link/socket-io/link', () => ({
  createLink: (_url: string, _settings: object, events: LinkEvents) => ({
    dial: () => void setTimeout(() => events.lost({ reason: 'refused' }), 1),
    drop() {},
    hangUp() {},
    send() {},
    probe() {},
  }),
}))

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  vi.spyOn(console, 'warn').mockReturnValue()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

setFlagsFromString('--expose-gc')
const collect: () => void = runInNewContext('gc')
function heap(): number {
  collect()
  return process.memoryUsage().heapUsed
}

test('an hour offline: one attempt every five seconds to the end, and nothing piles up', async () => {
  const name = 'partyline/1/u'
  const options = {
    panels: { errors: ['errors', 'stats'] },
    version: { url: '/version' },
    retry: { jitter: 0 },
  }
  const engine = createSwitchboard(readOptions(options, 'http://localhost/'), {
    name,
    incarnation: 'i',
    shared: true,
    address: 'http://localhost/',
    permissions: undefined,
    place: undefined,
    lock: undefined,
    locked: Promise.resolve(),
    isFree: async () => true,
    exclusively: async (_, act) => act(),
    watchLock: () => () => {},
  })
  const posts: ToTab[] = []
  const hello = (tab: string): Hello => ({ protocol: 1, worker: name, tab, lock: tab })
  const lively = engine.hello(hello('lively'), () =>
    queueMicrotask(() => lively.heard({ type: 'took', count: 1 })),
  )
  const frozen = engine.hello(hello('frozen'), (message) => posts.push(message))
  await vi.advanceTimersByTimeAsync(400)
  for (const session of [lively, frozen]) void session.subscribe(['errors'], { call: 1, since: undefined })

  // By then all code is compiled, and the recorder is full. After one hour some of it is still compiled anew.
  await vi.advanceTimersByTimeAsync(3 * 60 * 60_000)
  const { attempt } = engine.inspect().status
  const timers = vi.getTimerCount()
  const before = heap()
  await vi.advanceTimersByTimeAsync(60 * 60_000)
  const after = heap()
  const { status, timeline, counters } = engine.inspect()
  expect(status.attempt - attempt).toBeGreaterThan(700)
  expect(status.attempt - attempt).toBeLessThanOrEqual(720)
  expect(vi.getTimerCount()).toBeLessThanOrEqual(timers + 1)
  expect(timeline.length).toBeLessThanOrEqual(200)
  expect(counters.polls).toBeGreaterThan(150)
  // What a frozen tab does not take is not posted to it.
  expect(posts.length).toBeLessThanOrEqual(32)
  expect(after - before).toBeLessThan(200_000)
})
