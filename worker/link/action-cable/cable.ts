import { isObject } from '../../checks'
import type { Dialect, Message } from '../../dialect/dialect'
import { roomDialect } from '../../dialect/room-dialect'
import type { Arrival } from '../link'
import type { Control, Reply } from '../websocket/link'
import { createStreams, type Place, placeIn, type Streams } from './streams'

/** The subprotocols, the best first. The extended one is AnyCable's: its server can send again what was missed. */
export const PROTOCOLS = ['actioncable-v1-ext-json', 'actioncable-v1-json', 'actioncable-unsupported']

/** Returns the parameters by which a server knows a room: its channel, and others. */
export type Identify = (room: string) => object

type Fields = Readonly<Record<string, unknown>>

/** A room that the server was asked for on this connection. */
interface Subscription {
  readonly room: string
  readonly streams: Streams
  /** The message that asks for the room, and for what was missed. */
  readonly join: Message
  /** Whether an answer shows that nothing is missing. Else the server would be asked by the time alone. */
  readonly isComplete: boolean
  /** The room's events since the server was asked for what was missed. They wait for its answer. */
  held?: Arrival[]
}

/** The words of Action Cable: rooms are subscriptions, which the server knows by their identifiers. */
export interface Cable {
  readonly dialect: Dialect
  /** Adds the session that the server may restore. */
  addressOf(url: string): string
  encode(message: Message): string
  /** Reads a message. Throws what is no JSON object. */
  decode(data: string | ArrayBuffer): unknown
  control(frame: Arrival, reply: Reply): Control | undefined
}

/** The most events of a room that wait. */
const MOST = 10_000

/** `ChatChannel:{"id":42}` is the channel `ChatChannel` with the parameter `id`; `ChatChannel` is one without parameters. */
export const identify: Identify = (room) => {
  const end = room.indexOf(':')
  if (end < 0) return { channel: room }
  return { channel: room.slice(0, end), ...JSON.parse(room.slice(end + 1)) }
}

const field = (payload: unknown, name: string) => (isObject(payload) ? payload[name] : undefined)
const isEvent = (payload: unknown) => isObject(payload) && Object.hasOwn(payload, 'data')
/** Set by `decode`. */
const placeOf = ({ payload }: Arrival) => field(payload, 'place') as Place | undefined

/** Servers tell the time in seconds, milliseconds or nanoseconds, and are asked in seconds. */
const secondsIn = (time: number): number => (time > 1e11 ? secondsIn(time / 1000) : Math.floor(time))

/** New messages of a stream may come before missed ones. Those without a number come first, as they came. */
function inOrder(one: Arrival, other: Arrival): number {
  const { stream = '', offset = 0 } = placeOf(one) ?? {}
  const next = placeOf(other)
  return stream.localeCompare(next?.stream ?? '') || offset - (next?.offset ?? 0)
}

function isNew(event: Arrival, streams: Streams): boolean {
  const place = placeOf(event)
  return place === undefined || streams.note(place)
}

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
  let subscriptions = new Map<unknown, Subscription>()
  /** Those of the connection before, until the wanted rooms are joined on this one. */
  let earlier: ReadonlyMap<unknown, Subscription> = new Map()
  /** The server's id of the session, and the identifiers that it has restored with an earlier one. */
  let session: string | undefined
  let restored: ReadonlySet<string> = new Set()
  /** The server's time at its last ping, in seconds. */
  let since = 0

  function identifierOf(room: string) {
    const identifier = identifyRoom(room)
    if (!isObject(identifier)) throw new TypeError('"identifier" should return an object { channel, … }')
    return JSON.stringify(identifier)
  }

  function subscriptionOf(room: string, identifier: string): Subscription {
    const streams = earlier.get(identifier)?.streams ?? createStreams()
    const isRestored = restored.has(identifier)
    const isComplete = since > 0 && streams.areKnown()
    const asks = isRestored || isComplete
    const history = { since, streams: streams.positions() }
    return {
      room,
      streams,
      join: {
        name: isRestored ? 'history' : 'subscribe',
        payload: { identifier, ...(asks && { history }) },
      },
      isComplete,
      ...(asks && { held: [] }),
    }
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

  /** The server has sent what was missed, or cannot. What waited follows this answer. */
  function release(subscription: Subscription, answer: Arrival): readonly Arrival[] {
    const { held = [], streams, isComplete } = subscription
    delete subscription.held
    const recovered = answer.name === 'confirm_history' && isComplete
    if (!recovered) streams.forget()
    const events = held.sort(inOrder).filter((event) => isNew(event, streams))
    return [{ ...answer, payload: { ...(answer.payload as Fields), recovered } }, ...events]
  }

  function take(event: Arrival, subscription: Subscription): Control | undefined {
    const { held, streams, room } = subscription
    // The server may send a message as a missed one and, later, as a new one.
    if (held === undefined) return isNew(event, streams) ? undefined : 'alive'
    held.push(event)
    if (held.length < MOST) return 'alive'
    return release(subscription, { name: 'reject_history', payload: { room }, size: 0 })
  }

  /** Runs once the rooms that tabs want are joined: leaves what the server has restored beyond them. */
  function tidy(reply: Reply) {
    for (const identifier of restored) if (!subscriptions.has(identifier)) reply(leaveOf(identifier))
    restored = new Set()
    earlier = new Map()
  }

  return {
    dialect: {
      ...roomDialect,
      join(room) {
        const identifier = identifierOf(room)
        const subscription = subscriptions.get(identifier) ?? subscriptionOf(room, identifier)
        subscriptions.set(identifier, subscription)
        return subscription.join
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
    addressOf(url) {
      if (session === undefined) return url
      const address = new URL(url)
      address.searchParams.set('sid', session)
      return address.href
    },
    encode: ({ name, payload }) => JSON.stringify({ command: name, ...(payload as object) }),
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
      if (isEvent(payload)) return subscription && take(frame, subscription)
      switch (name) {
        case 'welcome':
          session = typeof sid === 'string' ? sid : undefined
          earlier = subscriptions
          subscriptions = new Map()
          restored = new Set(isRestored === true ? (Array.isArray(ids) ? ids : earlier.keys()) : [])
          queueMicrotask(() => tidy(reply))
          return 'accepted'
        case 'ping':
          if (typeof message === 'number') since = secondsIn(message)
          // AnyCable may expect it.
          if (session !== undefined) reply({ name: 'pong', payload: {} })
          return 'alive'
        case 'disconnect':
          // The server would restore the session without asking for the user's token.
          session = undefined
          return lossIn(payload)
        case 'confirm_subscription':
          // The answer about what was missed follows.
          return subscription?.held && 'alive'
        case 'reject_subscription':
          subscriptions.delete(identifier)
          return undefined
        case 'confirm_history':
        case 'reject_history':
          return subscription?.held && release(subscription, frame)
        default:
          return undefined
      }
    },
  }
}
