import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createWorkerClock } from '../../../../src/tab/worker-clock'
import { createClock } from '../../../../worker/clock'

const START = 1_000_000
const HOUR = 3_600_000

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

test('no worker has answered yet - there is no lead', () => {
  const clock = createWorkerClock()
  expect(clock.lead()).toBeUndefined()
  expect(clock.follow('a')).toBe(0)
  expect(clock.lead()).toEqual(['a', 0])
})

test('the wall clock runs, is set forward, or messages are slow - the worker is not ahead', () => {
  const clock = createWorkerClock()
  clock.follow('a')
  vi.advanceTimersByTime(10_000)
  clock.observe(START + 9000)
  clock.observe(START + 5000)
  vi.setSystemTime(START + HOUR)
  expect(clock.lead()).toEqual(['a', 0])
  expect(clock.follow('b')).toBe(0)
  expect(clock.lead()).toEqual(['b', 0])
})

test('the wall clock is set back - the worker is ahead by as much, and the next worker is not', () => {
  const clock = createWorkerClock()
  clock.follow('a')
  vi.advanceTimersByTime(1000)
  clock.observe(START + 1000)
  vi.setSystemTime(Date.now() - HOUR)
  vi.advanceTimersByTime(500)
  expect(clock.lead()).toEqual(['a', HOUR])
  expect(clock.follow('a')).toBe(0)
  expect(clock.follow('b')).toBe(HOUR)
  expect(clock.lead()).toEqual(['b', 0])
})

test('the worker’s clock waits until the wall clock has caught up - too much is subtracted, once', () => {
  const worker = createClock()
  const clock = createWorkerClock()
  clock.follow('a')
  clock.observe(worker.now())
  vi.setSystemTime(Date.now() - 10_000)
  for (let second = 0; second < 20; second += 1) {
    expect(clock.lead()?.[1]).toBeGreaterThanOrEqual(worker.now() - Date.now())
    vi.advanceTimersByTime(1000)
    clock.observe(worker.now())
  }
  expect(clock.follow('b')).toBe(10_000)
  expect(clock.follow('c')).toBe(0)
})

test('a page finds a worker that is ahead already - the first time it sends shows by how much', () => {
  const clock = createWorkerClock()
  clock.follow('a')
  clock.observe(START + HOUR)
  expect(clock.lead()).toEqual(['a', HOUR])
})

test('a page inherits the lead from the tab’s previous page', () => {
  const first = createWorkerClock()
  first.follow('a')
  vi.setSystemTime(Date.now() - HOUR)
  const lead = first.lead()
  const second = createWorkerClock()
  if (lead) second.continueFrom(lead)
  expect(second.lead()).toEqual(['a', HOUR])
  expect(second.follow('a')).toBe(0)
  expect(second.follow('b')).toBe(HOUR)
})
