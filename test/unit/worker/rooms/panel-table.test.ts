import { expect, test } from 'vitest'
import { readRef, roomsOf } from '../../../../worker/rooms/panel-table'
import { failureOf } from '../../../support/failure'

test('panels resolve to their rooms, each once', () => {
  const table = {
    errors: ['errors', 'stats', 'stats'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
  }
  expect(roomsOf(table, ['errors'])).toEqual(['errors', 'stats'])
  expect(roomsOf(table, ['workflow', '42'])).toEqual(['adw-state/42', 'stats'])
})

test.each([
  ['a name that is not there', ['erors'], 'Known: errors, workflow, broken, odd'],
  ['a name of Object.prototype', ['constructor'], 'Known:'],
  ['parameters where there are none', ['errors', '1'], 'takes 0'],
  ['too few parameters', ['workflow'], 'takes 1'],
  ['a function that throws', ['broken', '1'], 'boom'],
  ['a function that returns no room names', ['odd'], 'array'],
] as const)('%s: unknown-panel, with what the table expects', (_, ref, words) => {
  const table = {
    errors: ['errors'],
    workflow: (id: string) => [id],
    broken: (): string[] => {
      throw new Error('boom')
    },
    // The cast: without types, an app's function may return anything.
    odd: () => [42] as unknown as string[],
  }
  const error = failureOf(() => roomsOf(table, ref))
  expect(error.reason).toBe('unknown-panel')
  expect(error.message).toContain(words)
})

test.each([['errors'], [[]], [[1]], [['x'.repeat(257)]], [Array(18).fill('x')], [null], [{ length: 1 }]])(
  'panel %j from a page is a bad argument',
  (value) => {
    expect(failureOf(() => readRef(value)).reason).toBe('bad-argument')
  },
)
