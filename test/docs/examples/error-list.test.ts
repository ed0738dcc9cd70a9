import { createFakeLine } from 'partyline/testing'
import { expect, test } from 'vitest'
import type { Dashboard } from './dashboard.worker'
import { createErrorList } from './error-list'

test('messages of errors are kept, and nothing of other rooms', async () => {
  const { line, push } = createFakeLine<Dashboard>()
  const { messages } = createErrorList(line)
  await push('errors', { room: 'errors', data: { message: 'disk full' } })
  await push('errors', { room: 'stats', data: { cpu: 0.5 } })
  expect(messages).toEqual(['disk full'])
})

test('after a gap in its room the list may be incomplete', async () => {
  const { line, gap } = createFakeLine<Dashboard>()
  const list = createErrorList(line)
  await gap({ rooms: ['stats'] })
  expect(list.isComplete()).toBe(true)
  await gap({ rooms: ['errors'] })
  expect(list.isComplete()).toBe(false)
})

test('a list that is stopped listens to nothing', async () => {
  const { line, panels, listeners, push } = createFakeLine<Dashboard>()
  const { messages, stop } = createErrorList(line)
  stop()
  await push('errors', { room: 'errors', data: { message: 'disk full' } })
  expect(messages).toEqual([])
  expect(panels()).toEqual([])
  expect(listeners('gap')).toBe(0)
})
