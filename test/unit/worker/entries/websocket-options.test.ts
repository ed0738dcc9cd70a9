import { afterEach, expect, test, vi } from 'vitest'
import { readWebSocketOptions } from '../../../../worker/entries/websocket-options'
import { failureOf } from '../../../support/failure'

const BASE = 'https://app.example/assets/dashboard.worker.js'
const panels = { errors: ['errors', 'stats'] }
const url = '/ws'
const endpoint = (room: string) => `/ws/${room}`
const ping = { every: 1000, message: 'ping' }

afterEach(() => void vi.unstubAllGlobals())

test.each([
  ['a path', '/ws', 'wss://app.example/ws'],
  ['http', 'http://live.example/ws', 'ws://live.example/ws'],
  ['wss', 'wss://live.example/ws?a=1', 'wss://live.example/ws?a=1'],
])('the server is at %s', (_, address, server) => {
  expect(readWebSocketOptions({ panels, url: address }, BASE).server).toBe(server)
})

test('with a connection per room the origin stands for the server', () => {
  expect(readWebSocketOptions({ panels, endpoint }, BASE).server).toBe('wss://app.example/')
})

test('a ping is the promise to send something, unless the app makes one itself', () => {
  expect(readWebSocketOptions({ panels, url }, BASE).keepalive).toBeUndefined()
  expect(readWebSocketOptions({ panels, url, ping }, BASE).keepalive).toEqual({ every: 1000, misses: 2 })
  const keepalive = { every: 5000, misses: 3 }
  expect(readWebSocketOptions({ panels, url, ping, keepalive }, BASE).keepalive).toEqual(keepalive)
})

test.each([
  ['nothing at all', undefined, 'an object'],
  ['no panels', { url }, '"panels"'],
  ['neither url nor endpoint', { panels }, 'either "url"'],
  ['url and endpoint', { panels, url, endpoint }, 'either "url"'],
  ['an unknown option', { panels, url, socket: {} }, 'unknown option "socket"'],
  ['a malformed url', { panels, url: 'http://' }, '"url"'],
  ['a url of another kind', { panels, url: 'ftp://x' }, '"url"'],
  ['messages of pages, but no room', { panels, endpoint, sends: ['speak'] }, 'give "sendTo"'],
  [
    'a room for messages over one connection',
    { panels, url, sends: ['speak'], sendTo: () => 'a' },
    'leave out "sendTo"',
  ],
  ['an endpoint that is no function', { panels, endpoint: '/ws' }, '"endpoint"'],
  ['one subprotocol', { panels, url, protocols: 'v1' }, '"protocols"'],
  ['an empty subprotocol', { panels, url, protocols: [''] }, '"protocols"'],
  ['half a dialect', { panels, url, dialect: { join: () => {} } }, '"dialect"'],
  ['a token place that does not exist', { panels, url, tokenIn: 'header' }, '"tokenIn"'],
  ['a login that is a frame', { panels, url, login: { message: { type: 'auth' } } }, '"login"'],
  ['a login with an unknown part', { panels, url, login: { denied: 'no' } }, '"login"'],
  ['a probe of another kind', { panels, url, probe: true }, '"probe"'],
  ['a malformed probe', { panels, url, probe: 'http://' }, '"probe"'],
  ['one close code', { panels, url, refusals: 4401 }, '"refusals"'],
  ['a status as a close code', { panels, url, refusals: [401] }, '"refusals"'],
  ['a close code that is a text', { panels, url, final: ['4401'] }, '"final"'],
  ['a ping without a message', { panels, url, ping: { every: 1000 } }, '"ping"'],
  ['a ping all the time', { panels, url, ping: { ...ping, every: 0 } }, '"ping"'],
  ['a ping with an unknown part', { panels, url, ping: { ...ping, misses: 2 } }, '"ping"'],
  ['a decode that is no function', { panels, url, decode: 'json' }, '"decode"'],
  ['an encode that is no function', { panels, url, encode: 'json' }, '"encode"'],
  ['a token that is no function', { panels, url, token: 'secret' }, '"token"'],
])('%s is refused, and the message names the option', (_, options, words) => {
  const error = failureOf(() => readWebSocketOptions(options, BASE))
  expect(error.reason).toBe('bad-option')
  expect(error.message).toContain(words)
})

test('without an origin the error says to write an absolute url', () => {
  expect(failureOf(() => readWebSocketOptions({ panels, url }, 'blob:nowhere')).message).toContain(
    '"url" should be absolute',
  )
})
