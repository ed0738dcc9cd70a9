import type { IncomingMessage, Server } from 'node:http'
import { type WebSocket, WebSocketServer } from 'ws'

/** The servers that docs/migration.md moves from, all at one address: an endpoint per room, one for all rooms, and Action Cable. */
export interface EndpointServer {
  /** The addresses of the open connections, without their queries. */
  open(): readonly string[]
  /** Ends every connection without a word. */
  cut(): void
  stop(): void
}

/** How often each room has an event, in ms. */
const PERIOD = 50
const ENDPOINT = /^\/(?:api\/v1\/ws|parties\/main)\/(.+)$/

/** The room, or the channel with its parameters, that a page subscribes to. */
interface Frame {
  readonly room?: string
  readonly identifier?: string
}

export function startEndpoints(http: Server, token: string): EndpointServer {
  const server = new WebSocketServer({
    noServer: true,
    handleProtocols: (offered) => (offered.has('actioncable-v1-json') ? 'actioncable-v1-json' : false),
  })
  const open = new Map<WebSocket, { readonly path: string; readonly rooms: Set<string> }>()
  let count = 0

  function welcome(socket: WebSocket, { url = '' }: IncomingMessage) {
    const { pathname: path, searchParams } = new URL(url, 'http://localhost')
    const send = (frame: unknown) => socket.send(JSON.stringify(frame))
    const isCable = path === '/cable'
    if (!isCable && searchParams.get('token') !== token) return socket.close(4401, 'invalid token')
    const own = ENDPOINT.exec(path)?.[1]
    const rooms = new Set(own === undefined ? [] : [own])
    open.set(socket, { path, rooms })
    socket.on('close', () => open.delete(socket))
    socket.on('message', (data) => {
      const { room = '', identifier = room }: Frame = JSON.parse(String(data))
      rooms.add(identifier)
      send(isCable ? { type: 'confirm_subscription', identifier } : { type: 'subscribed', room })
    })
    if (isCable) send({ type: 'welcome' })
  }

  http.on('upgrade', (request, wire, head) =>
    server.handleUpgrade(request, wire, head, (socket) => welcome(socket, request)),
  )

  const events = setInterval(() => {
    count += 1
    const data = { waiting: count, cpu: count }
    for (const [socket, { path, rooms }] of open)
      for (const room of rooms) {
        const frame =
          path === '/cable'
            ? { identifier: room, message: data }
            : { type: 'row', data, ...(path === '/ws' && { room }) }
        socket.send(JSON.stringify(frame))
        socket.send(JSON.stringify({ type: path === '/cable' ? 'ping' : 'keepalive', data: null }))
      }
  }, PERIOD)

  function cut() {
    for (const socket of open.keys()) socket.terminate()
    open.clear()
  }

  return {
    open: () => [...open.values()].map(({ path }) => path).toSorted(),
    cut,
    stop() {
      clearInterval(events)
      cut()
    },
  }
}
