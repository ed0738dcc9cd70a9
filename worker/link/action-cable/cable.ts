import { isObject } from '../../checks'
import type { Dialect, Message } from '../../dialect/dialect'
import { roomDialect } from '../../dialect/room-dialect'
import type { Arrival, Outgoing } from '../link'
import type { Control, Reply } from '../websocket/link'
import { createStreams, placeIn } from './streams'
import { createSubscription, type Subscription } from './subscription'

/** The subprotocols, the best first. The extended one is AnyCable's: its server can send again what was missed. */
export const PROTOCOLS = ['actioncable-v1-ext-json', 'actioncable-v1-json', 'actioncable-unsupported']

/** Returns the parameters by which a server knows a room: its channel, and others. */
export type Identify = (room: string) => object

type Fields = Readonly<Record<string, unknown>>

/** The words of Action Cable: rooms are subscriptions, which the server knows by their identifiers. */
export interface Cable {
  readonly dialect: Dialect
  /** Begins a connection. Returns its address, with the session that the server may restore. */
  dial(url: string): string
  /** Writes a command, or calls a method of a room's channel where the message has a room. Throws if the payload is not an object. */
  encode(message: Outgoing): string
  /** Reads a message. Throws if it is not a JSON object. */
  decode(data: string | ArrayBuffer): unknown
  control(frame: Arrival, reply: Reply): Control | undefined
  /** Forgets the session and what it has: the next user may be another one. */
  forget(): void
}

/**
 * `ChatChannel:{"id":42}` is the channel `ChatChannel` with the parameter `id`; `ChatChannel` is one without parameters. A channel
 * in a Ruby module has two colons in its name.
 */
