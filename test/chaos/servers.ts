import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'
import { createTestServer } from '../support/server'
import type { Inbox } from './inbox'
import { VOLATILE } from './judge'
import { MARK, type Mark } from './marks'

export const LINKS = ['socket-io', 'websocket', 'endpoints'] as const
/** How the workers talk to the server: `endpoints` is a WebSocket per room. */
export type LinkKind = (typeof LINKS)[number]

/** The server that the faults happen to. */
export interface ChaosServer {
  start(): Promise<string>
  stop(): Promise<void>
  /** Sends the event with this number to a room. */
  emit(room: string, n: number): void
  /** Sends an event without a number to a room, and never again. */
  emitVolatile(room: string): void
  keepalive(): void
  /** Ends every connection, as a server does that means it. */
  kick(): void
  /** Breaks every connection. */
  cut(): void
  /** Breaks every connection, and refuses new ones. */
  refuse(on: boolean): void
  /** The rooms of each connection whose client is there. */
  rooms(): readonly (readonly string[])[]
}

/** How long a client takes at most from one long poll to the next, in ms. */
const BETWEEN_POLLS = 300

function createSocketIoServer(recovery: boolean, inbox: Inbox): ChaosServer {
  const server = createTestServer({
    recovery,
    // Otherwise browsers repeat a poll whose answer was lost, and its events are missing without a gap.
    refusesRepeats: true,
    hear: ({ payload, id }, reply) => inbox.take(payload as Mark, id, reply),
  })
  /** Since when clients have not listened. One that goes between two polls is noticed by the ping timeout alone, after 45 s. */
  const quietSince = new Map<string, number>()
  function isThere({ id, listens }: { readonly id: string; readonly listens: boolean }): boolean {
    const since = quietSince.get(id) ?? Date.now()
    if (listens) quietSince.delete(id)
    else quietSince.set(id, since)
    return listens || Date.now() - since < BETWEEN_POLLS
  }
  return {
    ...server,
    emit: (room, n) => server.emit(room, 'row', { room, n }),
    emitVolatile: (room) => server.emitVolatile(room, room, VOLATILE),
    keepalive: () => server.broadcast('keepalive'),
    rooms() {
      const { rooms, clients } = server.state()
      const there = clients.map(isThere)
      return rooms.filter((_, index) => there[index])
    },
  }
}

/** How many events of each room are kept for those who missed them. */
const HISTORY = 500

/**
 * A plain WebSocket server. At `/` it speaks the default JSON dialect, and `/room/NAME` is the room's own endpoint. It keeps
 * the last events of each room until it is restarted: after a `resume` with positions, `subscribed` says whether the room's
 * missed events follow.
 */
function createWebSocketServer(inbox: Inbox): ChaosServer {
  const open = new Map<WebSocket, Set<string>>()
  /** The frames of each room since the start, by their numbers. */
  const history = new Map<string, Map<number, string>>()
  let http = createServer()
  let isRefusing = false
  let port = 0

  function send(room: string, frame: string) {
    for (const [socket, rooms] of open) if (rooms.has(room)) socket.send(frame)
  }

  function subscribe(socket: WebSocket, rooms: Set<string>, room: string, position: number | undefined) {
    const kept = history.get(room)
    const recovered =
      position !== undefined && (kept?.has(position) === true || kept?.has(position + 1) === true)
    rooms.add(room)
    socket.send(JSON.stringify({ type: 'subscribed', room, recovered }))
    if (recovered) for (const [n, frame] of kept ?? []) if (n > position) socket.send(frame)
  }

  function welcome(socket: WebSocket, request: IncomingMessage) {
    const own = /^\/room\/([^?]+)/.exec(request.url ?? '')?.[1]
    const rooms = new Set(own === undefined ? [] : [decodeURIComponent(own)])
    let positions: Readonly<Record<string, number>> = {}
    open.set(socket, rooms)
    socket.on('message', (data) => {
      const frame = JSON.parse(String(data))
      if (frame.type === 'resume') positions = frame.positions
      if (frame.type === 'subscribe') subscribe(socket, rooms, frame.room, positions[frame.room])
      if (frame.type === 'unsubscribe') rooms.delete(frame.room)
      if (frame.type === MARK) {
        const { id, data: mark } = frame as { id: string; data: Mark }
        // Every frame that is answered has an id. A page's own is in its payload, too.
        inbox.take(mark, mark.isKept ? id : undefined, (answer) =>
          socket.send(JSON.stringify({ type: 'answer', id, ...answer })),
        )
      }
    })
    socket.on('close', () => open.delete(socket))
  }

  function cut() {
    for (const socket of open.keys()) socket.terminate()
  }

  return {
    async start() {
      history.clear()
      http = createServer((request, response) => {
        response.writeHead(200, { 'access-control-allow-origin': request.headers.origin ?? '*' }).end()
      })
      const server = new WebSocketServer({ noServer: true })
      http.on('upgrade', (request, socket, head) => {
        if (isRefusing) socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n')
        else server.handleUpgrade(request, socket, head, (accepted) => welcome(accepted, request))
      })
      await new Promise<void>((resolve, reject) => {
        http.once('error', reject)
        http.listen(port, '127.0.0.1', resolve)
      })
      port = (http.address() as AddressInfo).port
      return `http://127.0.0.1:${port}`
    },
    async stop() {
      cut()
      const closed = new Promise((resolve) => http.close(resolve))
      http.closeAllConnections()
      await closed
    },
    emit(room, n) {
      const frame = JSON.stringify({ type: 'row', room, data: { n } })
      const kept = history.get(room) ?? new Map<number, string>()
      history.set(room, kept.set(n, frame))
      kept.delete(n - HISTORY)
      send(room, frame)
    },
    emitVolatile: (room) => send(room, JSON.stringify({ type: 'note', room, data: VOLATILE })),
    keepalive() {
      for (const socket of open.keys()) socket.send('{"type":"keepalive"}')
    },
    kick() {
      for (const socket of open.keys()) socket.close(1001)
    },
    cut,
    refuse(on) {
      isRefusing = on
      if (on) cut()
    },
    rooms: () => [...open.values()].map((rooms) => [...rooms]),
  }
}

export const createChaosServer = (link: LinkKind, recovery: boolean, inbox: Inbox): ChaosServer =>
  link === 'socket-io' ? createSocketIoServer(recovery, inbox) : createWebSocketServer(inbox)
