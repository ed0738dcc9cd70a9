import { createFakeLine } from 'partyline/testing'
import { expect, test } from 'vitest'
import { acknowledge } from './acknowledge'
import type { Dashboard } from './dashboard.worker'

test('the server answers - the text names who has acknowledged the alarm', async () => {
  const { line, answer, sent } = createFakeLine<Dashboard>()
  answer('alarm:ack', () => ({ by: 'Ada' }))
  expect(await acknowledge(line, 7)).toBe('Acknowledged by Ada.')
  expect(sent()).toEqual([{ name: 'alarm:ack', payload: { id: 7 } }])
})

test('the server refuses - the text has its words', async () => {
  const { line, answer } = createFakeLine<Dashboard>()
  answer('alarm:ack', ({ id }) => {
    throw new Error(`There is no alarm ${id}.`)
  })
  expect(await acknowledge(line, 7)).toBe('There is no alarm 7.')
})

test('the line is offline - the text says that nothing was sent', async () => {
  const { line, setStatus, sent } = createFakeLine<Dashboard>()
  await setStatus({ state: 'offline' })
  expect(await acknowledge(line, 7)).toContain('Nothing was sent')
  expect(sent()).toEqual([])
})

test('no answer comes - the text does not say that it failed', async () => {
  const { line, sent } = createFakeLine<Dashboard>()
  expect(await acknowledge(line, 7)).toContain('No answer came')
  expect(sent()).toHaveLength(1)
})
