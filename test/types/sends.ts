import { connect, type Line } from 'partyline'
import { createFakeLine } from 'partyline/testing'
import { serve } from 'partyline/worker'
import { serve as serveActionCable } from 'partyline/worker/action-cable'
import { serve as serveStreams } from 'partyline/worker/sse'
import { z } from 'zod'
import type { Dashboard } from './dashboard'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const expectType = <A, B>(_: Equal<A, B>) => {}
const factory = () => new SharedWorker('worker.js')

const panels = { errors: ['errors'] } as const

// A list of names: payloads and answers are unknown.
const listed = serve({ panels, sends: ['alarm:ack', 'chat:send'] })
const byNames = connect<typeof listed>(factory)
const unknownAnswer = byNames.send('alarm:ack', { id: 7 })
expectType<typeof unknownAnswer, Promise<unknown>>(true)
byNames.send('chat:send', { text: 'hello' }, { timeout: 1000, signal: new AbortController().signal })
// @ts-expect-error: a name that is not in the list
byNames.send('chat:sent', { text: 'hello' })

// Kept: the id, not the answer.
byNames
  .send('chat:send', {}, { keep: true })
  .then((kept) => expectType<typeof kept, { readonly kept: string }>(true))
byNames.send('chat:send', {}, { keep: 'row 7', timeout: 1000 })
// @ts-expect-error: an id is text
byNames.send('chat:send', {}, { keep: 7 })
byNames.on('kept', ({ id, outcome }) => expectType<typeof id, string>(outcome === 'acknowledged' || true))

// A map of functions: from payload to answer.
interface Sends {
  'alarm:ack': (payload: { id: number }) => { by: string }
  'chat:send': (payload: { text: string }) => Promise<number>
  ping: () => void
}
const mapped = serve({ panels, sends: {} as Sends })
const byMap = connect<typeof mapped>(factory)
byMap.send('alarm:ack', { id: 7 }).then((answer) => expectType<typeof answer, { by: string }>(true))
byMap.send('chat:send', { text: 'hello' }).then((answer) => expectType<typeof answer, number>(true))
byMap.send('ping', undefined)
// Whether it is kept is known at run time: one of both answers.
const isKept = Math.random() > 0.5
byMap
  .send('chat:send', { text: 'hello' }, { keep: isKept })
  .then((answer) => expectType<typeof answer, number | { readonly kept: string }>(true))
const signal = isKept ? new AbortController().signal : undefined
byMap.send('chat:send', { text: '' }, { signal }).then((answer) => expectType<typeof answer, number>(true))
byNames.send('chat:send', {}, { keep: true, signal, timeout: undefined })
// @ts-expect-error: a name that is not in the map
byMap.send('alarm:akc', { id: 7 })
// @ts-expect-error: a payload of another message
byMap.send('alarm:ack', { text: 'hello' })
// @ts-expect-error: no payload
byMap.send('alarm:ack')
// @ts-expect-error: an option that does not exist
byMap.send('alarm:ack', { id: 7 }, { retries: 3 })

// Schemas: the payload is what the schema takes.
const checked = serve({ panels, sends: { 'alarm:ack': z.object({ id: z.coerce.number<string>() }) } })
const bySchema = connect<typeof checked>(factory)
bySchema.send('alarm:ack', { id: '7' }).then((answer) => expectType<typeof answer, unknown>(true))
// @ts-expect-error: what the schema makes of it is not what it takes
bySchema.send('alarm:ack', { id: 7 })

// Action Cable answers nothing.
const cable = serveActionCable({ url: '/cable', panels, sends: {} as Sends })
const byCable = connect<typeof cable>(factory)
byCable.send('alarm:ack', { id: 7 }).then((answer) => expectType<typeof answer, undefined>(true))

// Nothing can be sent where nothing was said, and event streams are one way.
declare const silent: Line<Dashboard>
// @ts-expect-error: the dashboard has no `sends`
silent.send('alarm:ack', {})
// @ts-expect-error: event streams have no `sends`
serveStreams({ stream: () => '/events', panels, sends: ['alarm:ack'] })

// A line of any dashboard sends any name, and takes a line of each.
const any: Line[] = [byNames, byMap, bySchema, byCable, silent]
any[0]?.send('anything', 1).then((answer) => expectType<typeof answer, unknown>(true))

// The fake line answers what the server answers.
const fake = createFakeLine<typeof mapped>()
fake.answer('alarm:ack', ({ id }) => ({ by: `user ${id}` }))
fake.answer('chat:send', async () => 7)
for (const sent of fake.sent())
  if (sent.name === 'alarm:ack') expectType<typeof sent.payload, { id: number }>(true)
// @ts-expect-error: the answer of another message
fake.answer('alarm:ack', () => 7)
// @ts-expect-error: no such message
fake.answer('alarm:akc', () => 7)
const untyped = createFakeLine()
untyped.answer('anything', () => 7)
untyped.line.send('anything', 1)
