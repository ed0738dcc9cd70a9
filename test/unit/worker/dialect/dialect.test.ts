import { describe, expect, test } from 'vitest'
import type { Dialect } from '../../../../worker/dialect/dialect'
import { createGuard } from '../../../../worker/dialect/guard'
import { read } from '../../../../worker/dialect/reading'
import { roomDialect } from '../../../../worker/dialect/room-dialect'

const joined = new Set(['stats', 'tmux'])
const reading = (name: string, payload?: unknown) =>
  read(roomDialect, undefined, { name, payload }, (room) => joined.has(room))

describe('rooms and data', () => {
  test.each([
    ['payload.room wins', 'row', { room: 'errors', n: 1 }, ['errors'], 'row', { room: 'errors', n: 1 }],
    ['an event named after a joined room', 'stats', { cpu: 1 }, ['stats'], 'stats', { cpu: 1 }],
    ['an envelope is opened', 'stats', { type: 'cpu', data: { n: 1 } }, ['stats'], 'cpu', { n: 1 }],
    ['an envelope with room and data', 'x', { room: 'errors', data: null }, ['errors'], 'x', null],
    [
      'data without type or room is a payload like any other',
      'stats',
      { data: 1 },
      ['stats'],
      'stats',
      { data: 1 },
    ],
    ['null is a legal payload', 'stats', null, ['stats'], 'stats', null],
    ['no payload at all', 'stats', undefined, ['stats'], 'stats', undefined],
    ['an array payload', 'stats', [1, 2], ['stats'], 'stats', [1, 2]],
    [
      'a room named __proto__',
      'x',
      JSON.parse('{"room":"__proto__"}'),
      ['__proto__'],
      'x',
      { room: '__proto__' },
    ],
  ])('%s', (_, name, payload, rooms, as, data) => {
    expect(reading(name, payload)).toEqual({ kind: 'data', rooms, name: as, data })
  })

  test('an event of no known room is unrouted', () => {
    expect(reading('mystery', { n: 1 })).toEqual({ kind: 'unrouted' })
    expect(reading('mystery', { room: 42 })).toEqual({ kind: 'unrouted' })
  })

  test('route is asked only for what names no room', () => {
    const route = (name: string) => (name === 'cpu' ? ['stats', 'nodes', 'stats'] : undefined)
    const by = (name: string, payload: unknown) => read(roomDialect, route, { name, payload }, () => false)
    expect(by('cpu', 1)).toMatchObject({ rooms: ['stats', 'nodes'] })
    expect(by('cpu', { room: 'errors' })).toMatchObject({ rooms: ['errors'] })
    expect(by('other', 1)).toEqual({ kind: 'unrouted' })
  })

  test('a route that throws or answers nonsense is malformed, never an exception', () => {
    const by = (route: () => never) => read(roomDialect, route, { name: 'x', payload: 1 }, () => false)
    expect(
      by(() => {
        throw new Error('oops')
      }),
    ).toEqual({ kind: 'malformed', why: 'oops', rooms: [] })
    expect(by((() => 42) as unknown as () => never).kind).toBe('malformed')
  })
})

describe('kinds', () => {
  test.each(['connected', 'keepalive', 'heartbeat', 'ping', 'pong', 'room_left'])(
    '%s is system traffic',
    (word) => {
      expect(reading(word)).toEqual({ kind: 'system' })
      expect(reading('message', { type: word, data: null })).toEqual({ kind: 'system' })
      expect(reading('stats', { type: word, room: 'stats' })).toEqual({ kind: 'system' })
    },
  )

  test('answers about rooms', () => {
    expect(reading('room_joined', { room: 'a' })).toEqual({ kind: 'joined', room: 'a' })
    expect(reading('x', { type: 'room_joined', data: { room: 'a' } })).toEqual({ kind: 'joined', room: 'a' })
    expect(reading('room_denied', { room: 'a', reason: 'no' })).toEqual({
      kind: 'denied',
      room: 'a',
      reason: 'no',
    })
    expect(reading('room_denied', { room: 'a' })).toEqual({ kind: 'denied', room: 'a', reason: 'denied' })
    expect(reading('room_joined', 'rubbish')).toEqual({ kind: 'system' })
  })

  test.each([
    [
      { version: '2', message: 'now' },
      { version: '2', message: 'now' },
    ],
    [{ payload: { version: 3 } }, { version: '3' }],
    [{ type: 'reload', data: { message: 'now' } }, { message: 'now' }],
    [null, {}],
    ['rubbish', {}],
    [{ version: {}, message: 7 }, {}],
  ])('reload order %j', (payload, order) => {
    expect(reading('reload', payload)).toEqual({ kind: 'reload', order })
  })
})

