import { expect, test } from 'vitest'
import { readLinkOptions } from '../../../../worker/entries/link-options'
import { failureOf } from '../../../support/failure'

const BASE = 'https://app.example/assets/dashboard.worker.js'
const panels = { errors: ['errors', 'stats'] }
const link = () => {}

test('the name of the server is for the database, and is kept as it is', () => {
  expect(readLinkOptions({ panels, link }, BASE).server).toBe('link')
  expect(readLinkOptions({ panels, link, server: 'mqtt://broker' }, BASE).server).toBe('mqtt://broker')
})

test.each([
  ['nothing at all', undefined, 'an object'],
  ['no panels', { link }, '"panels"'],
  ['no link', { panels }, '"link"'],
  ['a link that is no function', { panels, link: {} }, '"link"'],
  ['an unknown option', { panels, link, url: '/ws' }, 'unknown option "url"'],
  ['a server without a name', { panels, link, server: '' }, '"server"'],
  ['messages of pages without a room', { panels, endpoint: link, sends: ['speak'] }, 'give "sendTo"'],
  ['a room for messages over one link', { panels, link, sendTo: () => 'a' }, 'leave out "sendTo"'],
  ['half a dialect', { panels, link, dialect: { join: () => {} } }, '"dialect"'],
  ['a dialect with half a resume', { panels, link, dialect: { resume: 'resume' } }, '"dialect"'],
])('%s is refused, and the message names the option', (_, options, words) => {
  const error = failureOf(() => readLinkOptions(options, BASE))
  expect(error.reason).toBe('bad-option')
  expect(error.message).toContain(words)
})
