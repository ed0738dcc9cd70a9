import { describe, expect, test } from 'vitest'
import type { Dialect, Route } from '../../../../worker/dialect/dialect'
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

  test('an event without a known room is unrouted', () => {
    expect(reading('mystery', { n: 1 })).toEqual({ kind: 'unrouted' })
    expect(reading('mystery', { room: 42 })).toEqual({ kind: 'unrouted' })
  })

  test('route is asked only for events that do not name their room', () => {
    const route = (name: string) => (name === 'cpu' ? ['stats', 'nodes', 'stats'] : undefined)
    const by = (name: string, payload: unknown) => read(roomDialect, route, { name, payload }, () => false)
    expect(by('cpu', 1)).toMatchObject({ rooms: ['stats', 'nodes'] })
    expect(by('cpu', { room: 'errors' })).toMatchObject({ rooms: ['errors'] })
    expect(by('other', 1)).toEqual({ kind: 'unrouted' })
  })

  test('a route that throws or returns a wrong type makes the message malformed, and does not throw', () => {
    const by = (route: () => unknown) =>
      read(roomDialect, route as Route, { name: 'x', payload: 1 }, () => false)
    expect(
      by(() => {
        throw new Error('oops')
      }),
    ).toEqual({ kind: 'malformed', why: 'oops', rooms: [] })
    expect(by(() => 42).kind).toBe('malformed')
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

describe('a dialect that returns a wrong type', () => {
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

  test('fields beyond the type are left out', () => {
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

  const resume = () => ({ name: 'resume', payload: {} })

  test.each([true, {}, []])('position %j - the room is known', (position) => {
    expect(by({ resume, position: () => position })).toEqual(malformed('position', ['errors']))
  })

  test('an event without a position, in any of the usual ways, is fine', () => {
    for (const position of [undefined, null, Number.NaN])
      expect(by({ resume, position: () => position })).toMatchObject({ kind: 'data', positions: [undefined] })
    expect(by({ resume, position: () => 'b-1' })).toMatchObject({ positions: ['b-1'] })
    expect(by({ resume })).toMatchObject({ positions: undefined })
  })

  test('without a part of its own, the position is the number, however a missing one is said', () => {
    expect(by({ resume, seq: () => 7 })).toMatchObject({ numbers: [7], positions: [7] })
    for (const number of [undefined, null, Number.NaN])
      expect(by({ resume, seq: () => number })).toMatchObject({
        numbers: [undefined],
        positions: [undefined],
      })
  })

  test('a dialect that cannot resume is asked for no positions', () => {
    const position = () => {
      throw new Error('asked')
    }
    expect(by({ position })).toMatchObject({ kind: 'data' })
  })

  test.each([
    [true, true],
    [false, undefined],
    [undefined, undefined],
  ])('recovered: %j', (said, recovered) => {
    expect(by({ verdict: () => ({ room: 'errors', recovered: said }) }, 'room_joined')).toEqual({
      kind: 'joined',
      room: 'errors',
      ...(recovered && { recovered }),
    })
  })

  test('recovered that is no boolean', () => {
    expect(by({ verdict: () => ({ room: 'errors', recovered: 1 }) }, 'room_joined')).toEqual(
      malformed('verdict'),
    )
  })

  test('an event that throws - the room is known', () => {
    const event = () => {
      throw new Error('oops')
    }
    expect(by({ event })).toEqual({ kind: 'malformed', why: 'oops', rooms: ['errors'] })
  })
})
