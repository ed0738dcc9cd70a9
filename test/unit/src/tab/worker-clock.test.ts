import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createWorkerClock } from '../../../../src/tab/worker-clock'
import { createClock } from '../../../../worker/clock'

const START = 1_000_000
const HOUR = 3_600_000

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

test('nothing was heard from a worker - there is nothing to tell of its clock', () => {
  const clock = createWorkerClock()
  expect(clock.lead()).toBeUndefined()
  expect(clock.follow('a')).toBe(0)
  expect(clock.lead()).toEqual(['a', 0])
})

test('the wall clock goes on, is set forward, or messages are slow - no worker is ahead', () => {
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

test('the wall clock is set back - the worker is ahead by that, and the next one is not', () => {
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

test('a worker lives on until its clock and the wall clock agree again - too much is taken off, once', () => {
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

test('a page finds a worker that is ahead already - it is known from the first time told', () => {
  const clock = createWorkerClock()
  clock.follow('a')
  clock.observe(START + HOUR)
  expect(clock.lead()).toEqual(['a', HOUR])
})

test('a tab has another page - it knows from the first how far the worker is ahead', () => {
  const first = createWorkerClock()
  first.follow('a')
  vi.setSystemTime(Date.now() - HOUR)
  const lead = first.lead()
  const second = createWorkerClock()
  if (lead) second.inherit(lead)
  expect(second.lead()).toEqual(['a', HOUR])
  expect(second.follow('a')).toBe(0)
  expect(second.follow('b')).toBe(HOUR)
})
