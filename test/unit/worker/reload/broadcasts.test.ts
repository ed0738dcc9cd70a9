import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createBroadcasts } from '../../../../worker/reload/broadcasts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('a broadcast that comes over each of eight connections is passed on once, and a later one again', () => {
  const passed: object[] = []
  const hear = createBroadcasts((order) => passed.push(order))
  for (let n = 0; n < 8; n += 1) hear({ message: 'new' })
  expect(passed).toEqual([{ message: 'new' }])
  hear({})
  expect(passed).toEqual([{ message: 'new' }, {}])
  vi.advanceTimersByTime(1000)
  hear({})
  expect(passed).toEqual([{ message: 'new' }, {}, {}])
})
