import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server, type Socket } from 'socket.io'
import { createMessages, type GotMessage } from './messages.ts'

export interface TestServerOptions {
  /** Turns on connection state recovery. */
  readonly recovery?: boolean
  /** Rooms whose joins are denied. */
  readonly forbidden?: readonly string[]
  /** How a join is answered: by the acknowledgement, by an event, or both. @default 'both' */
  readonly answer?: 'ack' | 'event' | 'both'
  /** Rooms whose joins succeed, but are answered only when the test calls `answerJoins`. */
  readonly silent?: readonly string[]
  /** Accepts only handshakes with one of these tokens. */
  readonly tokens?: readonly string[]
  /** Rejects every handshake with this text, which does not mention a token. */
  readonly rejection?: string
  /** `/token` issues tokens that are valid for this many ms. A socket is disconnected when its token expires. */
  readonly tokenLife?: number
  /** Refuses a long poll that the browser repeats, as docs/scaling.md shows. */
  readonly refusesRepeats?: boolean
  /** ms between the pings of the transport. */
  readonly pingInterval?: number
  /** Lets every origin read HTTP answers (`*`), but not with credentials. */
  readonly anyOrigin?: boolean
  /** Gets the messages of pages. @default they are recorded, and answered as `answer` has said */
  readonly hear?: (message: GotMessage, reply: (answer: unknown) => void) => void
}

/** Answers a poll that comes a second time with an error, so that the client notices that an answer is lost. */
function refuseRepeatedPolls(io: Server) {
  /** The address of the last poll of each session. */
  const polls = new Map<string, string>()
  io.engine.on('connection', (session: { id: string; once(event: 'close', forget: () => void): void }) => {
    polls.set(session.id, '')
    session.once('close', () => polls.delete(session.id))
  })
  io.engine.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
    const { url = '', method } = request
    const sid = new URL(url, 'http://server').searchParams.get('sid') ?? ''
    if (method !== 'GET' || !polls.has(sid)) return next()
    if (polls.get(sid) === url) return void response.writeHead(400).end()
    polls.set(sid, url)
    next()
  })
}

/** The answer of the version endpoint. */
export type VersionAnswer =
  | { readonly kind: 'text' | 'json' | 'html'; readonly body: string; readonly status?: number }
  | { readonly kind: 'alternating'; readonly versions: readonly string[] }
  | { readonly kind: 'hang' }

export interface Connection {
  readonly id: string
  /** The transport it started with. */
  readonly transport: string
  readonly recovered: boolean
  /** `join x`, `leave x`, in the order they came. */
  readonly asked: string[]
  open: boolean
  reason?: string
  readonly openedAt: number
  closedAt?: number
}

