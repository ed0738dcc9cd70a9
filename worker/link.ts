import { io, type ManagerOptions, type SocketOptions } from 'socket.io-client'
import type { Message, Rejection } from './dialect'

/** What a lost or failed connection is known by. */
export interface Loss {
  readonly reason: string
  /** Set when the server answered the handshake, and said no. */
  readonly rejection?: Rejection
}

/** What a link tells. After `dial`, exactly one of `opened` and `lost` comes; after `opened`, one `lost`. */
export interface LinkEvents {
  opened(session: { readonly recovered: boolean }): void
  lost(loss: Loss): void
  message(message: Message): void
  /** Any sign of life below messages. */
  alive(): void
}

/**
 * One connection to a server, dialled by hand: it never redials by itself. Nothing of the library underneath shows,
 * so that another kind of link can take its place.
 */
export interface Link {
  dial(credentials: { readonly token?: string }): void
  /** Ends a connection or an attempt without a farewell, so that the server keeps the session for recovery. */
  drop(): void
  /** Says goodbye: the server forgets the session. */
  hangUp(): void
  /** Only while open. */
  send(message: Message, acknowledged?: (answer: unknown) => void): void
  /** Only while open: asks the server for an answer that changes nothing. */
  probe(answered: () => void): void
}

export type SocketSettings = Partial<ManagerOptions & SocketOptions>

/** Errors of the transport carry an HTTP status as their description; a refusal of the server's carries `data`. */
interface ConnectError extends Error {
  readonly description?: unknown
  readonly data?: unknown
}

function rejectionIn(error: ConnectError): Rejection | undefined {
  if ('data' in error) return { message: error.message, data: error.data }
  const status = error.description
  return status === 401 || status === 403 ? { message: `HTTP ${status}`, data: { status } } : undefined
}

/** The namespace a probe asks for. */
const PROBE = '/partyline-probe'

/** The link to a Socket.IO server. */
export function createLink(url: string, settings: SocketSettings, events: LinkEvents): Link {
  let credentials: { readonly token?: string } = {}
  let ours = false

  const socket = io(url, {
    // WebSocket at once; long polling where something in between does not let it through.
    transports: ['websocket', 'polling'],
    tryAllTransports: true,
    ...settings,
    autoConnect: false,
    forceNew: true,
    // The pace of retries is owned by the dialer alone.
    reconnection: false,
    auth: (send) => {
      const own = settings.auth
      const add = (data: object) => send({ ...data, ...credentials })
      if (typeof own === 'function') own(add)
      else add(own ?? {})
    },
  })

  const lost = (loss: Loss) => {
    if (!ours) events.lost(loss)
  }
  socket.on('connect', () => events.opened({ recovered: socket.recovered }))
  socket.on('connect_error', (error: ConnectError) => {
    const rejection = rejectionIn(error)
    quietly(() => socket.disconnect())
    lost({ reason: error.message, ...(rejection && { rejection }) })
  })
  socket.on('disconnect', (reason) => lost({ reason }))
  socket.onAny((name: string, payload: unknown) => events.message({ name, payload }))

  socket.io.on('ping', () => events.alive())

  /** Our own hanging up is no loss. */
  function quietly(act: () => void) {
    const before = ours
    ours = true
    act()
    ours = before
  }

  return {
    dial(next) {
      credentials = next
      socket.connect()
    },
    drop: () =>
      quietly(() => {
        // `disconnect()` would tell the server to forget the session; closing what carries it does not.
        socket.io.engine?.close()
        socket.disconnect()
      }),
    hangUp: () => quietly(() => socket.disconnect()),
    send(message, acknowledged) {
      if (acknowledged) socket.emit(message.name, message.payload, acknowledged)
      else socket.emit(message.name, message.payload)
    },
    probe(answered) {
      // A namespace that does not exist: every server turns it down at once, over the connection in question.
      const probe = socket.io.socket(PROBE)
      const done = () => {
        probe.disconnect()
        answered()
      }
      probe.once('connect', done).once('connect_error', done).connect()
    },
  }
}
