import { expect, test } from 'vitest'
import type { ToTab } from '../../../../shared/wire'
import { createStateMessages } from '../../../../worker/delivery/state-messages'

const denied = (room: string, reason: string): ToTab => ({ type: 'denied', room, reason })

test('the latest message of each kind is held, and taken once', () => {
  const states = createStateMessages()
  const status = { state: 'offline', since: 0, shared: true, persistent: true } as const
  for (const attempt of [1, 2]) states.hold({ type: 'status', status: { ...status, attempt } })
  for (const reason of ['no', 'still no']) states.hold(denied('secret', reason))
  states.hold(denied('other', 'no'))
  expect(states.take()).toEqual([
    { type: 'status', status: { ...status, attempt: 2 } },
    denied('secret', 'still no'),
    denied('other', 'no'),
  ])
  expect(states.take()).toEqual([])
})

test('outcomes of kept messages are all held, up to a thousand - beyond that the oldest are dropped, and no state', () => {
  const states = createStateMessages()
  states.hold(denied('secret', 'no'))
  const kept = (n: number): ToTab => ({
    type: 'kept',
    outcome: { id: `${n}`, name: 'ack', outcome: 'acknowledged' },
  })
  for (let n = 1; n <= 1001; n += 1) states.hold(kept(n))
  const held = states.take()
  expect(held).toHaveLength(1000)
  expect(held.slice(0, 2)).toEqual([denied('secret', 'no'), kept(3)])
  expect(held.at(-1)).toEqual(kept(1001))
})

test('reports about rooms are merged room by room', () => {
  const states = createStateMessages()
  states.hold({ type: 'rooms', rooms: [['errors', 'joining', 1]] })
  states.hold({
    type: 'rooms',
    rooms: [
      ['stats', 'joining', 2],
      ['errors', 'live', 3],
    ],
  })
  expect(states.take()).toEqual([
    {
      type: 'rooms',
      rooms: [
        ['errors', 'live', 3],
        ['stats', 'joining', 2],
      ],
    },
  ])
})

test.for<ToTab>([
  { type: 'beat' },
  { type: 'token', call: 1 },
  { type: 'signout' },
  { type: 'restored', panels: [] },
])('a message that a later one does not replace is not held: %j', (message) => {
  const states = createStateMessages()
  expect(states.hold(message)).toBe(false)
  expect(states.take()).toEqual([])
})
