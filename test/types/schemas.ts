import { connect, type Line } from 'partyline'
import { serve } from 'partyline/worker'
import { serve as serveActionCable } from 'partyline/worker/action-cable'
import { serve as serveLink } from 'partyline/worker/link'
import { serve as serveStreams } from 'partyline/worker/sse'
import { serve as serveWebSockets } from 'partyline/worker/websocket'
import * as v from 'valibot'
import { z } from 'zod'
import type { AnyServed, SendAnswer, SendName, SendPayload } from '../../shared/panel-types'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const expectType = <A, B>(_: Equal<A, B>) => {}

const rooms = {
  stats: z.object({ cpu: z.number(), at: z.string().transform((text) => new Date(text)) }),
  errors: v.object({ message: v.string(), count: v.pipe(v.string(), v.transform(Number)) }),
  'adw-state/*': z.object({ step: z.number() }),
  'adw-state/first': v.object({ first: v.boolean() }),
  free: z.any(),
}
const panels = {
  overview: ['stats', 'errors'],
  workflow: (id: string) => [`adw-state/${id}`] as const,
  first: ['adw-state/first', 'free'],
} as const

const zodAndValibot = serve({
  rooms,
  panels: {
    overview: ['stats', 'errors'],
    workflow: (id: string) => [`adw-state/${id}`],
    first: ['adw-state/first', 'free'],
  },
})
const line = connect<typeof zodAndValibot>((options) => new SharedWorker('/worker.js', options))

// A payload is what its schema makes of it.
line.subscribe('overview', (event) => {
  if (event.room === 'stats') expectType<typeof event.data, { cpu: number; at: Date }>(true)
  else expectType<typeof event.data, { message: string; count: number }>(true)
})
// A name that ends with `*` stands for the rooms that begin like it, and an exact name goes before it.
line.subscribe(['workflow', '42'], (event) => {
  expectType<typeof event.room, `adw-state/${string}`>(true)
  expectType<typeof event.data, { step: number }>(true)
})
line.subscribe('first', (event) => {
  if (event.room === 'adw-state/first') expectType<typeof event.data, { first: boolean }>(true)
  // biome-ignore lint/suspicious/noExplicitAny: what the schema makes of it
  else expectType<typeof event.data, any>(true)
})

// Some rooms with schemas, others with types alone.
const mixed = serve({
  rooms: { stats: rooms.stats, ...({} as { errors: { message: string } }) },
  panels: { overview: ['stats', 'errors'] },
})
connect<typeof mixed>(() => new Worker('/worker.js')).subscribe('overview', (event) => {
  if (event.room === 'errors') expectType<typeof event.data, { message: string }>(true)
  else expectType<typeof event.data, { cpu: number; at: Date }>(true)
})

// Each kind of server takes them.
const all = [
  serveWebSockets({ url: '/ws', rooms, panels }),
  serveActionCable({ rooms, panels }),
  serveStreams({ stream: () => '/events', rooms, panels }),
  serveLink({ link: () => ({}) as never, rooms, panels }),
] as const
for (const one of all) {
  type One = Line<typeof one>
  const listen = (each: One) =>
    each.subscribe(['workflow', '42'], ({ data }) => expectType<typeof data, { step: number }>(true))
  void listen
}

serve({
  rooms,
  panels: {
    overview: [
      'stats',
      // @ts-expect-error: a room without a schema
      'statss',
    ],
    // @ts-expect-error: a room without a schema
    workflow: (id: string) => [`adw-stat/${id}`],
  },
})

// What pages may send.

const sends = serve({
  panels: { overview: ['stats'] },
  sends: {
    'alarm:ack': z.object({ id: z.number(), at: z.date().transform((date) => date.toISOString()) }),
    'chat:send': v.pipe(v.string(), v.transform(Number)),
  },
})
type Sends = typeof sends
expectType<SendName<Sends>, 'alarm:ack' | 'chat:send'>(true)
// A page gives what the schema takes.
expectType<SendPayload<Sends, 'alarm:ack'>, { id: number; at: Date }>(true)
expectType<SendPayload<Sends, 'chat:send'>, string>(true)
expectType<SendAnswer<Sends, 'alarm:ack'>, unknown>(true)

const named = serve({ panels: { overview: ['stats'] }, sends: ['alarm:ack', 'chat:send'] })
expectType<SendName<typeof named>, 'alarm:ack' | 'chat:send'>(true)
expectType<SendPayload<typeof named, 'alarm:ack'>, unknown>(true)

const typed = serve({
  panels: { overview: ['stats'] },
  sends: {} as { 'alarm:ack': (payload: { id: number }) => Promise<{ by: string }>; ping: () => 'pong' },
})
expectType<SendPayload<typeof typed, 'alarm:ack'>, { id: number }>(true)
expectType<SendAnswer<typeof typed, 'alarm:ack'>, { by: string }>(true)
expectType<SendPayload<typeof typed, 'ping'>, undefined>(true)
expectType<SendAnswer<typeof typed, 'ping'>, 'pong'>(true)

// Without the option, nothing can be sent. A line of any dashboard may send anything.
const mute = serve({ panels: { overview: ['stats'] } })
expectType<SendName<typeof mute>, never>(true)
expectType<SendName<AnyServed>, string>(true)
expectType<SendPayload<AnyServed, 'alarm:ack'>, unknown>(true)
expectType<SendAnswer<AnyServed, 'alarm:ack'>, unknown>(true)
export const any: AnyServed = sends

// Action Cable answers nothing.
const cable = serveActionCable({ panels: { overview: ['stats'] }, sends: { speak: z.string() } })
expectType<SendPayload<typeof cable, 'speak'>, string>(true)
expectType<SendAnswer<typeof cable, 'speak'>, undefined>(true)
