import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createJoins, JOIN_PATIENCE } from '../../../../worker/rooms/joins'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

test('the answer comes within the request - nothing is asked again, and no timer is left', () => {
  const asked: string[] = []
  const joins = createJoins({
    ask(room) {
      asked.push(room)
      joins.end(room)
      return true
    },
    late: () => expect.unreachable(),
  })
  joins.begin('errors')
  expect(vi.getTimerCount()).toBe(0)
  vi.advanceTimersByTime(10 * JOIN_PATIENCE)
  expect(asked).toEqual(['errors'])
})
