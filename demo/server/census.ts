import type { Server, Socket } from 'socket.io'

/** How a page is connected: through Partyline, or by a socket of its own. */
export type Way = 'partyline' | 'usual'

/** What one way costs the server, counted since it was started. */
export interface Count {
  sockets: number
  handshakes: number
  joins: number
  /** Of all messages, both directions. */
  bytes: number
}

export interface Census {
  readonly version: string
  readonly startedAt: number
  readonly tokens: number
  /** Connections that were turned away while sockets are refused. */
  readonly turnedAway: number
  readonly partyline: Count
  readonly usual: Count
  /** The rooms of each of Partyline's sockets. */
  readonly rooms: readonly (readonly string[])[]
}

interface Asked {
  readonly url?: string | undefined
}

/** The client says so itself, in the address it dials. */
const wayOf = ({ url = '' }: Asked): Way =>
  new URL(url, 'http://localhost').searchParams.get('by') === 'usual' ? 'usual' : 'partyline'

const sizeOf = (data: unknown): number => 1 + (data == null ? 0 : Buffer.byteLength(String(data)))

/** Counts what comes in and goes out. */
export function createCounts(io: Server) {
  const counts: Record<Way, Count> = {
    partyline: { sockets: 0, handshakes: 0, joins: 0, bytes: 0 },
    usual: { sockets: 0, handshakes: 0, joins: 0, bytes: 0 },
  }

  io.engine.on('connection', (connection: Socket['conn']) => {
    const count = counts[wayOf(connection.request)]
    const add = ({ data }: { data?: unknown }) => {
      count.bytes += sizeOf(data)
    }
    connection.on('packet', add)
    connection.on('packetCreate', add)
  })

  return {
    handshake(socket: Socket) {
      counts[wayOf(socket.request)].handshakes += 1
    },
    open(socket: Socket) {
      const count = counts[wayOf(socket.request)]
      count.sockets += 1
      socket.once('disconnect', () => {
        count.sockets -= 1
      })
    },
    join(socket: Socket) {
      counts[wayOf(socket.request)].joins += 1
    },
    read: () => ({
      ...counts,
      rooms: [...io.sockets.sockets.values()]
        .filter(({ request }) => wayOf(request) === 'partyline')
        .map(({ id, rooms }) => [...rooms].filter((room) => room !== id).sort()),
    }),
  }
}

export type Counts = ReturnType<typeof createCounts>
