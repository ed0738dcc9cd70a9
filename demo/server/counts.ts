/** The kinds of servers that the demo runs, both at once and with the same events. */
export const KINDS = ['socketIo', 'websocket'] as const
export type Kind = (typeof KINDS)[number]

/** How a page is connected: through Partyline, or with its own sockets. */
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

/** What the pages cost the server of one kind. */
export interface KindCounts {
  readonly partyline: WayCounts
  readonly perTab: WayCounts
  /** The rooms of each Partyline socket. */
  readonly rooms: readonly (readonly string[])[]
}

export interface ServerCounts extends KindCounts {
  readonly version: string
  readonly startedAt: number
  readonly tokens: number
  /** Connections refused by the fault "Refuse sockets". */
  readonly refused: number
  /** How many errors are acknowledged. */
  readonly acknowledged: number
  /** How many acknowledgements came again, or for an error that had one. */
  readonly repeats: number
}

interface HandshakeRequest {
  readonly url?: string | undefined
}

/** The client names its way in the query of the handshake. */
export const wayOf = ({ url = '' }: HandshakeRequest): Way =>
  new URL(url, 'http://localhost').searchParams.get('by') === 'per-tab' ? 'perTab' : 'partyline'

const none = (): WayCounts => ({ sockets: 0, most: 0, handshakes: 0, joins: 0, bytes: 0 })

/** Counts sockets, handshakes, joins and bytes of each way. */
export function createCounters() {
  const counts: Record<Way, WayCounts> = { partyline: none(), perTab: none() }
  return {
    handshake(way: Way) {
      counts[way].handshakes += 1
    },
    open(way: Way) {
      counts[way].sockets += 1
      counts[way].most = Math.max(counts[way].most, counts[way].sockets)
    },
    closed(way: Way) {
      counts[way].sockets -= 1
    },
    join(way: Way) {
      counts[way].joins += 1
    },
    carry(way: Way, bytes: number) {
      counts[way].bytes += bytes
    },
    read: (): Readonly<Record<Way, WayCounts>> => counts,
  }
}
