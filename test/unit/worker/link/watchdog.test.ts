import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createWatchdog, type Watchdog } from '../../../../worker/link/watchdog'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => {
  for (const watchdog of pulses.splice(0)) watchdog.dispose()
  expect(vi.getTimerCount()).toBe(0)
  vi.useRealTimers()
})

const pulses: Watchdog[] = []

function setUp(keepalive?: { every: number; misses: number }, isAsking = true) {
  const did: string[] = []
  let answer = () => {}
  const watchdog = createWatchdog({
    keepalive,
    probe(answered) {
      did.push('probe')
      answer = answered
      return isAsking
    },
    dead: (why) => did.push(`dead: ${why}`),
    woke: () => did.push('woke'),
  })
  pulses.push(watchdog)
  return { watchdog, take: () => did.splice(0), answer: () => answer() }
}

test('silence for misses × every is noticed, and anything heard starts the time again', () => {
  const { watchdog, take } = setUp({ every: 500, misses: 3 })
  watchdog.start()
  for (let n = 0; n < 10; n += 1) {
    vi.advanceTimersByTime(1400)
    watchdog.heard()
  }
  expect(take()).toEqual([])
  vi.advanceTimersByTime(1750)
  expect(take()[0]).toBe('dead: The server sent nothing for 1500 ms.')
})

test('at rest nothing is watched', () => {
  const { watchdog, take } = setUp({ every: 500, misses: 3 })
  watchdog.start()
  watchdog.rest()
  vi.advanceTimersByTime(60_000)
  expect(take()).toEqual([])
})

test('a check probes a silent link, once - an answer is enough - without one it is dead', () => {
  const { watchdog, take, answer } = setUp()
  watchdog.start()
  watchdog.check()
  expect(take()).toEqual([])
  vi.advanceTimersByTime(2000)
  watchdog.check()
  watchdog.check()
  expect(take()).toEqual(['probe'])
  vi.advanceTimersByTime(2999)
  answer()
  vi.advanceTimersByTime(60_000)
  expect(take()).toEqual([])
  watchdog.check()
  vi.advanceTimersByTime(3000)
  expect(take()).toEqual(['probe', 'dead: The server gave no sign of life within 3000 ms.'])
})

test('a check of a silence that is usual - the link is not dead, and nothing counts as heard', () => {
  const { watchdog, take } = setUp(undefined, false)
  watchdog.start()
  const heardAt = watchdog.heardAt()
  vi.advanceTimersByTime(2000)
  watchdog.check()
  vi.advanceTimersByTime(60_000)
  expect(take()).toEqual(['probe'])
  expect(watchdog.heardAt()).toBe(heardAt)
})

test('when the clock jumps, the machine slept', () => {
  const { take } = setUp()
  vi.advanceTimersByTime(60_000)
  expect(take()).toEqual([])
  vi.setSystemTime(Date.now() + 3_600_000)
  vi.advanceTimersByTime(2000)
  expect(take()).toEqual(['woke'])
})

test('the clock is set back - silence is noticed as soon as otherwise', () => {
  const { watchdog, take } = setUp({ every: 500, misses: 3 })
  watchdog.start()
  vi.setSystemTime(Date.now() - 3_600_000)
  vi.advanceTimersByTime(1500)
  expect(take()).toEqual(['dead: The server sent nothing for 1500 ms.'])
})

test('the clock is set back - a silent link is probed all the same', () => {
  const { watchdog, take } = setUp()
  watchdog.start()
  vi.setSystemTime(Date.now() - 3_600_000)
  vi.advanceTimersByTime(1000)
  watchdog.check()
  expect(take()).toEqual(['probe'])
})

test('a machine slept right after something was heard - the link is probed', () => {
  const { watchdog, take } = setUp()
  watchdog.start()
  // The clock that nobody sets stood still.
  vi.setSystemTime(Date.now() + 3_600_000)
  watchdog.check()
  expect(take()).toEqual(['probe'])
})