test.each([
  [undefined, undefined],
  [null, undefined],
  ['ok', undefined],
  [{ ok: true }, undefined],
  [{ error: null }, undefined],
  [{ error: 'no' }, 'no'],
  [{ error: { message: 'no' } }, 'no'],
  [{ error: true }, 'denied'],
  [false, 'denied'],
  [true, undefined],
  [0, undefined],
  [[], undefined],
  [[false], undefined],
  [{}, undefined],
  [{ success: false, message: 'You are not on this team.' }, 'You are not on this team.'],
  [{ success: true }, undefined],
  [{ success: null }, undefined],
  [{ ok: false }, 'denied'],
  [{ ok: false, reason: 'not yours' }, 'not yours'],
  [{ ok: false, error: { message: 'not yours' } }, 'not yours'],
  [{ joined: false, reason: 'full' }, 'full'],
  [{ allowed: false }, 'denied'],
  [{ status: 'error' }, 'error'],
  [{ status: 'error', message: 'no such room' }, 'no such room'],
  [{ status: 'Forbidden' }, 'Forbidden'],
  [{ status: 'denied', reason: 'not yours' }, 'not yours'],
  [{ status: 'unauthorized' }, 'unauthorized'],
  [{ status: 'NOK' }, 'NOK'],
  [{ status: 'fail', data: null }, 'fail'],
  [{ status: 'ok', message: 'Welcome.' }, undefined],
  [{ status: 'success' }, undefined],
  // What a join hands out may have a status that has nothing to do with the join.
  [{ status: 'failed', id: 'adw-7' }, undefined],
  [{ status: 403 }, 'denied'],
  [{ code: 401, message: 'Sign in first.' }, 'Sign in first.'],
  [{ status: 200 }, undefined],
  ['forbidden', 'forbidden'],
  ['joined', undefined],
  [{ error: '' }, undefined],
  [{ error: 0 }, undefined],
  [{ error: 'forbidden', message: 'You are not on this team.' }, 'forbidden'],
  [JSON.parse('{"__proto__":{"ok":false}}'), undefined],
])('acknowledgement %j is denied for %j', (acknowledgement, reason) => {
  expect(roomDialect.denial(acknowledgement)).toBe(reason)
})

