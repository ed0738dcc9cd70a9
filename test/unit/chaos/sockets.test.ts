import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSocketCount } from '../../chaos/sockets'

let sockets = 1
beforeEach(() => {
  vi.useFakeTimers()
  sockets = 1
})
afterEach(() => vi.useRealTimers())

/** What is found after this many sockets for this long, and one again. */
function found(count: number, ms: number, excused?: number) {
  const counted = createSocketCount(() => sockets)
  if (excused !== undefined) counted.excuse(excused)
  sockets = count
  vi.advanceTimersByTime(ms)
  sockets = 1
  vi.advanceTimersByTime(100)
  counted.stop()
  return counted
}

test('two sockets of one user for a moment are right, for longer they are not', () => {
  expect(found(1, 5000).found()).toEqual([])
  expect(found(2, 300).found()).toEqual([])
  expect(found(2, 1000).found()).toHaveLength(1)
  expect(found(3, 300).most()).toBe(3)
})

test('two sockets are right while a worker cannot run', () => {
  expect(found(2, 2000, 2000).found()).toEqual([])
  expect(found(2, 4000, 2000).found()).toHaveLength(1)
})

test('two sockets that never end are found when the run ends', () => {
  const counted = createSocketCount(() => 2)
  vi.advanceTimersByTime(2000)
  counted.stop()
  expect(counted.found()).toHaveLength(1)
})
