import { expect, test } from 'vitest'
import { createSequence } from '../../../../worker/messages/sequence'

test('numbers in a row, each room by itself', () => {
  const sequence = createSequence()
  expect(sequence.check('errors', 7, 100)).toBe('next')
  expect(sequence.check('stats', 1, 100)).toBe('next')
  expect(sequence.check('errors', 8, 200)).toBe('next')
  expect(sequence.check('stats', 2, 200)).toBe('next')
})

test('an event that comes again is known', () => {
  const sequence = createSequence()
  sequence.check('errors', 7, 100)
  sequence.check('errors', 8, 200)
  expect(sequence.check('errors', 8, 300)).toBe('again')
  expect(sequence.check('errors', 7, 300)).toBe('again')
  expect(sequence.check('errors', 9, 400)).toBe('next')
})

test('a hole is since the last one before it, and what was in it does not come late', () => {
  const sequence = createSequence()
  sequence.check('errors', 1, 100)
  expect(sequence.check('errors', 4, 200)).toEqual({ since: 100 })
  expect(sequence.check('errors', 3, 300)).toBe('again')
  expect(sequence.check('errors', 5, 400)).toBe('next')
})

test('a new session, or a room left and joined again, begins anew', () => {
  const sequence = createSequence()
  sequence.check('errors', 9, 100)
  sequence.check('stats', 9, 100)
  sequence.forget('errors')
  expect(sequence.check('errors', 1, 200)).toBe('next')
  sequence.reset()
  expect(sequence.check('stats', 1, 200)).toBe('next')
})
