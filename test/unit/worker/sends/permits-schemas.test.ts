import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { roomDialect } from '../../../../worker/dialect/room-dialect'
import { createPermits } from '../../../../worker/sends/permits'
import { failureOf } from '../../../support/failure'

const schemas = {
  'alarm:ack': z.object({ id: z.number() }),
  'chat:send': v.pipe(
    v.string(),
    v.transform((text) => ({ text })),
  ),
  'all/*': z.null(),
}

test('what leaves is what the schema makes of the payload', () => {
  const { admit } = createPermits(schemas, roomDialect)
  expect(admit('alarm:ack', { id: 7, more: true })).toEqual({ id: 7 })
  expect(admit('chat:send', 'hello')).toEqual({ text: 'hello' })
  expect(admit('all/*', null)).toBe(null)
})

test('a payload that does not fit does not leave, and the error does not quote it', () => {
  const { admit } = createPermits(schemas, roomDialect)
  for (const [name, payload, words] of [
    ['alarm:ack', { id: 'secret' }, 'at "id": expected number'],
    ['chat:send', { secret: true }, 'expected string'],
    ['alarm:ack', undefined, 'expected object'],
  ] as const) {
    const { reason, message } = failureOf(() => admit(name, payload))
    expect(reason).toBe('invalid')
    expect(message).toContain(`"${name}"`)
    expect(message).toContain(words)
    expect(message).not.toContain('secret')
  }
})

test('a message is permitted by its exact name only', () => {
  const { admit } = createPermits(schemas, roomDialect)
  for (const name of ['all/1', 'alarm', 'toString'])
    expect(failureOf(() => admit(name, null)).reason).toBe('unknown-message')
})

test('without schemas, payloads leave unchanged', () => {
  const payload = { a: new Date(5) }
  expect(createPermits(['alarm:ack'], roomDialect).admit('alarm:ack', payload)).toBe(payload)
  expect(createPermits({}, roomDialect).admit('any', payload)).toBe(payload)
})

test('what is no schema is refused, and the message names it', () => {
  const { reason, message } = failureOf(() => createPermits({ 'alarm:ack': {} }, roomDialect))
  expect(reason).toBe('bad-option')
  expect(message).toContain('"sends"')
  expect(message).toContain('"alarm:ack"')
})
