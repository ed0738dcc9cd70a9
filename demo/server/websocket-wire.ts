import type { Server as HttpServer } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'
import { createCounters, type Way, wayOf } from './counts.ts'
import type { DelayQueue } from './delay-queue.ts'
import type { Faults } from './faults.ts'
import { periodOf } from './rooms.ts'
import type { Tokens } from './tokens.ts'
import { ACKNOWLEDGE, type Acknowledge, FORBIDDEN, UNKNOWN, type Wire } from './wire.ts'

export interface WebSocketParts {
  readonly http: HttpServer
  readonly tokens: Tokens
  readonly faults: Faults
  readonly queue: DelayQueue
  readonly acknowledge: Acknowledge
}

/** A frame of a page. It is not validated: a client may send anything. */
type Frame = { readonly type?: unknown; readonly data?: unknown; readonly id?: unknown } | null

/** An open connection: what it carries, and whose it is. */
interface Endpoint {
  readonly room: string
  readonly way: Way
  /** Whether the browser has answered the last ping. */
  isAlive: boolean
}

/** How often browsers are pinged, in ms. One that has not answered by the next ping is gone. */
const PING = 20_000
const PATH = '/api/v1/ws/'
/** The longest frame of a page, in bytes. */
const LARGEST = 4096

function parse(text: string): Frame {
  try {
    return JSON.parse(text) as Frame
  } catch {
    return null
  }
}

/** A server as FastAPI apps have it: an endpoint per room, which sends JSON frames `{ type, data }`, and the token in the query. */
export function createWebSocketWire({ http, tokens, faults, queue, acknowledge }: WebSocketParts): Wire {
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST })
  const counters = createCounters()
  const open = new Map<WebSocket, Endpoint>()

  /** Why a connection is closed as soon as it is accepted. */
  function refusalOf(
    room: string,
    token: string | null,
  ): readonly [code: number, reason: string] | undefined {
    const refusal = tokens.refusalOf(token)
    if (refusal !== undefined) return [4401, refusal]
    if (room === 'vault') return [4403, FORBIDDEN]
    return periodOf(room) === undefined ? [4404, UNKNOWN] : undefined
  }

  async function receive(socket: WebSocket, way: Way, text: string) {
    counters.carry(way, Buffer.byteLength(text))
    const frame = parse(text)
    if (frame?.type !== ACKNOWLEDGE) return
    const answer = await acknowledge(frame.data)
    const data = 'error' in answer ? answer : { data: answer }
    const reply = JSON.stringify({ type: 'answer', id: frame.id, ...data })
    socket.send(reply)
    counters.carry(way, Buffer.byteLength(reply))
  }

  http.on('upgrade', (request, wire, head) => {
    const address = `http://localhost${request.url}`
    const { pathname, searchParams } = new URL(URL.canParse(address) ? address : 'http://localhost')
    if (!pathname.startsWith(PATH)) return
    wire.on('error', () => wire.destroy())
    if (faults.refusesSocket()) {
      wire.end('HTTP/1.1 503 Service Unavailable\r\n\r\n')
      return
    }
    server.handleUpgrade(request, wire, head, (socket) => {
      const way = wayOf(request)
      const room = pathname.slice(PATH.length)
      socket.on('error', () => socket.terminate())
      counters.handshake(way)
      const refusal = refusalOf(room, searchParams.get('token'))
      if (refusal) return socket.close(...refusal)
      counters.open(way)
      counters.join(way)
      const endpoint: Endpoint = { room, way, isAlive: true }
      open.set(socket, endpoint)
      socket.on('message', (data) => queue.add(() => void receive(socket, way, String(data))))
      socket.on('pong', () => {
        endpoint.isAlive = true
      })
      socket.once('close', () => {
        counters.closed(way)
        open.delete(socket)
      })
    })
  })

  function broadcast(frame: unknown, to: (room: string) => boolean = () => true) {
    const text = JSON.stringify(frame)
    for (const [socket, { room, way }] of open) {
      if (!to(room)) continue
      socket.send(text)
      counters.carry(way, Buffer.byteLength(text))
    }
  }

  const pings = setInterval(() => {
    for (const [socket, endpoint] of open) {
      if (!endpoint.isAlive) socket.terminate()
      endpoint.isAlive = false
      socket.ping()
    }
  }, PING)

  return {
    send: (to, type, data) => broadcast({ type, data }, (room) => room === to),
    keepAlive: () => broadcast({ type: 'keepalive', data: null }),
    orderReload: () => broadcast({ type: 'reload', payload: { message: 'Ordered in the fault panel' } }),
    rooms: () => new Set([...open.values()].map(({ room }) => room)),
    counts: () => ({
      ...counters.read(),
      rooms: [...open.values()]
        .filter(({ way }) => way === 'partyline')
        .map(({ room }) => [room])
        .sort(),
    }),
    cut() {
      for (const socket of open.keys()) socket.terminate()
    },
    endSessions() {
      for (const socket of open.keys()) socket.close(4401, 'expired token')
    },
    async close() {
      clearInterval(pings)
      // As uvicorn does when it is stopped.
      for (const socket of open.keys()) socket.close(1012, 'service restart')
      server.close()
    },
  }
}
