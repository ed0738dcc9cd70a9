import { expect, test } from 'vitest'
import { readActionCableOptions } from '../../../../worker/entries/action-cable-options'
import { readSendTo } from '../../../../worker/entries/send-to'
import { failureOf } from '../../../support/failure'

test('a function that names a room - asked for each message, which may be kept', () => {
  const { roomOf } = readSendTo(
    { sends: {}, sendTo: (name: string, payload: number) => name + payload },
    true,
  )
  expect([false, true].map((isKept) => roomOf?.('speak', 7, isKept))).toEqual(['speak7', 'speak7'])
  expect(readSendTo({}, true)).toEqual({})
})

test.each([
  ['throws', (_: string, { room }: { room: string }) => room, 'threw "'],
  ['returns nothing', () => undefined, 'returned no room'],
  ['returns no string', () => 7, 'returned no room'],
])('a function that %s - the message fails, and the error says why', (_, sendTo, words) => {
  const { roomOf } = readSendTo({ sends: {}, sendTo }, true)
  const error = failureOf(() => roomOf?.('speak', undefined, false))
  expect(error.reason).toBe('bad-argument')
  expect(error.message).toContain(`"speak" was not sent: the option "sendTo" of serve ${words}`)
})

test('Action Cable answers nothing - no message can be kept', () => {
  const options = { panels: { a: ['A'] }, sends: ['speak'], sendTo: () => 'A' }
  const { roomOf } = readActionCableOptions(options, 'https://app.example/worker.js')
  expect(roomOf?.('speak', {}, false)).toBe('A')
  const error = failureOf(() => roomOf?.('speak', {}, true))
  expect([error.reason, error.message]).toEqual([
    'bad-argument',
    expect.stringContaining('"speak" was not kept'),
  ])
})
