import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { createCounters, wayOf } from './counts.ts'
import type { DelayQueue } from './delay-queue.ts'
import type { Faults } from './faults.ts'
import type { Cluster } from './redis.ts'
import { periodOf } from './rooms.ts'
import type { Tokens } from './tokens.ts'
import { ACKNOWLEDGE, type Acknowledge, FORBIDDEN, UNKNOWN, type Wire } from './wire.ts'

export interface SocketIoParts {
  readonly http: HttpServer
  readonly tokens: Tokens
  readonly faults: Faults
  readonly queue: DelayQueue
  readonly cluster: Cluster | undefined
  /** How long a session can be recovered, in ms. */
  readonly recovery: number
  readonly acknowledge: Acknowledge
}

/** The payload of a join or leave. It is not validated: a client may send anything. */
type RoomRequest = { readonly room?: unknown } | null | undefined
type Answer = (answer: { readonly ok: true } | { readonly error: string }) => void

const sizeOf = (data: unknown): number => 1 + (data == null ? 0 : Buffer.byteLength(String(data)))

/** The Socket.IO server: one connection for all rooms, and sessions that can be recovered. */
export function createSocketIoWire({
  http,
  tokens,
  faults,
  queue,
  cluster,
  recovery,
  acknowledge,
}: SocketIoParts): Wire {
  const io = new Server(http, {
    connectionStateRecovery: { maxDisconnectionDuration: recovery, skipMiddlewares: false },
    destroyUpgrade: false,
    ...(cluster && { adapter: cluster.adapter }),
  })
  const counters = createCounters()

  io.engine.use((_: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (!faults.refusesSocket()) return next()
    response.writeHead(503)
    response.end()
  })
  io.engine.on('connection', (connection: Socket['conn']) => {
    const way = wayOf(connection.request)
    const add = ({ data }: { data?: unknown }) => counters.carry(way, sizeOf(data))
    connection.on('packet', add)
    connection.on('packetCreate', add)
  })

  io.use((socket, next) => {
    counters.handshake(wayOf(socket.request))
    const refusal = tokens.refusalOf(socket.handshake.auth['token'])
    next(refusal === undefined ? undefined : Object.assign(new Error(refusal), { data: { status: 401 } }))
  })

  async function join(socket: Socket, room: unknown, callback: unknown) {
    const answer = typeof callback === 'function' ? (callback as Answer) : undefined
    counters.join(wayOf(socket.request))
    if (typeof room === 'string' && periodOf(room) !== undefined) {
      await socket.join(room)
      answer?.({ ok: true })
      // A session can be recovered only after it has received an event. This is the first.
      socket.emit('room_joined', { room })
    } else answer?.({ error: room === 'vault' ? FORBIDDEN : UNKNOWN })
  }

  io.on('connection', (socket) => {
    const way = wayOf(socket.request)
    counters.open(way)
    socket.once('disconnect', () => counters.closed(way))
    socket.use((_, next) => queue.add(next))
    socket.on(
      'join_room',
      (request: RoomRequest, callback: unknown) => void join(socket, request?.room, callback),
    )
    socket.on('leave_room', (request: RoomRequest) => void socket.leave(String(request?.room)))
    // A message that the page keeps until it is answered has an id before the callback. Here the error's id serves as well.
    socket.on(ACKNOWLEDGE, async (request: unknown, ...more: readonly unknown[]) => {
      const answer = await acknowledge(request)
      const callback = more.at(-1)
      if (typeof callback === 'function') callback(answer)
    })
  })

  return {
    send: (room, type, data) => void io.to(room).emit('update', { room, type, data }),
    keepAlive: () => void io.local.emit('message', { type: 'keepalive', data: null }),
    orderReload: () => void io.emit('reload', { message: 'Ordered in the fault panel' }),
    rooms: () => io.of('/').adapter.rooms.keys(),
    counts: () => ({
      ...counters.read(),
      rooms: [...io.sockets.sockets.values()]
        .filter(({ request }) => wayOf(request) === 'partyline')
        .map(({ id, rooms }) => [...rooms].filter((room) => room !== id).sort()),
    }),
    cut() {
      for (const { conn } of io.sockets.sockets.values()) conn.close()
    },
    endSessions: () => io.local.disconnectSockets(true),
    close: () => io.close(),
  }
}
