import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import type { StandardSchema } from '../../../shared/standard-schema'
import { readActionCableOptions } from '../../../worker/entries/action-cable-options'
import { readLinkOptions } from '../../../worker/entries/link-options'
import { readStreamOptions } from '../../../worker/entries/sse-options'
import { readWebSocketOptions } from '../../../worker/entries/websocket-options'
import { readOptions } from '../../../worker/options'
import { readChecks } from '../../../worker/schemas'
import { failureOf } from '../../support/failure'

/** A schema that answers like this. */
const schemaThat = (validate: (value: unknown) => unknown) =>
  ({ '~standard': { version: 1, vendor: 'test', validate } }) as StandardSchema

const withIssue = (issue: object) => schemaThat(() => ({ issues: [issue] }))

/** Checks a payload with one schema. */
const check = (schema: object, payload: unknown) =>
  readChecks('rooms', { stats: schema })?.('stats')?.(payload)
const wrong = (schema: object, payload: unknown) => {
  const result = check(schema, payload)
  return result?.wrong
}

for (const [library, stats, dates] of [
  ['zod', z.object({ cpu: z.number() }), z.string().transform((text) => new Date(text))],
  [
    'valibot',
    v.object({ cpu: v.number() }),
    v.pipe(
      v.string(),
      v.transform((text) => new Date(text)),
    ),
  ],
] as const) {
  test(`${library}: what fits is what the schema makes of it`, () => {
    expect(check(stats, { cpu: 1, more: true })).toEqual({ value: { cpu: 1 } })
    expect(check(dates, '2026-01-01')).toEqual({ value: new Date('2026-01-01') })
  })
  test(`${library}: what does not fit is reported by its path and what was expected`, () => {
    expect(wrong(stats, { cpu: 'secret' })).toBe('at "cpu": expected number')
    expect(wrong(dates, 7)).toBe('expected string')
  })
}

test.each([
  ['an enum of zod', z.enum(['on', 'off']), 'secret', 'invalid_value'],
  [
    'a union of zod',
    z.object({ a: z.union([z.number(), z.boolean()]) }),
    { a: 'secret' },
    'at "a": invalid_union',
  ],
  ['a strict object of zod', z.strictObject({}), { key: 'secret' }, 'unrecognized_keys'],
  ['a refinement of zod', z.string().refine(() => false, 'no secret'), 'secret', 'custom'],
  ['a picklist of valibot', v.picklist(['on', 'off']), 'secret', 'expected ("on" | "off")'],
  ['a union of valibot', v.union([v.number(), v.boolean()]), 'secret', 'expected (number | boolean)'],
  [
    'a check of valibot',
    v.pipe(
      v.string(),
      v.check(() => false, 'no secret'),
    ),
    'secret',
    'check',
  ],
  [
    'a list of valibot',
    v.array(v.object({ a: v.number() })),
    [{ a: 1 }, { a: 'secret' }],
    'at "1.a": expected number',
  ],
  ['a text as an issue', schemaThat(() => ({ issues: ['secret'] })), 'secret', 'other data expected'],
] as const)('%s - the payload is not quoted', (_, schema, payload, expected) => {
  expect(wrong(schema, payload)).toBe(expected)
})

test('an issue with odd parts is described by those that are texts, cut after 100 characters', () => {
  const long = 'x'.repeat(1000)
  expect(wrong(withIssue({ message: 'secret', expected: () => 'secret' }), 1)).toBe('other data expected')
  expect(wrong(withIssue({ expected: { a: 1 }, code: 5, type: 'kind' }), 1)).toBe('kind')
  expect(wrong(withIssue({ expected: '', code: 'bad' }), 1)).toBe('bad')
  expect(wrong(withIssue({ expected: long, path: [long, Symbol('s')] }), 1)).toBe(
    `at "${'x'.repeat(100)}": ${`expected ${long}`.slice(0, 100)}`,
  )
  expect(wrong(withIssue({ expected: 'number', path: [{ key: 'a' }, 0, Symbol('s')] }), 1)).toBe(
    'at "a.0.Symbol(s)": expected number',
  )
  expect(wrong(withIssue({ expected: 'number', path: Array(100_000).fill(1) }), 1)).toHaveLength(122)
})

/** The path of arktype: its constructor takes the parts. */
class ReadonlyPath extends Array<PropertyKey> {
  constructor(...parts: PropertyKey[]) {
    super()
    this.push(...parts)
  }
}

test('the path is of a class, as that of arktype is - it is read as a list', () => {
  const at = (...path: PropertyKey[]) => withIssue({ expected: 'number', path: new ReadonlyPath(...path) })
  expect(wrong(at(), 'secret')).toBe('expected number')
  expect(wrong(at('a', 1), 'secret')).toBe('at "a.1": expected number')
})

