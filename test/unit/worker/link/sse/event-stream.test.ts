import { expect, test } from 'vitest'
import { createEventStream, type StreamEvent } from '../../../../../worker/link/sse/event-stream'

const read = (...pieces: readonly string[]) => {
  const stream = createEventStream('')
  return pieces.flatMap((piece) => stream.read(piece))
}
const event = (data: string, more: Partial<StreamEvent> = {}): StreamEvent => ({
  name: '',
  data,
  id: '',
  ...more,
})

// The examples of the HTML standard, section "Server-sent events".

test('three messages, one of two lines', () => {
  expect(
    read(
      'data: This is the first message.\n\n' +
        'data: This is the second message, it\ndata: has two lines.\n\n' +
        'data: This is the third message.\n\n',
    ),
  ).toEqual([
    event('This is the first message.'),
    event('This is the second message, it\nhas two lines.'),
    event('This is the third message.'),
  ])
})

test('events with names', () => {
  expect(
    read('event: add\ndata: 73857293\n\nevent: remove\ndata: 2153\n\nevent: add\ndata: 113411\n\n'),
  ).toEqual([
    event('73857293', { name: 'add' }),
    event('2153', { name: 'remove' }),
    event('113411', { name: 'add' }),
  ])
})

test('a stock ticker: one event of three lines', () => {
  expect(read('data: YHOO\ndata: +2\ndata: 10\n\n')).toEqual([event('YHOO\n+2\n10')])
})

test('a comment, ids, an id without a value, and a space that belongs to the data', () => {
  expect(
    read(
      ': test stream\n\n' +
        'data: first event\nid: 1\n\n' +
        'data:second event\nid\n\n' +
        'data:  third event\n\n',
    ),
  ).toEqual([event('first event', { id: '1' }), event('second event'), event(' third event')])
})

test('data without a value, and a block that is not complete', () => {
  expect(read('data\n\ndata\ndata\n\ndata:')).toEqual([event(''), event('\n')])
})

test('a space after the colon is left out', () => {
  expect(read('data:test\n\ndata: test\n\n')).toEqual([event('test'), event('test')])
})

// What the standard says without an example.

test.each(['\n', '\r\n', '\r'])('lines end with %j', (end) => {
  expect(read(['event: add', 'data: 1', 'data: 2', '', ''].join(end))).toEqual([
    event('1\n2', { name: 'add' }),
  ])
})

test('wherever the text is cut, the events are the same', () => {
  const text =
    ': hello\r\nid: 7\r\nevent: add\r\ndata: one\r\ndata: 🎉\r\n\r\ndata: two\r\rdata: three\n\nid: 8\n\n'
  const whole = read(text)
  expect(whole).toHaveLength(3)
  for (let cut = 1; cut < text.length; cut += 1)
    expect(read(text.slice(0, cut), '', text.slice(cut))).toEqual(whole)
  expect(read(...text.split(''))).toEqual(whole)
})

test('an event is complete with its `\\r`, before the `\\n` comes', () => {
  const stream = createEventStream('')
  expect(stream.read('data: 1\r\n\r')).toEqual([event('1')])
  expect(stream.read('\ndata: 2\r\n\r\n')).toEqual([event('2')])
})

test('unknown fields, `retry`, comments and names without data are no events', () => {
  expect(read('retry: 1000\nfoo: bar\nfoo\n:\n\nevent: add\n\ndata: 1\n\n')).toEqual([event('1')])
})

test('an id stays until another comes, and one with a null character is left out', () => {
  const stream = createEventStream('6')
  expect(stream.read('data: 1\n\nid: 7\ndata: 2\n\nid: 8\0\ndata: 3\n\n')).toEqual([
    event('1', { id: '6' }),
    event('2', { id: '7' }),
    event('3', { id: '7' }),
  ])
})

test('the last id is that of a complete block, also of one without data', () => {
  const stream = createEventStream('6')
  stream.read('id: 7\ndata: cut off')
  expect(stream.lastId()).toBe('6')
  stream.read('\n\nid: 8\n')
  expect(stream.lastId()).toBe('7')
  stream.read('\n')
  expect(stream.lastId()).toBe('8')
})

test.each([
  ['a line without an end', 'x'.repeat(1_000_000)],
  ['an event without an end', `data: ${'x'.repeat(999_993)}\n`],
])('%s - beyond 16 million characters it is not read', (_, piece) => {
  const stream = createEventStream('')
  expect(() => {
    for (let count = 0; count < 15; count += 1) stream.read(piece)
  }).not.toThrow()
  expect(() => {
    for (let count = 0; count < 2; count += 1) stream.read(piece)
  }).toThrow('more than 16000000 characters')
})

test('events and comments of more than 16 million characters together are read', () => {
  const stream = createEventStream('')
  const piece = `: hello\n\ndata: ${'x'.repeat(999_993)}\n\n`
  for (let count = 0; count < 20; count += 1) expect(stream.read(piece)).toHaveLength(1)
})