test.each([
  ['unauthorized', undefined, true],
  ['Unauthorised', undefined, true],
  ['Forbidden', undefined, true],
  ['authentication failed', undefined, true],
  ['invalid token', undefined, true],
  ['token has expired', undefined, true],
  ['nope', { status: 401 }, true],
  ['nope', { code: '403' }, true],
  ['nope', { statusCode: 401 }, true],
  ['server is full', { status: 503 }, false],
  ['unexpected token < in JSON', undefined, false],
  ['Connection rejected by server', undefined, false],
  // jsonwebtoken
  ['jwt expired', undefined, true],
  ['jwt malformed', undefined, true],
  ['jwt not active', undefined, true],
  ['jwt must be provided', undefined, true],
  ['jwt must be a string', undefined, true],
  ['jwt signature is required', undefined, true],
  ['jwt audience invalid. expected: dashboard', undefined, true],
  ['jwt issuer invalid. expected: us', undefined, true],
  ['invalid signature', undefined, true],
  ['invalid algorithm', undefined, true],
  ['maxAge exceeded', undefined, true],
  // PyJWT, Flask-JWT-Extended, Simple JWT
  ['Signature has expired', undefined, true],
  ['Signature verification failed', undefined, true],
  ['Not enough segments', undefined, true],
  ['Invalid audience', undefined, true],
  ['Invalid header padding', undefined, true],
  ['The token is not yet valid (iat)', undefined, true],
  ['Token has been revoked', undefined, true],
  ['Missing Authorization Header', undefined, true],
  ['nope', { code: 'token_not_valid', detail: 'Given token not valid for any token type' }, true],
  // jose, socketio-jwt, Firebase
  ['"exp" claim timestamp check failed', { code: 'ERR_JWT_EXPIRED' }, true],
  ['nope', { code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED' }, true],
  ['nope', { message: 'jwt expired', code: 'invalid_token', type: 'UnauthorizedError' }, true],
  ['No authorization token was found', { code: 'credentials_required' }, true],
  ['nope', { code: 'auth/id-token-expired' }, true],
  ['nope', { message: 'jwt expired' }, true],
  ['no token provided', undefined, true],
  ['nope', { message: { text: 'jwt expired' }, code: null }, false],
])('rejection %j with %j is a refusal: %j', (message, data, isRefusal) => {
  expect(roomDialect.refusal({ message, data })).toBe(isRefusal)
})

test.each([
  'websocket error',
  'xhr poll error',
  'xhr post error',
  'timeout',
  'transport close',
  'transport error',
  'ping timeout',
  'parse error',
  'server shutting down',
  'server is full',
  'too many connections',
  'connect ECONNREFUSED 127.0.0.1:6379',
  'getaddrinfo ENOTFOUND redis',
  'HTTP 502',
  '503',
  '503 Service Unavailable',
  'Failed to fetch',
  'NetworkError when attempting to fetch resource.',
  'invalid namespace',
  'rate limit: no tokens left in the bucket',
  'The signature service could not be reached',
  'jwt service: connect ETIMEDOUT',
  'jwks-rsa: request timed out',
  'unexpected token < in JSON',
])('%j is a loss, not a refusal, in a message as in its data', (message) => {
  expect(roomDialect.refusal({ message })).toBe(false)
  expect(roomDialect.refusal({ message: 'nope', data: { message, code: message } })).toBe(false)
})

test.each([
  ['{"version":"1.2"}', '1.2'],
  ['{"version":7,"more":1}', '7'],
  ['abc123\n', 'abc123'],
  ['1.2.3', '1.2.3'],
  ['{}', undefined],
  ['{"version":null}', undefined],
  ['{"version":""}', undefined],
  ['[]', undefined],
  ['', undefined],
  ['  \n', undefined],
  ['<!doctype html><title>Sign in</title>', undefined],
  ['two\nlines', undefined],
  ['x'.repeat(201), undefined],
  [`{"version":"1","pad":"${'x'.repeat(4096)}"}`, undefined],
])('version in %j is %j', (body, version) => {
  expect(roomDialect.version(body)).toBe(version)
})

describe('a dialect that returns nonsense', () => {
  const by = (parts: object, name = 'row', payload: unknown = { room: 'errors', n: 1 }) =>
    read({ ...roomDialect, ...parts } as Dialect, undefined, { name, payload }, () => false)
  const malformed = (part: string, rooms: string[] = []) => ({
    kind: 'malformed',
    why: expect.stringContaining(`"${part}" should return `),
    rooms,
  })

  test.each([undefined, null, 'datum', 'constructor', 7, {}])('kind %j', (kind) => {
    expect(by({ kind: () => kind })).toEqual(malformed('kind'))
  })

  test.each([undefined, null, 'row', 7, [], {}, { name: undefined }, { name: 7, data: 1 }])(
    'event %j - the room is known',
    (event) => {
      expect(by({ event: () => event })).toEqual(malformed('event', ['errors']))
    },
  )

  test.each(['1', {}, true])('seq %j - the room is known', (number) => {
    expect(by({ seq: () => number })).toEqual(malformed('seq', ['errors']))
  })

  test.each([null, 7, {}, ['errors', 7]])('room %j', (room) => {
    expect(by({ room: () => room })).toEqual(malformed('room'))
  })

  test.each([null, 7, 'errors', {}, { room: 7 }, { room: 'errors', reason: 7 }])('verdict %j', (verdict) => {
    for (const name of ['room_joined', 'room_denied'])
      expect(by({ verdict: () => verdict }, name)).toEqual(malformed('verdict'))
  })

  test.each([undefined, null, 'v2', { version: 2 }, { message: {} }])('order %j', (order) => {
    expect(by({ order: () => order }, 'reload')).toEqual(malformed('order'))
  })

  test('more than is asked for is left out', () => {
    const more = { kind: 'reload', reason: 'stuck', rooms: ['stats'], order: {}, data: 1 }
    expect(by({ event: () => ({ ...more, name: 'row' }) })).toEqual({
      kind: 'data',
      rooms: ['errors'],
      name: 'row',
      data: 1,
    })
    expect(by({ order: () => ({ ...more, version: 'v2' }) }, 'reload')).toEqual({
      kind: 'reload',
      order: { version: 'v2' },
    })
    expect(by({ verdict: () => ({ ...more, room: 'errors', reason: 'no' }) }, 'room_denied')).toEqual({
      kind: 'denied',
      room: 'errors',
      reason: 'no',
    })
  })

  test('a verdict without a reason, and events without a number, are fine', () => {
    expect(by({ verdict: () => ({ room: 'errors' }) }, 'room_denied')).toEqual({
      kind: 'denied',
      room: 'errors',
      reason: 'denied',
    })
    for (const number of [undefined, null, Number.NaN])
      expect(by({ seq: () => number })).toMatchObject({ kind: 'data', numbers: [undefined] })
  })

  test('an event that throws - the room is known', () => {
    const event = () => {
      throw new Error('oops')
    }
    expect(by({ event })).toEqual({ kind: 'malformed', why: 'oops', rooms: ['errors'] })
  })

  test.each([
    ['join', undefined],
    ['join', { name: undefined }],
    ['leave', 'leave_room'],
    ['denial', null],
    ['denial', false],
    ['refusal', 'yes'],
  ] as const)('%s that returns %j says nothing, and is warned about once', (part, answer) => {
    let malformed = 0
    const warned: string[] = []
    const warn = (about: string, text: string) => warned.push(about, text)
    const dialect = { ...roomDialect, [part]: () => answer } as Dialect
    const speak = createGuard(dialect, { malformed: () => (malformed += 1), warn })
    expect(speak(part, '' as never)).toBeUndefined()
    expect(malformed).toBe(1)
    expect(warned).toEqual([`dialect ${part}`, expect.stringContaining(`"${part}" should return `)])
  })
})
