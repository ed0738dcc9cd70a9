import { connect } from 'partyline'
import { serve as serveActionCable } from 'partyline/worker/action-cable'
import { type Link, type LinkEvents, serve as serveLink } from 'partyline/worker/link'
import { serve as serveStreams } from 'partyline/worker/sse'
import { jsonDialect, serve as serveWebSockets } from 'partyline/worker/websocket'
import type { Dashboard } from './dashboard'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const expectType = <A, B>(_: Equal<A, B>) => {}

interface Rooms {
  stats: { cpu: number }
  errors: { message: string }
  activity: { who: string }
  [adw: `adw-state/${string}`]: { step: number }
}

const createLink = (_: LinkEvents): Link => ({
  dial() {},
  drop() {},
  release: async () => false,
  hangUp() {},
  send() {},
  probe: (answered) => answered(),
})

// Each kind of server serves the panels of `dashboard.ts`, whose worker is for Socket.IO, under the same type.

const webSocket = serveWebSockets({
  url: '/ws',
  rooms: {} as Rooms,
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
    search: (...words: string[]) => words.map((word) => `adw-state/${word}` as const),
  },
})
expectType<typeof webSocket, Dashboard>(true)

const cable = serveActionCable({
  identifier: (room) => ({ channel: 'Dashboard', room }),
  rooms: {} as Rooms,
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
    search: (...words: string[]) => words.map((word) => `adw-state/${word}` as const),
  },
})
expectType<typeof cable, Dashboard>(true)

const stream = serveStreams({
  stream: (rooms) => `/events?rooms=${rooms.join(',')}`,
  rooms: {} as Rooms,
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
    search: (...words: string[]) => words.map((word) => `adw-state/${word}` as const),
  },
})
expectType<typeof stream, Dashboard>(true)

const link = serveLink({
  link: createLink,
  rooms: {} as Rooms,
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
    search: (...words: string[]) => words.map((word) => `adw-state/${word}` as const),
  },
})
expectType<typeof link, Dashboard>(true)

const panels = { overview: ['stats'] } as const

// A connection per room.
serveWebSockets({ panels, endpoint: (room) => `/ws/${room}` })
serveStreams({ panels, endpoint: (room) => `/events/${room}` })
serveLink({ panels, endpoint: (_room, events) => createLink(events) })

// A page's line is typed by any of them.
const line = connect<typeof webSocket>((options) => new SharedWorker('/worker.js', options))
line.subscribe(['workflow', '42'], (event) => {
  expectType<typeof event.room, 'stats' | `adw-state/${string}`>(true)
  if (event.room === 'stats') expectType<typeof event.data, { cpu: number }>(true)
})
// Without `rooms`, payloads are unknown and panels are still checked.
const loose = serveWebSockets({ url: '/ws', panels: { any: (room: string) => [room] } })
const looseLine = connect<typeof loose>((options) => new Worker('/worker.js', options))
looseLine.subscribe(['any', 'stats'], (event) => expectType<typeof event.data, unknown>(true))

// A message goes over the connection or the channel of a room.
interface Sends {
  'alarm:ack': (payload: { id: number }) => { by: string }
  'chat:send': (payload: { room: 'stats'; text: string }) => void
}
serveWebSockets({
  panels,
  endpoint: (room) => `/ws/${room}`,
  sends: {} as Sends,
  sendTo(name, payload) {
    expectType<typeof name, 'alarm:ack' | 'chat:send'>(true)
    expectType<typeof payload, { id: number } | { room: 'stats'; text: string }>(true)
    return 'stats'
  },
})
serveLink({
  panels,
  endpoint: (_room, events) => createLink(events),
  sends: {} as Sends,
  // Two parameters are one message: the name tells what the payload is.
  sendTo: (...[name, payload]) => (name === 'chat:send' ? payload.room : `alarm ${payload.id}`),
})
serveActionCable({
  panels,
  sends: ['speak'],
  sendTo(name, payload) {
    expectType<typeof name, 'speak'>(true)
    expectType<typeof payload, unknown>(true)
    return 'stats'
  },
})

// Parts of a dialect.
serveWebSockets({
  panels,
  url: '/ws',
  dialect: {
    ...jsonDialect,
    seq: (_, payload) => (payload as { seq?: number }).seq,
    position: (_, payload) => (payload as { at?: string }).at,
    resume: (positions) => {
      expectType<typeof positions, Readonly<Record<string, string | number>>>(true)
      return { name: 'resume', payload: { positions } }
    },
    verdict: () => ({ room: 'stats', reason: '', recovered: true }),
  },
})

// Programs that must not compile.

// @ts-expect-error: no such panel
line.subscribe('erors', () => {})
// @ts-expect-error: a parameter is missing
looseLine.subscribe('any', () => {})
// @ts-expect-error: neither `url` nor `endpoint`
serveWebSockets({ panels })
// @ts-expect-error: `url` and `endpoint`
serveWebSockets({ panels, url: '/ws', endpoint: (room: string) => `/ws/${room}` })
// @ts-expect-error: an endpoint is a function
serveWebSockets({ panels, endpoint: '/ws' })
// @ts-expect-error: an endpoint returns an address
serveWebSockets({ panels, endpoint: (room: string) => room.length })
// @ts-expect-error: one connection serves all rooms
serveWebSockets({ panels, url: '/ws', sends: ['speak'], sendTo: () => 'stats' })
// @ts-expect-error: a room is a string
serveActionCable({ panels, sends: ['speak'], sendTo: () => undefined })
// @ts-expect-error: no panels
serveWebSockets({ url: '/ws' })
// @ts-expect-error: an option of another kind of server
serveWebSockets({ panels, url: '/ws', socket: {} })
// @ts-expect-error: no such place for a token
serveWebSockets({ panels, url: '/ws', tokenIn: 'header' })
// @ts-expect-error: a ping without a message
serveWebSockets({ panels, url: '/ws', ping: { every: 1000 } })
// @ts-expect-error: a position is a string or a number
serveWebSockets({ panels, url: '/ws', dialect: { ...jsonDialect, position: () => ({}) } })
serveWebSockets({
  url: '/ws',
  rooms: {} as Rooms,
  panels: {
    overview: [
      'stats',
      // @ts-expect-error: a room that has no payload type
      'errrors',
    ],
  },
})
// @ts-expect-error: neither `stream` nor `endpoint`
serveStreams({ panels })
// @ts-expect-error: `stream` and `endpoint`
serveStreams({ panels, stream: () => '/events', endpoint: (room: string) => `/events/${room}` })
// @ts-expect-error: a stream is a function
serveStreams({ panels, stream: '/events' })
// @ts-expect-error: no such place for a token
serveStreams({ panels, stream: () => '/events', tokenIn: 'message' })
// @ts-expect-error: rooms of Action Cable share one connection
serveActionCable({ panels, endpoint: (room: string) => `/cable/${room}` })
// @ts-expect-error: an identifier is an object
serveActionCable({ panels, identifier: (room: string) => room })
// @ts-expect-error: no link
serveLink({ panels })
// @ts-expect-error: a link without a way to hang up
serveLink({ panels, link: () => ({ dial() {}, drop() {} }) })

export { cable, link, stream }
