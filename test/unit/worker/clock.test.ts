import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createClock } from '../../../worker/clock'

const START = 1_000_000
const HOUR = 3_600_000

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

test('the wall clock runs, and jumps forward - this one follows at once', () => {
  const clock = createClock()
  expect(clock.now()).toBe(START)
  vi.advanceTimersByTime(1500)
  expect(clock.now()).toBe(START + 1500)
  vi.setSystemTime(START + HOUR)
  expect(clock.now()).toBe(START + HOUR)
})

test('the wall clock is set back - this one runs at half speed, until they agree again', () => {
  const clock = createClock()
  clock.now()
  vi.setSystemTime(START - HOUR)
  expect(clock.now()).toBe(START)
  // Asked often or seldom, the pace is the same.
  for (let n = 0; n < 1000; n += 1) {
    vi.advanceTimersByTime(1)
    clock.now()
  }
  expect(clock.now()).toBe(START + 500)
  vi.advanceTimersByTime(2 * HOUR - 2000)
  expect(clock.now()).toBe(START + HOUR - 500)
  expect(clock.now() - Date.now()).toBe(500)
  vi.advanceTimersByTime(1000)
  expect(clock.now()).toBe(Date.now())
  vi.advanceTimersByTime(1000)
  expect(clock.now()).toBe(Date.now())
})

test('the wall clock is set back and forward again - this one is not affected', () => {
  const clock = createClock()
  clock.now()
  vi.setSystemTime(START - HOUR)
  clock.now()
  vi.setSystemTime(START + 10)
  expect(clock.now()).toBe(START + 10)
})

test('the wall clock is set back by less than the time since the last call - this one follows', () => {
  const clock = createClock()
  clock.now()
  vi.advanceTimersByTime(10_000)
  vi.setSystemTime(Date.now() - 1000)
  expect(clock.now()).toBe(START + 9000)
})
