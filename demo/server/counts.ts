import type { Server, Socket } from 'socket.io'

/** How a page is connected: through Partyline, or with its own socket. */
export type Way = 'partyline' | 'perTab'

/** What the pages of one way cost the server since it started. */
export interface WayCounts {
  sockets: number
  /** The most sockets at once. */
  most: number
  handshakes: number
  joins: number
  /** Of all messages, in both directions. */
  bytes: number
}

export interface ServerCounts {
  readonly version: string
  readonly startedAt: number
  readonly tokens: number
  /** Connections refused by the fault "Refuse sockets". */
  readonly refused: number
  readonly partyline: WayCounts
  readonly perTab: WayCounts
  /** The rooms of each Partyline socket. */
  readonly rooms: readonly (readonly string[])[]
}

interface HandshakeRequest {
  readonly url?: string | undefined
}

/** The client names its way in the query of the handshake. */
const wayOf = ({ url = '' }: HandshakeRequest): Way =>
  new URL(url, 'http://localhost').searchParams.get('by') === 'per-tab' ? 'perTab' : 'partyline'

const sizeOf = (data: unknown): number => 1 + (data == null ? 0 : Buffer.byteLength(String(data)))

/** Counts sockets, handshakes, joins and bytes. */
export function createCounters(io: Server) {
  const counts: Record<Way, WayCounts> = {
    partyline: { sockets: 0, most: 0, handshakes: 0, joins: 0, bytes: 0 },
    perTab: { sockets: 0, most: 0, handshakes: 0, joins: 0, bytes: 0 },
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
      count.most = Math.max(count.most, count.sockets)
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

export type Counters = ReturnType<typeof createCounters>