/** A Socket.IO server that speaks the default dialect and records every request. */
export function createTestServer(options: TestServerOptions) {
  const connections: Connection[] = []
  const requests: { path: string; at: number; aborted: boolean }[] = []
  const handshakes: { at: number; token: string | undefined; accepted: boolean }[] = []
  let tokens = options.tokens
  const issued = new Map<string, number>()
  const fetches = { count: 0, underWay: 0, most: 0 }
  let tokenStatus = 200
  let version: VersionAnswer = { kind: 'json', body: '{"version":"v1"}' }
  let refusing = false
  let port = 0
  let looks = 0
  /** The pending answers to joins of silent rooms, the oldest first. */
  const unanswered: (() => void)[] = []
  const messages = createMessages()
  const { hear = messages.hear } = options
  let http = createServer()
  let io = new Server()

  function answerVersion(response: ServerResponse) {
    looks += 1
    if (version.kind === 'hang') return
    const types = {
      text: 'text/plain',
      json: 'application/json',
      html: 'text/html',
      alternating: 'text/plain',
    }
    const body =
      version.kind === 'alternating' ? version.versions[looks % version.versions.length] : version.body
    const status = version.kind === 'alternating' ? 200 : (version.status ?? 200)
    response.writeHead(status, { 'content-type': types[version.kind] }).end(body)
  }

  async function answerToken(response: ServerResponse) {
    fetches.count += 1
    fetches.underWay += 1
    fetches.most = Math.max(fetches.most, fetches.underWay)
    // Long enough that two fetches overlap where there should be one.
    await new Promise((done) => setTimeout(done, 30))
    fetches.underWay -= 1
    const token = `secret-${fetches.count}-${Math.random().toString(36).slice(2)}`
    issued.set(token, Date.now() + (options.tokenLife ?? 60_000))
    response
      .writeHead(tokenStatus, { 'content-type': 'application/json' })
      .end(JSON.stringify(tokenStatus === 200 ? { token } : { detail: 'no' }))
  }

  const isGood = (token: string | undefined) => {
    if (tokens) return token !== undefined && tokens.includes(token)
    if (options.tokenLife === undefined) return true
    return token !== undefined && (issued.get(token) ?? 0) > Date.now()
  }

  function handle(request: IncomingMessage, response: ServerResponse) {
    if (request.url?.startsWith('/socket.io')) return
    const { origin = '*' } = request.headers
    response.setHeader('access-control-allow-origin', options.anyOrigin ? '*' : origin)
    if (!options.anyOrigin) response.setHeader('access-control-allow-credentials', 'true')
    const entry = { path: request.url ?? '', at: Date.now(), aborted: false }
    requests.push(entry)
    response.on('close', () => {
      entry.aborted = !response.writableEnded
    })
    if (request.url?.startsWith('/version')) answerVersion(response)
    else if (request.url?.startsWith('/token')) void answerToken(response)
    else response.writeHead(404).end()
  }

  function welcome(socket: Socket) {
    const connection: Connection = {
      id: socket.id,
      transport: socket.conn.transport.name,
      recovered: socket.recovered,
      asked: [],
      open: true,
      openedAt: Date.now(),
    }
    connections.push(connection)
    const life = issued.get((socket.handshake.auth as { token?: string }).token ?? '')
    if (options.tokenLife !== undefined && life !== undefined) {
      // Closes the transport, not the Socket.IO session, so that a fresh token can recover the session.
      setTimeout(() => socket.conn.close(), Math.max(0, life - Date.now())).unref()
    }
    const { answer = 'both' } = options
    socket.on('join_room', ({ room }: { room: string }, acknowledge?: (answer?: unknown) => void) => {
      connection.asked.push(`join ${room}`)
      const denied = options.forbidden?.includes(room)
      const { token } = socket.handshake.auth as { token?: string }
      // Like a careless server, the reason quotes the token.
      const reason = token === undefined ? 'forbidden' : `forbidden for ${token}`
      if (!denied) void socket.join(room)
      function reply() {
        if (answer !== 'event') acknowledge?.(denied ? { error: reason } : undefined)
        if (answer === 'ack') return
        if (denied) socket.emit('room_denied', { room, reason })
        else socket.emit('room_joined', { room })
      }
      if (options.silent?.includes(room)) unanswered.push(reply)
      else reply()
    })
    socket.on('leave_room', ({ room }: { room: string }) => {
      connection.asked.push(`leave ${room}`)
      void socket.leave(room)
    })
    const number = connections.length - 1
    socket.onAny((name: string, payload: unknown, ...rest: unknown[]) => {
      if (name === 'join_room' || name === 'leave_room') return
      const id = rest.find((each): each is string => typeof each === 'string')
      const acknowledge = rest.find((each): each is (answer: unknown) => void => typeof each === 'function')
      hear({ name, payload, id, connection: number }, (answer) => acknowledge?.(answer))
    })
    socket.on('disconnect', (reason) => {
      connection.open = false
      connection.closedAt = Date.now()
      connection.reason = reason
    })
  }

  async function start() {
    http = createServer(handle)
    io = new Server(http, {
      cors: { origin: true, credentials: true },
      ...(options.pingInterval !== undefined && { pingInterval: options.pingInterval }),
      ...(options.recovery && {
        connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: false },
      }),
    })
    if (options.refusesRepeats) refuseRepeatedPolls(io)
    io.engine.use((_: unknown, response: ServerResponse, next: () => void) => {
      if (!refusing) return next()
      response.writeHead(503)
      response.end()
    })
    io.use((socket, next) => {
      const token = (socket.handshake.auth as { token?: string }).token
      const accepted = isGood(token)
      handshakes.push({ at: Date.now(), token, accepted })
      if (options.rejection !== undefined) return next(new Error(options.rejection))
      // Like a careless server, the error quotes the token.
      next(
        accepted ? undefined : Object.assign(new Error(`unauthorized: ${token}`), { data: { status: 401 } }),
      )
    })
    io.on('connection', welcome)
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(port, '127.0.0.1', resolve)
    })
    port = (http.address() as AddressInfo).port
    return `http://127.0.0.1:${port}`
  }

  async function stop() {
    const closed = io.close()
    http.closeAllConnections()
    await closed
  }

  return {
    start,
    stop,
    ...messages.calls,
    url: () => `http://127.0.0.1:${port}`,
    emit: (room: string, name: string, payload?: unknown) => void io.to(room).emit(name, payload),
    /** Answers this many joins of silent rooms, the oldest first. */
    answerJoins(count: number) {
      for (const reply of unanswered.splice(0, count)) reply()
    },
    /** Sends an event without a payload. */
    emitBare: (room: string, name: string) => void io.to(room).emit(name),
    /** Sends a volatile event, which connection state recovery does not keep. */
    emitVolatile: (room: string, name: string, ...args: unknown[]) =>
      void io.volatile.to(room).emit(name, ...args),
    /** Sends the events `from` to `to` of a room at once, with the payloads `{ room, n }`. */
    emitMany(room: string, name: string, from: number, to: number) {
      for (let n = from; n <= to; n += 1) io.to(room).emit(name, { room, n })
    },
    /** The same, each with a text of `size` characters beside its number. */
    emitLarge(room: string, name: string, from: number, to: number, size: number) {
      const text = 'x'.repeat(size)
      for (let n = from; n <= to; n += 1) io.to(room).emit(name, { room, n, text })
    },
    emitBytes: (room: string, name: string, bytes: readonly number[]) =>
      void io.to(room).emit(name, Buffer.from(bytes)),
    broadcast: (name: string, payload?: unknown) => void io.emit(name, payload),
    broadcastMany(count: number, name: string, payload?: unknown) {
      for (let n = 0; n < count; n += 1) io.emit(name, payload)
    },
    /** Disconnects every client: "io server disconnect". */
    kick: () => void io.disconnectSockets(false),
    /** Breaks the transport of every client. */
    cut() {
      for (const socket of io.sockets.sockets.values()) socket.conn.close()
    },
    refuse(on: boolean) {
      refusing = on
      if (on) for (const socket of io.sockets.sockets.values()) socket.conn.close()
    },
    setVersion(next: VersionAnswer) {
      version = next
    },
    setTokens(next: readonly string[]) {
      tokens = next
    },
    setTokenStatus(next: number) {
      tokenStatus = next
    },
    forget() {
      requests.length = 0
      handshakes.length = 0
    },
    state: () => ({
      connected: io.sockets.sockets.size,
      /** The rooms of each open connection, sorted. */
      rooms: [...io.sockets.sockets.values()].map((socket) =>
        [...socket.rooms].filter((room) => room !== socket.id).sort(),
      ),
      /** Each open connection, and whether its client listens: over long polling, while a poll waits for its answer. */
      clients: [...io.sockets.sockets.values()].map(({ id, conn: { transport } }) => ({
        id,
        listens: transport.name !== 'polling' || transport.writable,
      })),
      connections,
      requests,
      handshakes,
      fetches,
    }),
  }
}

export type TestServer = ReturnType<typeof createTestServer>