export const identify: Identify = (room) => {
  const [, channel, parameters] = /^((?:[^:]|::)*)(?::(.*))?$/s.exec(room) ?? []
  if (parameters === undefined) return { channel }
  const read = parse(parameters)
  if (isObject(read)) return { channel, ...read }
  throw new TypeError(
    `Room "${room}" should end with its parameters as a JSON object, such as ${channel}:{"id":42}. For other names, give "identifier".`,
  )
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const field = (payload: unknown, name: string) => (isObject(payload) ? payload[name] : undefined)
const isEvent = (payload: unknown) => isObject(payload) && Object.hasOwn(payload, 'data')

/** Servers tell the time in seconds, milliseconds or nanoseconds, and are asked in seconds. */
const secondsIn = (time: number): number => (time > 1e11 ? secondsIn(time / 1000) : Math.floor(time))

function lossIn({ reason, reconnect }: Fields): Control {
  const message = String(reason)
  const isRefusal = /unauthori[sz]ed|token/.test(message)
  return {
    reason: `disconnected: ${message}`,
    ...(isRefusal && { rejection: { message, data: { status: 401 } } }),
    ...(!isRefusal && reconnect === false && { isFinal: true }),
  }
}

const leaveOf = (identifier: string): Message => ({ name: 'unsubscribe', payload: { identifier } })

export function createCable(identifyRoom: Identify): Cable {
  /** Whether the server has welcomed this connection. */
  let isWelcomed = false
  let subscriptions = new Map<unknown, Subscription>()
  /** Those of the connection before, until the wanted rooms are joined on this one. */
  let earlier: ReadonlyMap<unknown, Subscription> = new Map()
  /** The server's id of the session, and the identifiers that it has restored with an earlier one. */
  let session: string | undefined
  let restored: ReadonlySet<string> = new Set()
  /** Whether the server named a session on this connection. */
  let isExtended = false
  /** The server's time at its last ping, in seconds. */
  let since = 0

  function identifierOf(room: string) {
    const identifier = identifyRoom(room)
    if (!isObject(identifier)) throw new TypeError('"identifier" should return an object { channel, … }')
    return JSON.stringify(identifier)
  }

  function subscribe(room: string, identifier: string): Subscription {
    const subscription = createSubscription({
      room,
      identifier,
      streams: earlier.get(identifier)?.streams ?? createStreams(),
      isRestored: restored.has(identifier),
      since,
    })
    subscriptions.set(identifier, subscription)
    return subscription
  }

  /** Names the room that a frame is about. */
  function read(frame: Fields): unknown {
    const { identifier, message, type } = frame
    if (typeof identifier !== 'string') return frame
    const room = subscriptions.get(identifier)?.room ?? identifier
    if (typeof type === 'string') return { type, room, identifier }
    const name = field(message, 'type')
    return {
      type: typeof name === 'string' ? name : room,
      room,
      identifier,
      data: message,
      place: placeIn(frame),
    }
  }

  /** Runs once the rooms that tabs want are joined: leaves what the server has restored beyond them. */
  function tidy(reply: Reply) {
    for (const identifier of restored) if (!subscriptions.has(identifier)) reply(leaveOf(identifier))
    restored = new Set()
    earlier = new Map()
  }

  /** What rooms have waited for long enough, if any. */
  function giveUpOverdue(): Control {
    const arrivals = [...subscriptions.values()].flatMap((each) => each.giveUpIfOverdue())
    return arrivals.length > 0 ? arrivals : 'alive'
  }

  return {
    dialect: {
      ...roomDialect,
      join(room) {
        const identifier = identifierOf(room)
        return (subscriptions.get(identifier) ?? subscribe(room, identifier)).ask()
      },
      leave(room) {
        const identifier = identifierOf(room)
        subscriptions.delete(identifier)
        return leaveOf(identifier)
      },
      kind(name, payload) {
        if (isEvent(payload)) {
          const kind = roomDialect.kind(name, field(payload, 'data'))
          // The server itself confirms and rejects.
          return kind === 'joined' || kind === 'denied' ? 'data' : kind
        }
        if (name === 'reject_subscription') return 'denied'
        return name === 'confirm_subscription' || name.endsWith('_history') ? 'joined' : 'system'
      },
      verdict(payload) {
        const verdict = roomDialect.verdict(payload)
        return verdict && { ...verdict, recovered: field(payload, 'recovered') === true }
      },
      event: (name, payload) => roomDialect.event(name, field(payload, 'data')),
      order: (payload) => roomDialect.order(field(payload, 'data')),
    },
    dial(url) {
      isWelcomed = false
      if (session === undefined) return url
      const address = new URL(url)
      address.searchParams.set('sid', session)
      return address.href
    },
    forget() {
      session = undefined
      isExtended = false
      subscriptions = new Map()
      since = 0
    },
    encode({ name, payload = {}, room }) {
      if (room === undefined) return JSON.stringify({ command: name, ...(payload as object) })
      if (!isObject(payload)) throw new TypeError('a channel takes an object as payload, or nothing.')
      const data = JSON.stringify({ ...payload, action: name })
      return JSON.stringify({ command: 'message', identifier: identifierOf(room), data })
    },
    decode(data) {
      const frame: unknown = JSON.parse(typeof data === 'string' ? data : new TextDecoder().decode(data))
      if (!isObject(frame)) throw new TypeError('A frame of Action Cable is a JSON object.')
      return read(frame)
    },
    control(frame, reply) {
      const { name, payload } = frame
      if (!isObject(payload)) return undefined
      const { identifier, message, sid, restored: isRestored, restored_ids: ids } = payload
      const subscription = subscriptions.get(identifier)
      // A channel's own message may have any type.
      if (isEvent(payload)) return subscription?.take(frame)
      switch (name) {
        case 'welcome':
          if (isWelcomed) return 'alive'
          isWelcomed = true
          session = typeof sid === 'string' ? sid : undefined
          // Another server, or another protocol, may never answer for what the last one has numbered.
          earlier = isExtended && session === undefined ? new Map() : subscriptions
          isExtended = session !== undefined
          subscriptions = new Map()
          restored = new Set(isRestored === true ? (Array.isArray(ids) ? ids : earlier.keys()) : [])
          queueMicrotask(() => tidy(reply))
          return 'accepted'
        case 'ping':
          if (typeof message === 'number') since = secondsIn(message)
          // AnyCable may expect it.
          if (session !== undefined) reply({ name: 'pong', payload: {} })
          return giveUpOverdue()
        case 'disconnect':
          // The server would restore the session without asking for the user's token.
          session = undefined
          return lossIn(payload)
        case 'confirm_subscription':
          return subscription?.confirm(frame)
        case 'reject_subscription':
          subscriptions.delete(identifier)
          return undefined
        case 'confirm_history':
        case 'reject_history':
          return subscription?.isCatchingUp() ? subscription.release(frame) : undefined
        default:
          return undefined
      }
    },
  }
}
