import { expect, test } from 'vitest'
import type { Dialect } from '../../../../worker/dialect/dialect'
import { createGuard } from '../../../../worker/dialect/guard'
import { roomDialect } from '../../../../worker/dialect/room-dialect'

test.each([
  ['join', undefined],
  ['join', { name: undefined }],
  ['leave', 'leave_room'],
  ['denial', null],
  ['denial', false],
  ['refusal', 'yes'],
] as const)('%s that returns %j fails, is counted, and is warned about', (part, answer) => {
  let malformed = 0
  const warned: string[] = []
  const warn = (about: string, text: string) => warned.push(about, text)
  const dialect = { ...roomDialect, [part]: () => answer } as Dialect
  const guard = createGuard(dialect, { malformed: () => (malformed += 1), warn })
  // The cast: the parts take different types, and these do not read theirs.
  expect(guard(part, '' as never)).toBeUndefined()
  expect(malformed).toBe(1)
  expect(warned).toEqual([`dialect ${part}`, expect.stringContaining(`"${part}" should return `)])
})
