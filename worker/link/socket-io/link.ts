import { io, type ManagerOptions, type SocketOptions } from 'socket.io-client'
import type { Rejection } from '../../dialect/dialect'
import type { Arrival, Credentials, Link, LinkEvents, Loss } from '../link'
import { arrivalOf } from './arrival'
import {
  afterUpgrade,
  type ConnectError,
  cut,
  dialOver,
  onPacket,
  probe,
  type Raw,
  rememberingParser,
  resumption,
  transportOf,
} from './internals'
import { createPositionReader, type PositionReader } from './position'

export type SocketSettings = Partial<ManagerOptions & SocketOptions>

function rejectionIn(error: ConnectError): Rejection | undefined {
  if ('data' in error) return { message: error.message, data: error.data }
  const status = error.description
  return status === 401 || status === 403 ? { message: `HTTP ${status}`, data: { status } } : undefined
}

/**
 * A WebSocket at once; long polling where something in between lets none through. A poll's answer that is lost on its way
 * is lost in silence: the browser repeats the request by itself, and the server has gone on. So a poll only opens the way,
 * and nothing is said over it while a WebSocket may still follow.
 */
const DIRECT = ['websocket']
const DETOUR = ['polling', 'websocket']
/** How many attempts go by before the detour: at first, and where WebSockets went through before. */
const EAGER = 1
const PATIENT = 10
/** How long a WebSocket may take that follows a poll, in ms. Where the server offers none, the handshake waits for so long. */
const FOLLOW = 1000

/** The link to a Socket.IO server. */
export function createLink(url: string, settings: SocketSettings, events: LinkEvents): Link {
  let credentials: Credentials = {}
  let session: string | undefined
  let positions: PositionReader | undefined
  /** Whether the server keeps the session as it was when the last connection, an earlier worker's perhaps, broke. */
  let isKept = true
  let ours = false
  /** How many attempts are still to go by before the detour. */
  let patience = EAGER
  let transports = DIRECT

  const socket = io(url, {
    transports: DIRECT,
    tryAllTransports: true,
    parser: rememberingParser,
    ...settings,
    autoConnect: false,
    forceNew: true,
    // The pace of retries is owned by the dialer alone.
    reconnection: false,
    // Acknowledgements would come in another form, and one that is missing would hold up all that follows.
    ackTimeout: undefined as never,
    retries: 0,
    auth: (send) => {
      const own = settings.auth
      const { token } = credentials
      // Otherwise it may give back what an earlier end has left, without the rooms joined since; and when it notices
      // the end of the old connection, it takes the rooms of the new one away.
      const last = isKept ? credentials.session : undefined
      // The client's own memory of the session would end with this worker, so it is ours that is sent.
      const ours = { ...(token !== undefined && { token }), ...resumption(last) }
      const add = (data: object) => settle(() => send({ ...data, ...ours }))
      if (typeof own === 'function') own(add)
      else add(own ?? {})
    },
  })

  const { io: manager } = socket
  const lost = (loss: Loss) => {
    if (!ours) events.lost(loss)
  }
  const arrival = (packet: Raw): Arrival => arrivalOf(packet, positions)
  /** What came before the handshake was answered. */
  let early: Raw[] = []
  onPacket(manager, new URL(url).pathname, {
    connected(next) {
      if (next !== session) positions = next === undefined ? undefined : createPositionReader()
      session = next
    },
    event(packet) {
      if (socket.connected) events.message(arrival(packet))
      else early.push(packet)
    },
  })
  socket.on('connect', () => {
    const recovered = isKept && session !== undefined && session === credentials.session?.id
    isKept = false
    const missed = early.map(arrival)
    early = []
    // Of the end of a long poll a server learns late. Until then it would give back what an earlier end has left.
    const isWatched = transportOf(manager) !== 'polling'
    events.opened({ recovered, missed, ...(session !== undefined && isWatched && { session }) })
  })
  socket.on('connect_error', (error: ConnectError) => {
    const rejection = rejectionIn(error)
    quietly(() => socket.disconnect())
    lost({ reason: error.message, ...(rejection && { rejection }) })
  })
  socket.on('disconnect', (reason) => {
    patience = transportOf(manager) === 'websocket' ? PATIENT : 0
    isKept = reason === 'transport close' || reason === 'transport error'
    lost({ reason })
  })
  manager.on('ping', () => events.alive())

  /** Waits while a WebSocket may still follow a poll. */
  function settle(act: () => void) {
    if (transports === DETOUR && transportOf(manager) === 'polling') afterUpgrade(manager, FOLLOW, act)
    else act()
  }

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
      early = []
      if (!settings.transports) {
        transports = patience > 0 ? DIRECT : DETOUR
        dialOver(manager, transports)
      }
      patience -= 1
      socket.connect()
    },
    drop: () =>
      quietly(() => {
        // `disconnect()` would tell the server to forget the session; closing what carries it does not.
        cut(manager)
        socket.disconnect()
      }),
    hangUp: () => quietly(() => socket.disconnect()),
    send(message, acknowledged) {
      if (acknowledged) socket.emit(message.name, message.payload, acknowledged)
      else socket.emit(message.name, message.payload)
    },
    probe: (answered) => probe(manager, answered),
  }
}
