import { expect, test } from 'vitest'
import { decodeJson, encodeJson, framesIn } from '../../../../../worker/link/websocket/frames'

const names = (data: string | ArrayBuffer, room?: string) =>
  framesIn(data, decodeJson, room).map(({ name }) => name)
const bytes = (text: string) => new TextEncoder().encode(text).buffer as ArrayBuffer

test('one frame - named by its type, with its text and its length', () => {
  const data = '{"type":"row","n":1}'
  expect(framesIn(data, decodeJson, undefined)).toEqual([
    { name: 'row', payload: { type: 'row', n: 1 }, size: 20, text: data },
  ])
})

test('an array of one frame - not with the text of the array', () => {
  expect(framesIn('[{"type":"row","data":5}]', decodeJson, undefined)).toEqual([
    { name: 'row', payload: { type: 'row', data: 5 }, size: 25 },
  ])
})

test('over the connection of a room - named by its type, else by the room', () => {
  expect(framesIn('{"n":1}', decodeJson, 'stats')).toMatchObject([{ name: 'stats', room: 'stats' }])
  expect(framesIn('{"type":"row"}', decodeJson, 'stats')).toMatchObject([{ name: 'row', room: 'stats' }])
  expect(names('{"n":1}')).toEqual([''])
  expect(names('{"type":7}', 'stats')).toEqual(['stats'])
})

test.each([
  ['an array', '[{"type":"a"},{"type":"b"}]', ['a', 'b']],
  ['an empty array', '[]', []],
  ['one on each line', '{"type":"a"}\n{"type":"b"}\n', ['a', 'b']],
  ['lines with spaces between them', '{"type":"a"}\r\n\n  \n{"type":"b"}', ['a', 'b']],
  ['one frame on several lines', '{\n"type":\n"a"}', ['a']],
  ['a line break in a text', '{"type":"a","text":"x\\ny"}', ['a']],
  ['a number', '42', ['']],
  ['null', 'null', ['']],
])('%s', (_, data, expected) => {
  expect(names(data)).toEqual(expected)
  expect(names(bytes(data))).toEqual(expected)
})

test.each([
  ['no JSON', 'hello'],
  ['nothing', ''],
  ['one line of two that is no JSON', '{"type":"a"}\nhello'],
])('%s cannot be read', (_, data) => {
  expect(() => names(data)).toThrow(SyntaxError)
})

test('frames that came together share the length, and have no text', () => {
  const [first, second] = framesIn('[{"type":"a"},{"type":"b"}]', decodeJson, undefined)
  expect(first).toEqual({ name: 'a', payload: { type: 'a' }, size: 14 })
  expect(second?.size).toBe(14)
})

test('bytes, and what the app decodes, have no text', () => {
  expect(framesIn(bytes('{"type":"a"}'), decodeJson, undefined)).toEqual([
    { name: 'a', payload: { type: 'a' }, size: 12 },
  ])
  expect(framesIn('whatever', () => ({ type: 'mine' }), undefined)).toEqual([
    { name: 'mine', payload: { type: 'mine' }, size: 8 },
  ])
})

test.each([
  ['an ArrayBuffer', new ArrayBuffer(8)],
  ['a typed array', new Uint8Array(8)],
  ['a Map', new Map([[1, 2]])],
  ['a Set', new Set([1])],
])('%s, which JSON would write as another value - it cannot be encoded', (_, part) => {
  for (const payload of [part, { data: part }, { data: [{ part }] }])
    expect(() => encodeJson({ name: 'file', payload })).toThrow('JSON cannot write [object ')
})

test('what JSON can write is encoded, and the name wins over a type in the payload', () => {
  const payload = { type: 'other', data: { date: new Date(0), none: undefined, list: [null, 1] } }
  expect(JSON.parse(encodeJson({ name: 'a', payload }))).toEqual({
    type: 'a',
    data: { date: '1970-01-01T00:00:00.000Z', list: [null, 1] },
  })
  expect(encodeJson({ name: 'a', payload: 7 })).toBe('{"type":"a","data":7}')
})
