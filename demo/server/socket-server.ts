import type { Server as HttpServer } from 'node:http'
import { type AcknowledgementStore, createAcknowledgements } from './acknowledgements.ts'
import type { Kind, ServerCounts } from './counts.ts'
import { createDelayQueue } from './delay-queue.ts'
import type { Faults } from './faults.ts'
import { between, errorRow, eventAt, findErrorRow } from './feed.ts'
import type { Cluster } from './redis.ts'
import { type ErrorRow, PERIODS, periodOf, WORKFLOW_PERIOD, workflowOf } from './rooms.ts'
import { createSocketIoWire } from './socket-io-wire.ts'
import type { Tokens } from './tokens.ts'
import { createWebSocketWire } from './websocket-wire.ts'
import type { Wire } from './wire.ts'

export interface SocketServerParts {
  readonly http: HttpServer
  readonly version: string
  readonly tokens: Tokens
  readonly faults: Faults
  readonly cluster: Cluster | undefined
  readonly store: AcknowledgementStore
}

const KEEPALIVE = 5000
/** How long a session of Socket.IO can be recovered, in ms. */
const RECOVERY = 120_000
/** How many events of bursts are kept for the history. */
const BURST_LIMIT = 20_000

/** The servers of both kinds, with the same rooms, events, keepalives and faults. */
export function createSocketServer({ http, version, tokens, faults, cluster, store }: SocketServerParts) {
  const startedAt = Date.now()
  const queue = createDelayQueue(faults.delay)
  const bursts: ErrorRow[] = []
  const acknowledgements = createAcknowledgements({
    store,
    find: (row) => findErrorRow(row) ?? bursts.find(({ id }) => id === row),
    onNew: (row) => emit('errors', 'acknowledged', row),
  })
  const acknowledge = acknowledgements.answer
  const wires: Readonly<Record<Kind, Wire>> = {
    socketIo: createSocketIoWire({ http, tokens, faults, queue, cluster, recovery: RECOVERY, acknowledge }),
    websocket: createWebSocketWire({ http, tokens, faults, queue, acknowledge }),
  }
  const all = Object.values(wires)
  let burstsSent = 0

  http.on('upgrade', (_, socket) => faults.track(socket))

  const emit = (room: string, type: string, data: unknown) =>
    queue.add(() => {
      for (const wire of all) wire.send(room, type, data)
    })

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
      for (const room of new Set(all.flatMap((wire) => [...wire.rooms()])))
        if (workflowOf(room) !== undefined) void sendEvent(room, tick, WORKFLOW_PERIOD)
    }),
    atTicks(KEEPALIVE, () => {
      if (faults.isMute()) return
      for (const wire of all) wire.keepAlive()
    }),
  ]

  return {
    counts: async (kind: Kind): Promise<ServerCounts> => ({
      version,
      startedAt,
      tokens: tokens.issued(),
      refused: faults.refused(),
      acknowledged: await acknowledgements.count(),
      repeats: acknowledgements.repeats(),
      ...wires[kind].counts(),
    }),
    async between(room: string, from: number, to: number) {
      const events = between(room, from, to)
      if (room !== 'errors') return events
      const extra = bursts.filter(({ at }) => at >= from && at <= to)
      return acknowledgements.mergeInto([...(events as ErrorRow[]), ...extra], from, to)
    },
    cut() {
      for (const wire of all) wire.cut()
    },
    endSessions() {
      for (const wire of all) wire.endSessions()
    },
    burst(count: number) {
      for (let n = 0; n < count; n += 1) {
        burstsSent += 1
        const row = errorRow(`burst:${startedAt}:${burstsSent}`, Date.now())
        bursts.push(row)
        emit('errors', 'error', row)
      }
      bursts.splice(0, bursts.length - BURST_LIMIT)
    },
    orderReload() {
      for (const wire of all) wire.orderReload()
    },
    async close() {
      for (const stop of stops) stop()
      queue.close()
      await Promise.all(all.map((wire) => wire.close()))
    },
  }
}

export type SocketServer = ReturnType<typeof createSocketServer>