test.each([
  ['throws', schemaThat((value) => (value === 'x' ? JSON.parse('secret') : { value }))],
  ['throws in a transform of zod', z.unknown().transform((value) => JSON.parse(`${value ?? null}`))],
  ['is asynchronous for this value', z.string().refine(async () => true)],
  ['fails later', schemaThat((value) => (value === 'x' ? Promise.reject(new Error('secret')) : { value }))],
  ['has no result', schemaThat((value) => (value === 'x' ? undefined : { value }))],
  ['has neither a value nor issues', schemaThat(() => ({}))],
  ['has an empty list of issues', schemaThat(() => ({ issues: [] }))],
  [
    'has an issue that throws',
    withIssue({
      get expected() {
        throw new Error('secret')
      },
    }),
  ],
])('a schema that %s - the payload does not fit', (_, schema) => {
  expect(wrong(schema, 'x')).toMatch(/^its schema (threw|is asynchronous, or threw)$/)
})

test('a schema may be a function, as those of arktype are', () => {
  const schema = Object.assign(
    () => {},
    schemaThat((value) => ({ value, issues: undefined })),
  )
  expect(check(schema, undefined)).toEqual({ value: undefined })
})

test('an exact name goes before a beginning, and a longer beginning before a shorter one', () => {
  const named = (name: string) => schemaThat(() => ({ value: name }))
  const names = ['*', 'a/*', 'a/b/*', 'a/b/c', 'constructor', 'undefined*']
  const checks = readChecks('rooms', Object.fromEntries(names.map((name) => [name, named(name)])))
  const found = (name: string) => checks?.(name)?.(0)
  for (const [name, value] of [
    ['a/b/c', 'a/b/c'],
    ['a/b/cd', 'a/b/*'],
    ['a/b/', 'a/b/*'],
    ['a/c', 'a/*'],
    ['a', '*'],
    ['constructor', 'constructor'],
    ['undefined room', 'undefined*'],
  ] as const)
    expect(found(name)).toEqual({ value })
  const exact = readChecks('rooms', { stats: named('stats'), 'undefined*': named('u') })
  for (const name of ['stat', 'stats/1', 'toString', '__proto__', '*']) expect(exact?.(name)).toBeUndefined()
})

test('no schema at all - there is nothing to check', () => {
  expect(readChecks('rooms', {})).toBeUndefined()
})

test.each([
  ['a type instead of a schema', { stats: z.number(), errors: {} }, '"errors"', 'a schema'],
  ['nothing', { errors: undefined }, '"errors"', 'a schema'],
  ['a function', { errors: () => true }, '"errors"', 'a schema'],
  ['a schema of zod for all rooms', z.object({ stats: z.number() }), '"', 'a schema'],
  [
    'an asynchronous schema of valibot',
    {
      errors: v.pipeAsync(
        v.string(),
        v.checkAsync(async () => true),
      ),
    },
    '"errors"',
    'asynchronous',
  ],
  [
    'an asynchronous schema of zod',
    { errors: z.unknown().refine(async () => true) },
    '"errors"',
    'asynchronous',
  ],
])('%s is refused, and the message names the room', (_, rooms, name, words) => {
  const { reason, message } = failureOf(() => readChecks('rooms', rooms))
  expect(reason).toBe('bad-option')
  expect(message).toContain('"rooms"')
  expect(message).toContain(name)
  expect(message).toContain(words)
})

test('a schema that throws for some values only is taken', () => {
  const parse = z.preprocess((value) => JSON.parse(value as string), z.number())
  expect(check(parse, '7')).toEqual({ value: 7 })
})

test.each([
  ['Socket.IO', readOptions, {}],
  ['plain WebSocket', readWebSocketOptions, { url: '/ws' }],
  ['Action Cable', readActionCableOptions, {}],
  ['server-sent events', readStreamOptions, { stream: () => '/events' }],
  ['a link of the app', readLinkOptions, { link: () => ({}) }],
] as const)('%s: `rooms` takes schemas, and costs nothing without', (_, read, own) => {
  const settingsOf = (rooms?: object) =>
    read({ panels: { errors: ['errors'] }, ...own, ...(rooms && { rooms }) }, 'http://localhost/')
  expect(settingsOf({ errors: z.number() }).checks?.('errors')?.(1)).toEqual({ value: 1 })
  for (const rooms of [undefined, {}]) expect(settingsOf(rooms).checks).toBeUndefined()
  expect(failureOf(() => settingsOf({ errors: 'number' })).message).toContain('"errors"')
})
