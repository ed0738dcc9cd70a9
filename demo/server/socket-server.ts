import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { createCounters, type ServerCounts } from './counts.ts'
import { createDelayQueue } from './delay-queue.ts'
import type { Faults } from './faults.ts'
import { between, errorRow, eventAt } from './feed.ts'
import type { Cluster } from './redis.ts'
import { type ErrorRow, PERIODS, periodOf, WORKFLOW_PERIOD, workflowOf } from './rooms.ts'
import type { Tokens } from './tokens.ts'

export interface SocketServerParts {
  readonly http: HttpServer
  readonly version: string
  readonly tokens: Tokens
  readonly faults: Faults
  readonly cluster: Cluster | undefined
}

const KEEPALIVE = 5000
/** How long a session can be recovered, in ms. */
const RECOVERY = 120_000
/** How many events of bursts are kept for the history. */
const BURST_LIMIT = 20_000
const FORBIDDEN = 'Only the night shift may open the vault.'

/** The payload of a join or leave. It is not validated: a client may send anything. */
type RoomRequest = { readonly room?: unknown } | null | undefined
type Answer = (answer: { readonly ok: true } | { readonly error: string }) => void

/** The Socket.IO server: handshakes, rooms, their events, and keepalives. */
export function createSocketServer({ http, version, tokens, faults, cluster }: SocketServerParts) {
  const startedAt = Date.now()
  const io = new Server(http, {
    connectionStateRecovery: { maxDisconnectionDuration: RECOVERY, skipMiddlewares: false },
    destroyUpgrade: false,
    ...(cluster && { adapter: cluster.adapter }),
  })
  const counters = createCounters(io)
  const queue = createDelayQueue(faults.delay)
  const bursts: ErrorRow[] = []
  let burstsSent = 0

  http.on('upgrade', (_, socket) => faults.track(socket))
  io.engine.use((_: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (!faults.refusesSocket()) return next()
    response.writeHead(503)
    response.end()
  })

  io.use((socket, next) => {
    counters.handshake(socket)
    const refusal = tokens.refusalOf(socket.handshake.auth['token'])
    next(refusal === undefined ? undefined : Object.assign(new Error(refusal), { data: { status: 401 } }))
  })

  async function join(socket: Socket, room: unknown, acknowledge: unknown) {
    const answer = typeof acknowledge === 'function' ? (acknowledge as Answer) : undefined
    counters.join(socket)
    if (typeof room === 'string' && periodOf(room) !== undefined) {
      await socket.join(room)
      answer?.({ ok: true })
      // A session can be recovered only after it has received an event. This is the first.
      socket.emit('room_joined', { room })
    } else answer?.({ error: room === 'vault' ? FORBIDDEN : 'There is no such room.' })
  }

  io.on('connection', (socket) => {
    counters.open(socket)
    socket.use((_, next) => queue.add(next))
    socket.on(
      'join_room',
      (request: RoomRequest, acknowledge: unknown) => void join(socket, request?.room, acknowledge),
    )
    socket.on('leave_room', (request: RoomRequest) => void socket.leave(String(request?.room)))
  })

  const emit = (room: string, type: string, data: unknown) =>
    queue.add(() => io.to(room).emit('update', { room, type, data }))

  async function sendEvent(room: string, tick: number, period: number) {
    if (cluster && !(await cluster.claim(room, tick))) return
    const { type, data } = eventAt(room, tick, period)
    emit(room, type, data)
  }

  /** Calls `act` at each multiple of `period`. Ticks that the process was too busy for are made up for. */
  function atTicks(period: number, act: (tick: number) => void): () => void {
    let last = Math.floor(Date.now() / period)
    let timer: ReturnType<typeof setTimeout>
    const run = () => {
      const now = Math.floor(Date.now() / period)
      while (last < now) {
        last += 1
        act(last)
      }
      timer = setTimeout(run, (last + 1) * period - Date.now())
    }
    run()
    return () => clearTimeout(timer)
  }

  /** Sends the events of the time when no server ran, for sessions that have outlived the last one. */
  async function sendMissed() {
    for (const [room, last] of (await cluster?.last()) ?? []) {
      const period = periodOf(room)
      if (period === undefined) continue
      const now = Math.floor(Date.now() / period)
      for (let tick = Math.max(last + 1, now - Math.floor(RECOVERY / period)); tick <= now; tick += 1)
        await sendEvent(room, tick, period)
    }
  }
  void sendMissed().catch((error: Error) => console.error(`Redis: ${error.message}`))

  const stops = [
    ...Object.entries(PERIODS).map(([room, period]) =>
      atTicks(period, (tick) => void sendEvent(room, tick, period)),
    ),
    atTicks(WORKFLOW_PERIOD, (tick) => {
      for (const room of io.of('/').adapter.rooms.keys())
        if (workflowOf(room) !== undefined) void sendEvent(room, tick, WORKFLOW_PERIOD)
    }),
    atTicks(KEEPALIVE, () => {
      if (!faults.isMute()) io.local.emit('message', { type: 'keepalive', data: null })
    }),
  ]

  return {
    counts: (): ServerCounts => ({
      version,
      startedAt,
      tokens: tokens.issued(),
      refused: faults.refused(),
      ...counters.read(),
    }),
    between(room: string, from: number, to: number) {
      const extra = room === 'errors' ? bursts.filter(({ at }) => at >= from && at <= to) : []
      return [...between(room, from, to), ...extra]
    },
    /** Closes every connection, but not its session: the client can recover it. */
    cut() {
      for (const { conn } of io.sockets.sockets.values()) conn.close()
    },
    /** Disconnects every socket: its session cannot be recovered. */
    endSessions: () => io.local.disconnectSockets(true),
    burst(count: number) {
      for (let n = 0; n < count; n += 1) {
        burstsSent += 1
        const row = errorRow(`burst:${startedAt}:${burstsSent}`, Date.now())
        bursts.push(row)
        emit('errors', 'error', row)
      }
      bursts.splice(0, bursts.length - BURST_LIMIT)
    },
    orderReload: () => void io.emit('reload', { message: 'Ordered in the fault panel' }),
    async close() {
      for (const stop of stops) stop()
      queue.close()
      await io.close()
    },
  }
}

export type SocketServer = ReturnType<typeof createSocketServer>
