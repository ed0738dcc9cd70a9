import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { createMessages } from './messages.ts'

export interface WebSocketServerOptions {
  /** Rooms whose subscriptions are denied. */
  readonly forbidden?: readonly string[]
  /** Where a token is read from. @default 'query' */
  readonly tokenIn?: 'query' | 'protocol' | 'message'
  /** Accepts only these tokens. */
  readonly tokens?: readonly string[]
  /** How another token is refused: before the WebSocket is accepted, or after it. @default 'after' */
  readonly refuses?: 'before' | 'after'
  /** The close code of a refusal. @default 4401 */
  readonly code?: number
  /**
   * Numbers the events of each room as `seq`, keeps the last ones, and sends those that a connection asks for by
   * `{ type: 'resume', positions }`, once it has answered the subscription with `recovered`.
   */
  readonly keeps?: number
  /** Sends this frame to every connection, every `every` ms. */
  readonly keepalive?: { readonly every: number; readonly frame: unknown }
}

/** The types of frames that are about the connection and its rooms. */
const OWN = ['ping', 'subscribe', 'resume', 'unsubscribe']

export interface WebSocketConnection {
  readonly token: string | undefined
  /** `subscribe x`, `unsubscribe x`, in the order they came. */
  readonly asked: string[]
  readonly rooms: Set<string>
  readonly openedAt: number
  /** The positions that it wants to resume from. */
  positions?: Readonly<Record<string, number>>
  closedAt?: number
}

/**
 * A plain WebSocket server that records every request. At `/ws` it speaks the default JSON dialect; `/room/NAME` is a room's own
 * endpoint, which sends its events to whoever connects.
 */
