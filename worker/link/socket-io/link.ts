import { io, type ManagerOptions, type SocketOptions } from 'socket.io-client'
import type { Rejection } from '../../dialect/dialect'
import { messageOf } from '../../thrown'
import type { Arrival, Credentials, Link, LinkEvents, Loss } from '../link'
import { createReachabilities } from '../reachability'
import { arrivalOf } from './arrival'
import {
  afterUpgrade,
  type ConnectError,
  closed,
  cut,
  dialOver,
  forgetOldest,
  forgetUnsent,
  isOverdue,
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
 * A WebSocket is tried first, and long polling where a proxy lets none through. Over long polling messages can be lost
 * unnoticed: when the answer to a poll is lost, the browser repeats the request, and the server sends what comes next. So
 * nothing is sent over it while it may still be upgraded to a WebSocket.
 */
const DIRECT = ['websocket']
const FALLBACK = ['polling', 'websocket']
/** How many attempts are made before the fallback is tried: on the first connect, and after a WebSocket worked. */
const FIRST_TRIES = 1
const LATER_TRIES = 10
/** How long a server may take to answer that the connection ends, in ms. */
const CLOSE = 1000
/** How many answers are waited for. The client keeps each callback until the answer comes, or the connection ends. */
const ANSWERS = 10_000
/** How long the upgrade from polling may take, in ms. Where the server offers none, each handshake waits this long. */
const UPGRADE = 1000

/** The link to a Socket.IO server. */
export function createLink(url: string, settings: SocketSettings, events: LinkEvents): Link {
  let credentials: Credentials = { rooms: [] }
  let session: string | undefined
  let positions: PositionReader | undefined
  /** Whether the server can recover the session as the last connection, perhaps an earlier worker's, left it. */
  let isRecoverable = true
  let isDialing = false
  /** Counts the attempts, so that one ends that still asks whether the server is there. */
  let attempt = 0
  /** Whether we are ending the connection ourselves. */
  let isEnding = false
  /** How many attempts there are before the fallback, and how many of them are left. */
  let most = FIRST_TRIES
  let tries = most
  let transports = DIRECT

  const socket = io(url, {
    transports: DIRECT,
    tryAllTransports: true,
    parser: rememberingParser,
    ...settings,
    autoConnect: false,
    forceNew: true,
    // The dialer alone decides when to retry.
    reconnection: false,
    // With a timeout or retries, acknowledgements have another form, and a missing one holds up all later messages.
    // The cast: the option's type has no `undefined`, but an app's own value must be overridden.
    ackTimeout: undefined as never,
    retries: 0,
    auth: (send) => {
      const own = settings.auth
      const { token } = credentials
      // Otherwise the server may recover an older state, without the rooms joined since. And when it notices the end of the
      // old connection, it would remove the rooms of the new one.
      const last = isRecoverable ? credentials.session : undefined
      // The session is ours, not the client's own, which would end with this worker.
      const ours = { ...(token !== undefined && { token }), ...resumption(last) }
      const add = (data: object) => afterSettling(() => send({ ...data, ...ours }))
      try {
        if (typeof own === 'function') own(add)
        else add(own ?? {})
      } catch (error) {
        fail({ reason: messageOf(error) })
      }
    },
  })

  const { io: manager } = socket
  const reachability = createReachabilities()()
  /** Browsers do not delay long polling. */
  const usesSockets =
    !Array.isArray(settings.transports) || settings.transports.some((each) => each !== 'polling')
  /** What the server answers over HTTP without a session. */
  const address = new URL((settings.path ?? '/socket.io').replace(/\/?$/, '/'), url).href
  manager.on('open', reachability.opened)
  const lost = (loss: Loss) => {
    if (!isEnding) events.lost(loss)
  }
  const arrival = (packet: Raw): Arrival => arrivalOf(packet, positions)
  /** The packets that came before the answer to the handshake. */
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
    isDialing = false
    const recovered = isRecoverable && session !== undefined && session === credentials.session?.id
    isRecoverable = false
    const missed = early.map(arrival)
    early = []
    // A server notices late that a client stopped polling. Until then it would recover an older state.
    const isNoticed = transportOf(manager) !== 'polling'
    events.opened({ recovered, missed, ...(session !== undefined && isNoticed && { session }) })
  })
  socket.on('connect_error', (error: ConnectError) => {
    const rejection = rejectionIn(error)
    if (!('data' in error)) reachability.failed()
    fail({ reason: error.message, ...(rejection && { rejection }) })
  })
  socket.on('disconnect', (reason) => {
    most = transportOf(manager) === 'websocket' ? LATER_TRIES : 0
    tries = most
    isRecoverable = reason === 'transport close' || reason === 'transport error'
    lost({ reason })
  })
  manager.on('ping', () => events.alive())

  /** Waits while polling may still be upgraded to a WebSocket. */
  function afterSettling(act: () => void) {
    if (transports === FALLBACK && transportOf(manager) === 'polling') afterUpgrade(manager, UPGRADE, act)
    else act()
  }

  /** Ends the connection without reporting it as lost. */
  function quietly(act: () => void) {
    const before = isEnding
    isEnding = true
    act()
    isEnding = before
  }

  /** The attempt has failed. */
  function fail(loss: Loss) {
    isDialing = false
    quietly(() => socket.disconnect())
    lost(loss)
  }

  function drop() {
    attempt += 1
    if (isDialing) reachability.failed()
    quietly(() => {
      // `disconnect()` alone would tell the server to forget the session.
      cut(manager)
      socket.disconnect()
    })
  }

  return {
    async dial(next) {
      const own = ++attempt
      const obstacle = usesSockets ? await reachability.obstacle(address) : undefined
      if (own !== attempt || events.isStale?.()) return
      if (obstacle && !obstacle.isThere) {
        // A WebSocket that was not opened meanwhile was not blocked.
        tries = most
        return lost(obstacle)
      }
      isDialing = true
      credentials = next
      early = []
      forgetUnsent(socket)
      if (!settings.transports) {
        transports = tries > 0 ? DIRECT : FALLBACK
        dialOver(manager, transports)
      }
      tries -= 1
      try {
        socket.connect()
      } catch (error) {
        fail({ reason: messageOf(error) })
      }
    },
    drop,
    async release() {
      // During an attempt it is unknown whether the server has attached the session to the new connection already.
      const isClosed = socket.connected ? closed(manager, CLOSE) : isRecoverable && !isDialing
      drop()
      return isClosed
    },
    hangUp() {
      attempt += 1
      quietly(() => socket.disconnect())
    },
    send(message, acknowledged) {
      // Otherwise it would be kept, and sent on the next connection.
      if (!socket.connected || isOverdue(manager)) return false
      const { name, payload, id } = message
      const args = [payload, ...(id === undefined ? [] : [id])]
      if (!acknowledged) socket.emit(name, ...args)
      else {
        forgetOldest(socket, ANSWERS)
        socket.emit(name, ...args, acknowledged)
      }
      return true
    },
    probe: (answered) => probe(manager, answered),
  }
}
