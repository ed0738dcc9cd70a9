import { expect, test } from 'vitest'
import { jsonDialect } from '../../../../worker/dialect/json-dialect'
import { read } from '../../../../worker/dialect/reading'

/** Reads a frame as it comes over a WebSocket: its name is its type. */
const reading = (frame: { readonly type: string }) =>
  read(jsonDialect, undefined, { name: frame.type, payload: frame }, () => false)

test('joins and leaves name their room', () => {
  expect(jsonDialect.join('stats')).toEqual({ name: 'subscribe', payload: { room: 'stats' } })
  expect(jsonDialect.leave('stats')).toEqual({ name: 'unsubscribe', payload: { room: 'stats' } })
})

test.each([
  ['joined', { type: 'subscribed', room: 'stats' }, { kind: 'joined', room: 'stats' }],
  [
    'joined, and what was missed follows',
    { type: 'subscribed', room: 'stats', recovered: true },
    { kind: 'joined', room: 'stats', recovered: true },
  ],
  [
    'joined, as roomDialect says it',
    { type: 'room_joined', room: 'stats' },
    { kind: 'joined', room: 'stats' },
  ],
  [
    'denied with a reason',
    { type: 'error', room: 'vault', reason: 'forbidden' },
    { kind: 'denied', room: 'vault', reason: 'forbidden' },
  ],
  [
    'denied with a message',
    { type: 'error', room: 'vault', message: 'Not yours.' },
    { kind: 'denied', room: 'vault', reason: 'Not yours.' },
  ],
  [
    'denied with both - the reason counts',
    { type: 'error', room: 'vault', reason: 'forbidden', message: 'Not yours.' },
    { kind: 'denied', room: 'vault', reason: 'forbidden' },
  ],
  [
    'denied without a word',
    { type: 'error', room: 'vault' },
    { kind: 'denied', room: 'vault', reason: 'denied' },
  ],
  ['an error of no room', { type: 'error', reason: 'oops' }, { kind: 'unrouted' }],
  ['left', { type: 'unsubscribed', room: 'stats' }, { kind: 'system' }],
  ['joined without a room', { type: 'subscribed' }, { kind: 'system' }],
  ['a keepalive', { type: 'keepalive', data: null }, { kind: 'system' }],
  [
    'an event',
    { type: 'row', room: 'stats', data: { n: 1 } },
    { kind: 'data', rooms: ['stats'], name: 'row', data: { n: 1 } },
  ],
  [
    'an order to reload',
    { type: 'reload', payload: { message: 'New.', version: 'v2' } },
    { kind: 'reload', order: { message: 'New.', version: 'v2' } },
  ],
])('%s', (_, frame, expected) => {
  expect(reading(frame)).toEqual(expected)
})

test('an event with an id of the app is no answer to the message with this id', () => {
  expect(jsonDialect.answer?.('alarm', { type: 'alarm', room: 'alarms', id: 'alarm-7', data: 1 })).toBe(
    undefined,
  )
  expect(jsonDialect.answer?.('done', { type: 'done', id: 'alarm-7', data: 1 })).toEqual({
    id: 'alarm-7',
    data: 1,
  })
})
