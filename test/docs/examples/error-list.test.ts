import { expect, test } from 'vitest'
import { createErrorList } from './error-list'
import { createFakeLine } from './fake-line'

test('messages of errors are kept, and nothing of other rooms', () => {
  const { line, send } = createFakeLine()
  const { messages } = createErrorList(line)
  send('errors', { room: 'errors', data: { message: 'disk full' } })
  send('errors', { room: 'stats', data: { cpu: 0.5 } })
  expect(messages).toEqual(['disk full'])
})

test('a gap in its room means that the list may have a hole', () => {
  const { line, emit } = createFakeLine()
  const list = createErrorList(line)
  emit('gap', { rooms: ['stats'], from: 0, to: 1, cause: 'link' })
  expect(list.isWhole()).toBe(true)
  emit('gap', { rooms: ['errors'], from: 0, to: 1, cause: 'link' })
  expect(list.isWhole()).toBe(false)
})

test('a list that is stopped listens to nothing', () => {
  const { line, isHeard } = createFakeLine()
  createErrorList(line).stop()
  expect(isHeard()).toBe(false)
})
