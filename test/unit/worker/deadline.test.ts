import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { withDeadline } from '../../../worker/deadline'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const LATE = new Error('late')

test('work that settles in time decides the result, and no timer is left', async () => {
  await expect(withDeadline(1000, Promise.resolve('done'), LATE)).resolves.toBe('done')
  await expect(withDeadline(1000, Promise.reject(new Error('failed')), LATE)).rejects.toThrow('failed')
  expect(vi.getTimerCount()).toBe(0)
})

test('work that takes longer is rejected with the given error', async () => {
  const result = expect(withDeadline(1000, new Promise(() => {}), LATE)).rejects.toBe(LATE)
  await vi.advanceTimersByTimeAsync(1000)
  await result
})
