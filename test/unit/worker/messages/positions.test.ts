import { expect, test } from 'vitest'
import { createPositions } from '../../../../worker/messages/positions'

test('the latest position of each room - of those that are asked for, as far as they are known', () => {
  const positions = createPositions()
  positions.note('errors', 7)
  positions.note('errors', 8)
  positions.note('stats', 'b-1')
  positions.note('tmux', 0)
  expect(positions.of(['errors', 'tmux', 'unknown'])).toEqual({ errors: 8, tmux: 0 })
  expect(positions.of([])).toEqual({})
})

test('an event without a position keeps the one before, and a forgotten room has none', () => {
  const positions = createPositions()
  positions.note('errors', 7)
  positions.note('errors', undefined)
  positions.note('stats', 1)
  positions.forget('stats')
  expect(positions.of(['errors', 'stats'])).toEqual({ errors: 7 })
})

test('a room named __proto__ is a room like any other', () => {
  const positions = createPositions()
  positions.note('__proto__', 7)
  expect(JSON.stringify(positions.of(['__proto__']))).toBe('{"__proto__":7}')
})
