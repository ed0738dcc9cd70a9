import type { Server as HttpServer, ServerResponse } from 'node:http'
import { Server, type Socket } from 'socket.io'
import { createFeed } from './feed.ts'

/** What the server counts, so that the page can show it. */
export interface Census {
  readonly sockets: number
  readonly handshakes: number
  readonly joins: number
  readonly events: number
  readonly rooms: readonly (readonly string[])[]
}

/** Rooms nobody may join, so that a denied panel can be seen. */
const FORBIDDEN = new Set(['secrets'])
const KEEPALIVE = 5000

/** The dashboard's live side: rooms, their data, keepalives, and ways to make it misbehave. */
export function createDashboard(http: HttpServer) {
  const feed = createFeed(42)
  let version = 'v1'
  let away = false
  let handshakes = 0
  let joins = 0
  let events = 0

  const io = new Server(http, {
    connectionStateRecovery: { maxDisconnectionDuration: 120_000, skipMiddlewares: true },
    destroyUpgrade: false,
  })
  io.engine.use((_: unknown, response: ServerResponse, next: () => void) => {
    if (!away) return next()
    response.writeHead(503)
    response.end()
  })

  function emit(room: string, type: string, data: unknown) {
    events += 1
    io.to(room).emit('update', { room, type, data })
  }

  io.on('connection', (socket: Socket) => {
    handshakes += 1
    // Recovery needs an event to start from: the answer to a join is one.
    socket.on('join_room', async ({ room }: { room: string }, acknowledge?: (answer: unknown) => void) => {
      joins += 1
      if (typeof room !== 'string' || FORBIDDEN.has(room)) {
        acknowledge?.({ error: 'Only the night shift may see this.' })
        return
      }
      await socket.join(room)
      acknowledge?.({ ok: true })
      socket.emit('room_joined', { room })
    })
    socket.on('leave_room', ({ room }: { room: string }) => void socket.leave(room))
  })

  const every = (ms: number, act: () => void) => setInterval(() => !away && act(), ms)
  const timers = [
    every(1000, () => emit('stats', 'stats', feed.stats())),
    every(2600, () => emit('activity', 'activity', feed.activity())),
    every(1900, () => emit('errors', 'error', feed.error())),
    every(700, () => emit('tmux', 'line', feed.tmux())),
    every(1500, () => emit('queue', 'job', feed.job())),
    every(1300, () => emit('nodes', 'nodes', feed.nodes())),
    every(2000, () => {
      for (const room of io.of('/').adapter.rooms.keys()) {
        const [, id] = /^adw-state\/(.+)$/.exec(room) ?? []
        if (id !== undefined) emit(room, 'step', feed.workflow(id))
      }
    }),
    every(KEEPALIVE, () => void io.emit('message', { type: 'keepalive', data: null })),
  ]

  const cut = () => {
    for (const socket of io.sockets.sockets.values()) socket.conn.close()
  }

  return {
    version: () => version,
    census: (): Census => ({
      sockets: io.sockets.sockets.size,
      handshakes,
      joins,
      events,
      rooms: [...io.sockets.sockets.values()].map(({ id, rooms }) =>
        [...rooms].filter((room) => room !== id).sort(),
      ),
    }),
    /** Sockets are refused for so many seconds, while HTTP goes on answering. */
    stop(seconds: number) {
      away = true
      cut()
      setTimeout(() => {
        away = false
      }, seconds * 1000).unref()
    },
    kick: () => void io.disconnectSockets(false),
    cut,
    burst(count: number) {
      for (let n = 0; n < count; n += 1) emit('errors', 'error', feed.error())
    },
    deploy() {
      version = `v${Number(version.slice(1)) + 1}`
      cut()
    },
    broadcastReload: () => void io.emit('reload', { version, message: 'Ordered from the fault panel' }),
    async close() {
      for (const timer of timers) clearInterval(timer)
      await io.close()
    },
  }
}

export type DashboardServer = ReturnType<typeof createDashboard>