export function createWebSocketServer(options: WebSocketServerOptions) {
  const { forbidden = [], tokenIn = 'query', refuses = 'after', code = 4401, keepalive, keeps } = options
  const connections: WebSocketConnection[] = []
  const requests: { path: string; at: number }[] = []
  const open = new Map<WebSocket, WebSocketConnection>()
  /** The last events of each room, where they are kept. */
  const kept = new Map<string, { seq: number; frame: object }[]>()
  /** The status by which a room's endpoint refuses, before it accepts a connection. */
  const refusedRooms = new Map<string, number>()
  let { tokens } = options
  let attempts = 0
  let issued = 0
  /** The connections that neither hear nor get anything, though they stay open. */
  const silent = new Set<WebSocket>()
  const messages = createMessages()
  let port = 0
  let keepalives: ReturnType<typeof setInterval> | undefined
  let http = createServer()

  const isGood = (token: string | undefined) =>
    tokens === undefined || (token !== undefined && tokens.includes(token))

  function tokenOf(request: IncomingMessage): string | undefined {
    if (tokenIn === 'protocol') return request.headers['sec-websocket-protocol']?.split(/,\s*/).at(-1)
    return new URL(request.url ?? '/', 'http://localhost').searchParams.get('token') ?? undefined
  }

  const send = (socket: WebSocket, frame: unknown) => {
    if (!silent.has(socket)) socket.send(JSON.stringify(frame))
  }

  /** What came after the position that the connection has named; `undefined` where that is not kept any more. */
  function missedBy({ positions }: WebSocketConnection, room: string) {
    const position = positions?.[room]
    const all = kept.get(room)
    if (position === undefined || !all || (all[0]?.seq ?? 0) > position + 1) return undefined
    return all.filter(({ seq }) => seq > position)
  }

  function keep(room: string, frame: object): object {
    if (!keeps) return frame
    const all = kept.get(room) ?? []
    const seq = (all.at(-1)?.seq ?? 0) + 1
    const numbered = { ...frame, seq }
    kept.set(room, [...all, { seq, frame: numbered }].slice(-keeps))
    return numbered
  }

  function broadcast(frame: unknown) {
    for (const socket of open.keys()) send(socket, frame)
  }

  function hear(socket: WebSocket, connection: WebSocketConnection, frame: Record<string, string>) {
    if (silent.has(socket)) return
    const { type = '', room = '' } = frame
    if (type === 'ping') send(socket, { type: 'pong' })
    if (type === 'subscribe') {
      connection.asked.push(`subscribe ${room}`)
      if (forbidden.includes(room)) return send(socket, { type: 'error', room, reason: 'forbidden' })
      connection.rooms.add(room)
      const missed = missedBy(connection, room)
      send(socket, { type: 'subscribed', room, ...(missed && { recovered: true }) })
      for (const { frame } of missed ?? []) send(socket, frame)
    }
    if (type === 'resume') connection.positions = frame['positions'] as never
    if (!OWN.includes(type)) {
      const { data: payload, id } = frame
      const sent = { name: type, payload, id, connection: connections.indexOf(connection) }
      messages.hear(sent, (answer) => {
        const { error } = (answer ?? {}) as { error?: unknown }
        send(socket, { type: `${type}:answer`, id, ...(error ? { error } : { data: answer }) })
      })
    }
    if (type === 'unsubscribe') {
      connection.asked.push(`unsubscribe ${room}`)
      connection.rooms.delete(room)
    }
  }

  const roomOf = (request: IncomingMessage) => /^\/room\/([^?]+)/.exec(request.url ?? '')?.[1]

  function welcome(socket: WebSocket, token: string | undefined, room: string | undefined) {
    const connection: WebSocketConnection = {
      token,
      asked: [],
      rooms: new Set(room === undefined ? [] : [decodeURIComponent(room)]),
      openedAt: Date.now(),
    }
    connections.push(connection)
    open.set(socket, connection)
    let isIn = tokenIn !== 'message'
    if (isIn && !isGood(token)) return socket.close(code, `refused ${token}`)
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data)) as Record<string, string>
      if (isIn) return hear(socket, connection, frame)
      if (frame['type'] !== 'auth' || !isGood(frame['token'])) return socket.close(code, 'refused')
      isIn = true
      send(socket, { type: 'authenticated' })
    })
    socket.on('close', () => {
      connection.closedAt = Date.now()
      open.delete(socket)
    })
  }

  async function start() {
    http = createServer((request, response) => {
      response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
      response.setHeader('access-control-allow-credentials', 'true')
      response.setHeader('access-control-allow-headers', 'authorization')
      if (request.method === 'OPTIONS') {
        response.writeHead(204).end()
        return
      }
      requests.push({ path: request.url ?? '', at: Date.now() })
      if (request.url?.startsWith('/token')) {
        issued += 1
        response.writeHead(200, { 'content-type': 'application/json' }).end(`{"token":"token-${issued}"}`)
        return
      }
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
      const bearer = request.headers.authorization?.replace(/^Bearer /, '')
      const room = searchParams.get('room')
      if (pathname === '/room-access') response.writeHead(refusedRooms.get(room ?? '') ?? 200).end()
      else response.writeHead(pathname === '/me' && !isGood(bearer) ? 403 : 200).end()
    })
    const server = new WebSocketServer({
      noServer: true,
      handleProtocols: (protocols) => [...protocols][0] ?? false,
    })
    http.on('upgrade', (request, socket, head) => {
      attempts += 1
      const token = tokenOf(request)
      if (refuses === 'before' && !isGood(token)) {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
        return
      }
      const room = roomOf(request)
      const status = room && refusedRooms.get(decodeURIComponent(room))
      if (status) {
        socket.end(`HTTP/1.1 ${status} No\r\n\r\n`)
        return
      }
      server.handleUpgrade(request, socket, head, (accepted) => welcome(accepted, token, room))
    })
    clearInterval(keepalives)
    if (keepalive) keepalives = setInterval(() => broadcast(keepalive.frame), keepalive.every)
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(port, '127.0.0.1', resolve)
    })
    port = (http.address() as AddressInfo).port
    return `http://127.0.0.1:${port}`
  }

  return {
    start,
    ...messages.calls,
    async stop() {
      clearInterval(keepalives)
      for (const socket of open.keys()) socket.terminate()
      const closed = new Promise((resolve) => http.close(resolve))
      http.closeAllConnections()
      await closed
    },
    /** Sends a frame to the connections that have the room. */
    emit(room: string, frame: object) {
      const sent = keep(room, frame)
      for (const [socket, { rooms }] of open) if (rooms.has(room)) send(socket, sent)
    },
    broadcast,
    /** Sends text or bytes as they are. */
    sendRaw(data: string | readonly number[]) {
      for (const socket of open.keys()) socket.send(typeof data === 'string' ? data : Buffer.from(data))
    },
    /** Closes the connections that have the room, or all. */
    close(code: number, reason: string, room?: string) {
      for (const [socket, { rooms }] of open)
        if (room === undefined || rooms.has(room)) socket.close(code, reason)
    },
    /** From now on the room's endpoint answers with this status instead of a connection; with `undefined`, it accepts again. */
    refuse(room: string, status: number | undefined) {
      if (status === undefined) refusedRooms.delete(room)
      else refusedRooms.set(room, status)
    },
    /** From now on neither hears nor says anything on the connections that are open. */
    silence() {
      for (const socket of open.keys()) silent.add(socket)
    },
    setTokens(next: readonly string[]) {
      tokens = next
    },
    state: () => ({
      connected: open.size,
      attempts,
      issued,
      rooms: [...open.values()].map(({ rooms }) => [...rooms].sort()),
      connections: connections.map(({ rooms, ...connection }) => ({
        ...connection,
        rooms: [...rooms].sort(),
      })),
      requests,
    }),
  }
}

export type WebSocketTestServer = ReturnType<typeof createWebSocketServer>
