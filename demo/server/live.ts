import type { Server as HttpServer, IncomingMessage, ServerResponse } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { type Census, createCounts } from './census.ts'
import type { Faults } from './faults.ts'
import { between, errorRow, eventAt } from './feed.ts'
import { createLane } from './lane.ts'
import type { Cluster } from './redis.ts'
import { type ErrorRow, PERIODS, periodOf, WORKFLOW_PERIOD, workflowOf } from './rooms.ts'
import type { Tokens } from './tokens.ts'

export interface LiveParts {
  readonly http: HttpServer
  readonly version: string
  readonly tokens: Tokens
  readonly faults: Faults
  readonly cluster: Cluster | undefined
}

const KEEPALIVE = 5000
/** How long a session is kept for recovery. */
const KEPT = 120_000
/** How many events of bursts are remembered, for gaps to be filled from. */
const BURSTS = 20_000
const FORBIDDEN = 'Only the night shift may open the vault.'

/** What a client asks for: it may be anything. */
type Wish = { readonly room?: unknown } | null | undefined
type Answer = (answer: { readonly ok: true } | { readonly error: string }) => void

/** The dashboard's live side: handshakes, rooms, their events, keepalives. */
export function createLive({ http, version, tokens, faults, cluster }: LiveParts) {
  const startedAt = Date.now()
  const io = new Server(http, {
    connectionStateRecovery: { maxDisconnectionDuration: KEPT, skipMiddlewares: false },
    destroyUpgrade: false,
    ...(cluster && { adapter: cluster.adapter }),
  })
  const counts = createCounts(io)
  const lane = createLane(faults.delay)
  const bursts: ErrorRow[] = []
  let burstsSent = 0

  http.on('upgrade', (_, socket) => faults.track(socket))
  io.engine.use((_: IncomingMessage, response: ServerResponse, next: () => void) => {
    if (!faults.turnsAway()) return next()
    response.writeHead(503)
    response.end()
  })

  io.use((socket, next) => {
    counts.handshake(socket)
    const complaint = tokens.complaint(socket.handshake.auth['token'])
    next(complaint === undefined ? undefined : Object.assign(new Error(complaint), { data: { status: 401 } }))
  })

  async function join(socket: Socket, room: unknown, acknowledge: unknown) {
    const answer = typeof acknowledge === 'function' ? (acknowledge as Answer) : undefined
    counts.join(socket)
    if (typeof room === 'string' && periodOf(room) !== undefined) {
      await socket.join(room)
      answer?.({ ok: true })
      // Recovery needs an event to start from: the answer to a join is one.
      socket.emit('room_joined', { room })
    } else answer?.({ error: room === 'vault' ? FORBIDDEN : 'There is no such room.' })
  }

  io.on('connection', (socket) => {
    counts.open(socket)
    socket.use((_, next) => lane.add(next))
    socket.on('join_room', (wish: Wish, acknowledge: unknown) => void join(socket, wish?.room, acknowledge))
    socket.on('leave_room', (wish: Wish) => void socket.leave(String(wish?.room)))
  })

  // ── What is sent ───────────────────────────────────────────────────────────────────────────────────────────

  const emit = (room: string, type: string, data: unknown) =>
    lane.add(() => io.to(room).emit('update', { room, type, data }))

  async function tell(room: string, tick: number, period: number) {
    if (cluster && !(await cluster.claim(room, tick))) return
    const { type, data } = eventAt(room, tick, period)
    emit(room, type, data)
  }

  /** Calls at each multiple of `period`, and for those that a busy moment has missed. */
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

  /** What happened while no server was there belongs to sessions that outlive it. */
  async function catchUp() {
    for (const [room, last] of (await cluster?.last()) ?? []) {
      const period = periodOf(room)
      if (period === undefined) continue
      const now = Math.floor(Date.now() / period)
      for (let tick = Math.max(last + 1, now - Math.floor(KEPT / period)); tick <= now; tick += 1)
        await tell(room, tick, period)
    }
  }
  void catchUp().catch((error: Error) => console.error(`Redis: ${error.message}`))

  const stops = [
    ...Object.entries(PERIODS).map(([room, period]) =>
      atTicks(period, (tick) => void tell(room, tick, period)),
    ),
    atTicks(WORKFLOW_PERIOD, (tick) => {
      for (const room of io.of('/').adapter.rooms.keys())
        if (workflowOf(room) !== undefined) void tell(room, tick, WORKFLOW_PERIOD)
    }),
    atTicks(KEEPALIVE, () => {
      if (!faults.isMute()) io.local.emit('message', { type: 'keepalive', data: null })
    }),
  ]

  return {
    census: (): Census => ({
      version,
      startedAt,
      tokens: tokens.issued(),
      turnedAway: faults.turnedAway(),
      ...counts.read(),
    }),
    between(room: string, from: number, to: number) {
      const extra = room === 'errors' ? bursts.filter(({ at }) => at >= from && at <= to) : []
      return [...between(room, from, to), ...extra]
    },
    /** Breaks every connection without a farewell. */
    cut() {
      for (const { conn } of io.sockets.sockets.values()) conn.close()
    },
    /** Ends every connection with a farewell: the session is over. */
    dismiss: () => io.local.disconnectSockets(true),
    burst(count: number) {
      for (let n = 0; n < count; n += 1) {
        burstsSent += 1
        const row = errorRow(`burst:${startedAt}:${burstsSent}`, Date.now())
        bursts.push(row)
        emit('errors', 'error', row)
      }
      bursts.splice(0, bursts.length - BURSTS)
    },
    orderReload: () => void io.emit('reload', { message: 'Ordered from the fault panel' }),
    async close() {
      for (const stop of stops) stop()
      lane.close()
      await io.close()
    },
  }
}

export type Live = ReturnType<typeof createLive>
