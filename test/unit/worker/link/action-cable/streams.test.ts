import { expect, test } from 'vitest'
import { createStreams } from '../../../../../worker/link/action-cable/streams'

const place = (offset: number, epoch = 'e1', stream = 's') => ({ stream, epoch, offset })

test('messages in their order, some of them twice - the repeated ones are not new', () => {
  const streams = createStreams()
  expect(streams.areKnown()).toBe(false)
  expect([4, 5, 5, 6, 4].map((offset) => streams.note(place(offset)))).toEqual([
    true,
    true,
    false,
    true,
    false,
  ])
  expect(streams.positions()).toEqual({ s: { epoch: 'e1', offset: 6 } })
  expect(streams.areKnown()).toBe(true)
})

test('a message overtakes another - the position stays before the missing one, and moves on with it', () => {
  const streams = createStreams()
  for (const offset of [4, 6, 7]) streams.note(place(offset))
  expect(streams.positions()).toEqual({ s: { epoch: 'e1', offset: 4 } })
  expect(streams.note(place(7))).toBe(false)
  expect(streams.note(place(5))).toBe(true)
  expect(streams.positions()).toEqual({ s: { epoch: 'e1', offset: 7 } })
})

test('the second message comes before the first one - both are new', () => {
  const streams = createStreams()
  expect([7, 6, 7].map((offset) => streams.note(place(offset)))).toEqual([true, true, false])
  expect(streams.positions()).toEqual({ s: { epoch: 'e1', offset: 7 } })
})

test('a number that never comes - after a hundred later messages, the position moves on', () => {
  const streams = createStreams()
  streams.note(place(1))
  for (let offset = 3; offset <= 102; offset += 1) streams.note(place(offset))
  expect(streams.positions()).toEqual({ s: { epoch: 'e1', offset: 1 } })
  streams.note(place(103))
  expect(streams.positions()).toEqual({ s: { epoch: 'e1', offset: 103 } })
  expect([103, 2].map((offset) => streams.note(place(offset)))).toEqual([false, true])
})

test('the server counts anew - a lower number is new, and so is the position', () => {
  const streams = createStreams()
  for (const offset of [8, 9]) streams.note(place(offset))
  expect(streams.note(place(1, 'e2'))).toBe(true)
  streams.note(place(5, 'e2', 'other'))
  expect(streams.positions()).toEqual({ s: { epoch: 'e2', offset: 1 }, other: { epoch: 'e2', offset: 5 } })
  streams.forget()
  expect(streams.positions()).toEqual({})
})
