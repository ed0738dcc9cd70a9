import { expect, test } from 'vitest'
import { addLeftRoom } from '../../../../worker/rooms/left-rooms'

test('256 rooms are remembered, and the one that was left first is forgotten', () => {
  const rooms = new Map<string, number>()
  for (let n = 1; n <= 256; n += 1) addLeftRoom(rooms, `room ${n}`, n)
  expect(rooms.size).toBe(256)
  addLeftRoom(rooms, 'one more', 257)
  expect(rooms.size).toBe(256)
  expect(rooms.has('room 1')).toBe(false)
  expect(rooms.has('room 2')).toBe(true)
})
