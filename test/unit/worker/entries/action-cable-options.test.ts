import { expect, test } from 'vitest'
import { readActionCableOptions } from '../../../../worker/entries/action-cable-options'
import { failureOf } from '../../../support/failure'

const BASE = 'https://app.example/assets/dashboard.worker.js'
const panels = { errors: ['ErrorsChannel'] }

test('the defaults are as documented', () => {
  const { server, keepalive } = readActionCableOptions({ panels }, BASE)
  expect(server).toBe('wss://app.example/cable')
  expect(keepalive).toEqual({ every: 3000, misses: 2 })
  expect(readActionCableOptions({ panels, url: 'http://live.example/cable' }, BASE).server).toBe(
    'ws://live.example/cable',
  )
})

test.each([
  ['nothing at all', undefined, 'an object'],
  ['no panels', {}, '"panels"'],
  ['an unknown option', { panels, endpoint: () => '/cable' }, 'unknown option "endpoint"'],
  ['a dialect of the app', { panels, dialect: {} }, 'unknown option "dialect"'],
  ['a url of another kind', { panels, url: 'ftp://x' }, '"url"'],
  ['an identifier that is no function', { panels, identifier: 'ErrorsChannel' }, '"identifier"'],
  ['a token place that does not exist', { panels, tokenIn: 'protocol' }, '"tokenIn"'],
  ['messages of pages without a room', { panels, sends: ['speak'] }, 'give "sendTo"'],
  ['a room that is no function', { panels, sends: ['speak'], sendTo: 'A' }, '"sendTo"'],
  ['a callback of channels', { panels, sends: ['subscribed'], sendTo: () => 'A' }, '"subscribed"'],
  ['a probe of another kind', { panels, probe: true }, '"probe"'],
])('%s is refused, and the message names the option', (_, options, words) => {
  const error = failureOf(() => readActionCableOptions(options, BASE))
  expect(error.reason).toBe('bad-option')
  expect(error.message).toContain(words)
})
