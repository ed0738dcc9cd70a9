import { type LinkHarness, linkScenarios } from 'partyline/testing/link'
import { describe } from 'vitest'
import { createCable, identify, PROTOCOLS } from '../../worker/link/action-cable/cable'
import type { LinkEvents } from '../../worker/link/link'
import { createReachabilities } from '../../worker/link/reachability'
import { createLink as createSocketLink } from '../../worker/link/socket-io/link'
import { createLink as createStreamLink } from '../../worker/link/sse/link'
import { decodeJson } from '../../worker/link/websocket/frames'
import { createLink as createWebSocketLink, type WebSocketSettings } from '../../worker/link/websocket/link'
import { readProbe } from '../../worker/link/websocket/refusal'
import { type Bench, test } from '../support/setup'

/** Holds every link against the contract of links, in the page itself. */

interface AnyServer {
  start(): Promise<unknown>
  stop(): Promise<unknown>
  url(): Promise<string>
}

/** What a kind of server is controlled by: a new server for each test, behind a proxy that can break and hang. */
function serverOf<Server extends AnyServer>(open: (bench: Bench) => Promise<Server>) {
  let bench: Bench | undefined
  let next: Bench | undefined
  let server: Server | undefined
  let proxy: Awaited<ReturnType<Bench['proxy']>> | undefined
  let url = ''
  const running = () => {
    if (!server) throw new Error('The server was not started.')
    return server
  }
  return {
    use(own: Bench) {
      next = own
    },
    server: running,
    url: () => url,
    async start() {
      if (!next || next === bench) {
        await running().start()
      } else {
        bench = next
        server = await open(bench)
        proxy = await bench.proxy(await server.url())
        url = await proxy.url()
      }
    },
    async stop() {
      const stopped = running().stop()
      // A connection that hangs would keep the server waiting.
      await proxy?.cut()
      await stopped
    },
    cut: () => proxy?.cut(),
    hang: (on: boolean) => (on ? proxy?.dropBytes() : proxy?.pass()),
  }
}

interface Kind {
  readonly name: string
  readonly harness: LinkHarness
  /** The server of the next scenario belongs to this test. */
  use(bench: Bench): void
}

const QUIET = 60
const TOKENS = { accepted: 'good', refused: 'bad' }
const numberOf = (payload: unknown) => (payload as { n?: number }).n
const fail = () => {
  throw new Error('the app fails')
}

function socketIo(): Kind {
  const control = serverOf((bench) =>
    bench.server({ recovery: true, tokens: [TOKENS.accepted], answer: 'ack' }),
  )
  const state = () => control.server().state()
  return {
    name: 'Socket.IO',
    use: control.use,
    harness: {
      ...control,
      createLink: (events) => createSocketLink(control.url(), {}, events),
      createBrokenLink: (events) => createSocketLink(control.url(), { auth: fail }, events),
      connected: async () => (await state()).connected,
      attempts: async () => (await state()).handshakes.length,
      publish: (numbers) => Promise.all(numbers.map((n) => control.server().broadcast('row', { n }))),
      numberIn: ({ payload }) => numberOf(payload),
      sent: {
        message: { name: 'join_room', payload: { room: 'rows' } },
        received: async () => (await state()).connections.flatMap(({ asked }) => asked).length,
        isAcknowledged: true,
      },
      asksByProbe: true,
      tokens: TOKENS,
      recovers: true,
      quiet: QUIET,
    },
  }
}

const PLAIN: Omit<WebSocketSettings, 'url'> = {
  createReachability: createReachabilities(),
  protocols: [],
  tokenIn: 'query',
  decode: decodeJson,
  encode: ({ name, payload }) => JSON.stringify({ type: name, ...(payload as object) }),
  refusals: [4401],
  final: [],
  isGreeted: false,
  control: () => undefined,
}

