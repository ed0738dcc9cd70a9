import { expect, test } from 'vitest'
import { readOptions } from '../../../worker/options'
import { failureOf } from '../../support/failure'

const BASE = 'https://app.example/assets/dashboard.worker.js'
const panels = { errors: ['errors', 'stats'] }

test('the defaults are as documented', () => {
  const settings = readOptions({ panels }, BASE)
  expect(settings).toMatchObject({
    server: 'https://app.example/',
    retain: 1,
    grace: 10_000,
    queue: 1000,
  })
  const version = { url: '/version', every: undefined, timeout: undefined }
  expect(readOptions({ panels, version }, BASE).version).toEqual({
    url: 'https://app.example/version',
    every: 30_000,
    online: undefined,
    timeout: 10_000,
    credentials: 'same-origin',
  })
})

test('a path is resolved against this origin, an absolute url is kept', () => {
  expect(readOptions({ panels, url: '/live' }, BASE).server).toBe('https://app.example/live')
  expect(readOptions({ panels, url: 'wss://live.example' }, BASE).server).toBe('wss://live.example/')
})

test('without an origin the error says to write an absolute url', () => {
  expect(failureOf(() => readOptions({ panels }, 'blob:nowhere')).message).toContain(
    '"url" should be absolute',
  )
})

test.each([
  ['nothing at all', undefined, 'an object'],
  ['no panels', {}, '"panels"'],
  ['empty panels', { panels: {} }, '"panels"'],
  ['a panel that is a string', { panels: { errors: 'errors' } }, '"panels"'],
  ['an unknown option', { panels, retries: 3 }, 'unknown option "retries"'],
  ['a malformed url', { panels, url: 'http://' }, '"url"'],
  ['a url of another kind', { panels, url: 'ftp://x' }, '"url"'],
  ['every: -1', { panels, retry: { every: -1 } }, '"retry"'],
  ['jitter: 2', { panels, retry: { jitter: 2 } }, '"retry"'],
  ['an unknown part of retry', { panels, retry: { max: 3 } }, '"retry"'],
  ['NaN', { panels, grace: Number.NaN }, '"grace"'],
  ['a negative grace', { panels, grace: -1 }, '"grace"'],
  ['a fraction of a value', { panels, retain: 0.5 }, '"retain"'],
  ['an empty queue', { panels, queue: 0 }, '"queue"'],
  ['half a dialect', { panels, dialect: { join: () => {} } }, '"dialect"'],
  ['a keepalive without misses', { panels, keepalive: { every: 5 } }, '"keepalive"'],
  ['a version without a url', { panels, version: { every: 5 } }, '"version"'],
  ['a version with an unknown part', { panels, version: { url: '/v', interval: 5 } }, '"version"'],
  ['a pace of 0 while connected', { panels, version: { url: '/v', online: 0 } }, '"version"'],
  ['credentials of another kind', { panels, version: { url: '/v', credentials: true } }, '"version"'],
  ['reloadAfter: true', { panels, reloadAfter: true }, '"reloadAfter"'],
  ['a token that is no function', { panels, token: 'secret' }, '"token"'],
  ['a route that is no function', { panels, route: 'stats' }, '"route"'],
])('%s is refused, and the message names the option', (_, options, words) => {
  const error = failureOf(() => readOptions(options, BASE))
  expect(error.reason).toBe('bad-option')
  expect(error.message).toContain(words)
})
