import * as v from 'valibot'
import { bench, describe, vi } from 'vitest'
import { z } from 'zod'
import { roomDialect } from '../../worker/dialect/room-dialect'
import { createInbound } from '../../worker/messages/inbound'
import { createPositions } from '../../worker/messages/positions'
import { createSequence } from '../../worker/messages/sequence'
import { readChecks } from '../../worker/schemas'
import { createPayloads } from '../server/payload'
import { outboxOf } from './tabs'

const EVENTS = 100
const WINDOW = 8
const nothing = () => {}

// With fake timers, the outbox does not have to wait for its window to end.
vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })

const SCHEMAS = {
  'without a schema': undefined,
  'with one of zod': z.object({
    run: z.number(),
    n: z.number(),
    at: z.number(),
    note: z.string(),
    rows: z.array(
      z.object({
        id: z.string(),
        state: z.enum(['running', 'done']),
        progress: z.number(),
        cost: z.number(),
        tags: z.array(z.string()),
      }),
    ),
  }),
  'with one of valibot': v.object({
    run: v.number(),
    n: v.number(),
    at: v.number(),
    note: v.string(),
    rows: v.array(
      v.object({
        id: v.string(),
        state: v.picklist(['running', 'done']),
        progress: v.number(),
        cost: v.number(),
        tags: v.array(v.string()),
      }),
    ),
  }),
  'with one that makes a date, which goes as an object': z.looseObject({
    at: z.number().transform((at) => new Date(at)),
  }),
}

/** Receives events of one room, and posts them to tabs, copied as `postMessage` would. */
function setUp(tabs: number, schema: object | undefined) {
  const recorder = { count: nothing } as never
  const outbox = outboxOf(tabs)
  const inbound = createInbound({
    dialect: roomDialect,
    route: undefined,
    checks: readChecks('rooms', schema ? { feed: schema } : {}),
    largest: Number.POSITIVE_INFINITY,
    recorder,
    warn: nothing,
    rooms: { has: () => true, heard: nothing, isJoined: () => true } as never,
    sequence: createSequence(),
    positions: createPositions(),
    forgetPlace: nothing,
    onJoined: nothing,
    outbox,
    progress: { received: nothing } as never,
    answers: () => false,
    onDenied: nothing,
    onReload: nothing,
    onHandled: nothing,
  })
  const make = createPayloads('feed', 300)
  const texts = Array.from({ length: EVENTS }, (_, n) => JSON.stringify(make(1, n, 1.5)))
  return () => {
    for (const text of texts)
      inbound.receive({ name: 'row', payload: JSON.parse(text), text, size: text.length }, Date.now())
    vi.advanceTimersByTime(WINDOW)
  }
}

for (const tabs of [1, 20])
  describe(`receive and post ${EVENTS} events of 300 bytes for ${tabs} ${tabs === 1 ? 'tab' : 'tabs'}`, () => {
    for (const [name, schema] of Object.entries(SCHEMAS)) bench(name, setUp(tabs, schema))
  })
