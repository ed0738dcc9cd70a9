import { expect, test } from 'vitest'
import { readSendTo } from '../../../../worker/sends/send-to'
import { failureOf } from '../../../support/failure'

test('a function that names a room - asked for each message', () => {
  const roomOf = readSendTo({ sends: {}, sendTo: (name: string, payload: number) => name + payload }, true)
  expect(roomOf?.('speak', 7)).toBe('speak7')
  expect(readSendTo({}, true)).toBeUndefined()
})

test.each([
  ['throws', (_: string, { room }: { room: string }) => room, 'threw "'],
  ['returns nothing', () => undefined, 'returned no room'],
  ['returns no string', () => 7, 'returned no room'],
])('a function that %s - the message fails, and the error says why', (_, sendTo, words) => {
  const roomOf = readSendTo({ sends: {}, sendTo }, true)
  const error = failureOf(() => roomOf?.('speak', undefined))
  expect(error.reason).toBe('bad-argument')
  expect(error.message).toContain(`"speak" was not sent: the option "sendTo" of serve ${words}`)
})