/** One connection for all rooms has pings, and is refused after it is accepted; that of one room has none, and is refused before. */
function webSocket(room: string | undefined): Kind {
  const refuses = room === undefined ? 'after' : 'before'
  const control = serverOf((bench) => bench.websocketServer({ tokens: [TOKENS.accepted], refuses }))
  const state = () => control.server().state()
  const settings = () => {
    const probe = readProbe(`${control.url()}/me`, undefined, (_, url) => url)
    return room === undefined
      ? { ...PLAIN, ping: { every: 10_000, message: { type: 'ping' }, answer: 'pong' } }
      : { ...PLAIN, room, probe }
  }
  const path = room === undefined ? '/ws' : `/room/${room}`
  const url = () => control.url().replace('http', 'ws') + path
  return {
    name: `WebSocket, ${room === undefined ? 'all rooms' : 'one room'}`,
    use: control.use,
    harness: {
      ...control,
      createLink: (events) => createWebSocketLink({ ...settings(), url }, events),
      createBrokenLink: (events) =>
        createWebSocketLink(
          {
            ...settings(),
            ...(room === undefined ? { url, tokenIn: 'message', login: fail } : { url: fail }),
          },
          events,
        ),
      connected: async () => (await state()).connected,
      attempts: async () => (await state()).attempts,
      publish: (numbers) =>
        Promise.all(numbers.map((n) => control.server().broadcast({ type: 'row', room: 'rows', n }))),
      numberIn: ({ payload }) => numberOf(payload),
      publishUnreadable: () => control.server().sendRaw('{'),
      sent: {
        message: { name: 'subscribe', payload: { room: 'rows' } },
        received: async () => (await state()).connections.flatMap(({ asked }) => asked).length,
      },
      asksByProbe: room === undefined,
      tokens: TOKENS,
      quiet: QUIET,
    },
  }
}

const CHANNEL = '{"channel":"RowsChannel"}'

function actionCable(): Kind {
  const control = serverOf((bench) => bench.cableServer({ tokens: [TOKENS.accepted] }))
  const state = () => control.server().state()
  const link = (events: LinkEvents, address?: () => string) => {
    const cable = createCable(identify)
    const url = () => cable.dial(`${control.url().replace('http', 'ws')}/cable`)
    const settings = { ...PLAIN, ...cable, protocols: PROTOCOLS, refusals: [], isGreeted: true }
    return createWebSocketLink({ ...settings, url: address ?? url }, events)
  }
  return {
    name: 'Action Cable',
    use: control.use,
    harness: {
      ...control,
      createLink: (events) => link(events),
      createBrokenLink: (events) => link(events, fail),
      connected: async () => (await state()).connected,
      attempts: async () => (await state()).connections.length,
      publish: (numbers) =>
        Promise.all(numbers.map((n) => control.server().send({ identifier: CHANNEL, message: { n } }))),
      numberIn: ({ payload }) => numberOf((payload as { data?: unknown }).data ?? {}),
      publishUnreadable: () => control.server().send('no object'),
      sent: {
        message: { name: 'subscribe', payload: { identifier: CHANNEL } },
        received: async () => (await state()).connections.flatMap(({ commands }) => commands).length,
      },
      tokens: TOKENS,
      quiet: QUIET,
    },
  }
}

/** A stream of all rooms, which are joined by opening another one, or of one room. */
function stream(room: string | undefined): Kind {
  const control = serverOf((bench) => bench.streamServer({ tokens: [TOKENS.accepted] }))
  const state = () => control.server().state()
  const settings = {
    headers: () => ({}),
    credentials: 'same-origin',
    resumes: true,
    lastIdIn: undefined,
    ...(room !== undefined && { room }),
  } as const
  const url = (rooms: readonly string[], token = '') => {
    const path = room === undefined ? `events?rooms=${rooms.join()}&` : `events/${room}?`
    return new URL(`${control.url()}/${path}token=${token}`)
  }
  return {
    name: `server-sent events, ${room === undefined ? 'all rooms' : 'one room'}`,
    use: control.use,
    harness: {
      ...control,
      createLink: (events) => createStreamLink({ ...settings, url }, events),
      createBrokenLink: (events) => createStreamLink({ ...settings, url: fail }, events),
      connected: async () => (await state()).connected,
      attempts: async () => (await state()).requests.length,
      publish: (numbers) => Promise.all(numbers.map((n) => control.server().emit('rows', n))),
      numberIn: ({ payload }) => numberOf((payload as { data?: unknown }).data),
      tokens: TOKENS,
      ...(room === undefined && { rooms: ['rows', 'others'] as const, recovers: true }),
      quiet: QUIET,
    },
  }
}

const KINDS = [
  socketIo(),
  webSocket(undefined),
  webSocket('rows'),
  actionCable(),
  stream(undefined),
  stream('rows'),
]

for (const { name: kind, harness, use } of KINDS)
  describe(kind, () => {
    for (const { name, run } of linkScenarios(harness))
      test(name, async ({ bench }) => {
        use(bench)
        await run()
      })
  })
