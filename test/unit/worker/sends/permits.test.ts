import { expect, test } from 'vitest'
import { z } from 'zod'
import { jsonDialect } from '../../../../worker/dialect/json-dialect'
import { roomDialect } from '../../../../worker/dialect/room-dialect'
import { readOptions } from '../../../../worker/options'
import { createPermits } from '../../../../worker/sends/permits'

const resuming = { ...jsonDialect, resume: () => ({ name: 'resume', payload: {} }) }
/** Whether pages may send the message. */
const isAllowed = (sends: object | undefined, name: string, dialect = resuming) => {
  try {
    return createPermits(sends, dialect).admit(name, 1) === 1
  } catch (error) {
    expect(error).toMatchObject({ reason: 'unknown-message' })
    return false
  }
}

test.for([
  ['without the option', undefined, 'a', false],
  ['a name in the list', ['a', 'b'], 'b', true],
  ['a name that is not in the list', ['a', 'b'], 'c', false],
  ['an empty list', [], 'a', false],
  ['a key', { a: z.unknown() }, 'a', true],
  ['no key', { a: z.unknown() }, 'b', false],
  ['what every object has', { a: z.unknown() }, 'constructor', false],
  ['an empty object', {}, 'anything', true],
  ['an empty object, and a name that joins', {}, 'subscribe', false],
  ['an empty object, and a name that leaves', {}, 'unsubscribe', false],
  ['an empty object, and a name that resumes', {}, 'resume', false],
] as const)('%s', ([, sends, name, allowed]) => {
  expect(isAllowed(sends, name)).toBe(allowed)
})

test('the error lists what pages may send', () => {
  const error = (sends?: object) => {
    try {
      createPermits(sends, roomDialect).admit('x', 1)
    } catch (error) {
      return (error as Error).message
    }
    return undefined
  }
  expect(error(['alarm:ack', 'chat:send'])).toContain('alarm:ack, chat:send')
  expect(error()).toContain('"sends"')
})

test.each([
  ['join_room', roomDialect],
  ['leave_room', roomDialect],
  ['subscribe', jsonDialect],
  ['resume', resuming],
])('serve refuses to let pages send "%s"', (name, dialect) => {
  expect(() => createPermits([name], dialect)).toThrow(expect.objectContaining({ reason: 'bad-option' }))
  expect(() => createPermits({ [name]: z.unknown() }, dialect)).toThrow(name)
})

test('a dialect that fails for a room it does not know - the other names are still refused', () => {
  const join = () => {
    throw new Error('no such room')
  }
  expect(isAllowed({}, 'unsubscribe', { ...resuming, join })).toBe(false)
  expect(isAllowed({}, 'hello', { ...resuming, join })).toBe(true)
})

test.each([[7], ['alarm'], [[7]], [['']], [null], [new Set(['alarm'])], [new Map()]])(
  '`sends` is %o - serve refuses it',
  (sends) => {
    const options = { panels: { errors: ['errors'] }, sends }
    expect(() => readOptions(options, 'http://localhost/')).toThrow(
      expect.objectContaining({ reason: 'bad-option', message: expect.stringContaining('"sends"') }),
    )
  },
)
