import { expect, test } from 'vitest'
import { readStreamOptions } from '../../../../worker/entries/sse-options'
import { failureOf } from '../../../support/failure'

const BASE = 'https://app.example/assets/dashboard.worker.js'
const panels = { errors: ['errors', 'stats'] }
const stream = (rooms: readonly string[]) => `/events?rooms=${rooms}`
const endpoint = (room: string) => `/events/${room}`

test('the origin stands for the server', () => {
  expect(readStreamOptions({ panels, stream }, BASE).server).toBe('https://app.example/')
  expect(readStreamOptions({ panels, endpoint }, BASE).server).toBe('https://app.example/')
})

test.each([
  ['nothing at all', undefined, 'an object'],
  ['no panels', { stream }, '"panels"'],
  ['neither stream nor endpoint', { panels }, 'either "stream"'],
  ['stream and endpoint', { panels, stream, endpoint }, 'either "stream"'],
  ['an unknown option', { panels, stream, url: '/events' }, 'unknown option "url"'],
  ['a stream that is no function', { panels, stream: '/events' }, '"stream"'],
  ['an endpoint that is no function', { panels, endpoint: '/events' }, '"endpoint"'],
  ['half a dialect', { panels, stream, dialect: { join: () => {} } }, '"dialect"'],
  ['a token place that does not exist', { panels, stream, tokenIn: 'message' }, '"tokenIn"'],
  ['credentials of another kind', { panels, stream, credentials: true }, '"credentials"'],
  ['resumes as a word', { panels, stream, resumes: 'yes' }, '"resumes"'],
  ['a parameter without a name', { panels, stream, lastIdIn: '' }, '"lastIdIn"'],
])('%s is refused, and the message names the option', (_, options, words) => {
  const error = failureOf(() => readStreamOptions(options, BASE))
  expect(error.reason).toBe('bad-option')
  expect(error.message).toContain(words)
})
