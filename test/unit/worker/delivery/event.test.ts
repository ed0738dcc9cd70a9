import { expect, test } from 'vitest'
import { bodyOf, dataOf, type RoomEvent, withData } from '../../../../worker/delivery/event'

const event = { id: 1, room: 'stats', name: 'row', at: 5 }
const full = (data: unknown): RoomEvent => ({ ...event, size: 10, body: bodyOf(event, data) })

class Row {
  a = 1
}
const circle: Record<string, unknown> = {}
circle['self'] = circle

test.each([
  ['a text', 'a "text"'],
  ['a number', -1.5],
  ['null', null],
  ['false', false],
  ['a list', [1, [null], {}]],
  ['an object', { a: { b: ['c'] } }],
  ['an object with a key that an object has', JSON.parse('{"__proto__":{"a":1},"constructor":2}')],
])('%s is written as text, and read back the same', (_, data) => {
  expect(full(data).body).toEqual({ text: `[1,"stats","row",5,${JSON.stringify(data)}]` })
  expect(dataOf(full(data))).toEqual(data)
})

test.each([
  ['a date', { at: new Date(5) }],
  ['undefined', undefined],
  ['a part that is undefined', { a: undefined }],
  ['a number that JSON lacks', [Number.NaN]],
  ['a zero below zero', [-0]],
  // biome-ignore lint/suspicious/noSparseArray: that is what the test is about.
  ['a list with a hole', [1, , 2]],
  ['a list with a name', Object.assign([1], { name: 'b' })],
  ['a bigint', 5n],
  ['a map', new Map([[1, 2]])],
  ['bytes', new Uint8Array(2)],
  ['an object of a class', new Row()],
  ['an object without a prototype', Object.create(null)],
  ['a function', () => 1],
  ['an object that contains itself', circle],
])('%s stays as it is', (_, data) => {
  expect(full(data).body).toEqual({ data })
  expect(dataOf(full(data))).toBe(data)
})

test('a schema makes more of the data than came on the wire - the size is that of the text', () => {
  const { size, body } = withData({ ...event, size: 10 }, 'x'.repeat(1000))
  expect(body).toEqual({ text: `[1,"stats","row",5,"${'x'.repeat(1000)}"]` })
  expect(size).toBe(1022)
  expect(withData({ ...event, size: 10 }, new Date(5)).size).toBe(10)
})
