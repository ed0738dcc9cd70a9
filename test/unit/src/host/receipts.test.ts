import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { ToTab } from '../../../../shared/wire'
import { createReceipts } from '../../../../src/host/receipts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const batch = (size: number): ToTab => ({ type: 'events', events: 'x'.repeat(size) })

function setUp() {
  const answers: number[] = []
  return { answers, receipts: createReceipts((count) => answers.push(count)) }
}

test('four batches are acknowledged together', () => {
  const { answers, receipts } = setUp()
  for (let n = 0; n < 9; n += 1) receipts.add(batch(100))
  expect(answers).toEqual([4, 4])
})

test('a single batch is acknowledged after a moment', () => {
  const { answers, receipts } = setUp()
  receipts.add(batch(100))
  expect(answers).toEqual([])
  vi.advanceTimersByTime(50)
  expect(answers).toEqual([1])
  vi.advanceTimersByTime(1000)
  expect(answers).toEqual([1])
})

test('long text, objects and other messages are acknowledged at once, with what came before', () => {
  const { answers, receipts } = setUp()
  receipts.add(batch(100))
  receipts.add(batch(64_000))
  receipts.add({ type: 'events', events: [] })
  receipts.add(batch(100))
  receipts.add({ type: 'beat' })
  expect(answers).toEqual([2, 1, 2])
})

test('an early acknowledgement is not repeated', () => {
  const { answers, receipts } = setUp()
  receipts.add(batch(100))
  receipts.settle()
  receipts.settle()
  vi.advanceTimersByTime(1000)
  expect(answers).toEqual([1])
})
