import { isObject } from '../../checks'
import type { Dialect, Message } from '../../dialect/dialect'
import { roomDialect } from '../../dialect/room-dialect'
import type { Arrival } from '../link'
import type { Control } from '../websocket/link'

/** The subprotocols, the best first. The extended one is AnyCable's: its server can send again what was missed. */
export const PROTOCOLS = ['actioncable-v1-ext-json', 'actioncable-v1-json', 'actioncable-unsupported']

/** Returns the parameters by which a server knows a room: its channel, and others. */
export type Identify = (room: string) => object

type Fields = Readonly<Record<string, unknown>>

interface Subscription {
  readonly room: string
  /** Where the last message of each of its streams stands. Empty where the server does not count messages. */
  readonly streams: Record<string, { readonly epoch: unknown; readonly offset: unknown }>
  /** Whether the server was asked for what was missed, and has not answered that yet. */
  isCatchingUp: boolean
}

/** The words of Action Cable: rooms are subscriptions, which the server knows by their identifiers. */
export interface Cable {
  readonly dialect: Dialect
  /** Adds the session that the server may restore. */
  addressOf(url: string): string
  encode(message: Message): string
  /** Reads a message. Throws what is no JSON object. */
  decode(data: string | ArrayBuffer): unknown
  control(frame: Arrival): Control | undefined
}

/** `ChatChannel:{"id":42}` is the channel `ChatChannel` with the parameter `id`; `ChatChannel` is one without parameters. */
export const identify: Identify = (room) => {
  const end = room.indexOf(':')
  if (end < 0) return { channel: room }
  return { channel: room.slice(0, end), ...JSON.parse(room.slice(end + 1)) }
}

export function createCable(identifyRoom: Identify): Cable {
  const subscriptions = new Map<string, Subscription>()
  /** The server's id of the session, and the identifiers whose subscriptions it has restored. */
  let session: string | undefined
  let restored: ReadonlySet<unknown> = new Set()
  /** The server's time at its last ping, in seconds. */
  let since = 0

  const identifierOf = (room: string) => JSON.stringify(identifyRoom(room))
  const field = (payload: unknown, name: string) => (isObject(payload) ? payload[name] : undefined)
  const isEvent = (payload: unknown) => isObject(payload) && Object.hasOwn(payload, 'data')

  /** Names the room that a frame is about, and notes where its streams stand. */
  function read(frame: Fields): unknown {
    const { identifier, message, type, stream_id: stream, epoch, offset } = frame
    if (typeof identifier !== 'string') return frame
    const subscription = subscriptions.get(identifier)
    const room = subscription?.room ?? identifier
    if (typeof type === 'string') return { type, room, identifier }
    if (subscription && typeof stream === 'string') subscription.streams[stream] = { epoch, offset }
    const name = field(message, 'type')
    return { type: typeof name === 'string' ? name : room, room, data: message }
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

  return {
    dialect: {
      ...roomDialect,
      join(room) {
        const identifier = identifierOf(room)
        const subscription = subscriptions.get(identifier) ?? { room, streams: {}, isCatchingUp: false }
        subscriptions.set(identifier, subscription)
        const { streams } = subscription
        const isRestored = restored.has(identifier)
        subscription.isCatchingUp = isRestored || Object.keys(streams).length > 0
        return {
          name: isRestored ? 'history' : 'subscribe',
          payload: { identifier, ...(subscription.isCatchingUp && { history: { since, streams } }) },
        }
      },
      leave(room) {
        const identifier = identifierOf(room)
        subscriptions.delete(identifier)
        return { name: 'unsubscribe', payload: { identifier } }
      },
      kind(name, payload) {
        if (isEvent(payload)) return roomDialect.kind(name, field(payload, 'data'))
        if (name === 'reject_subscription') return 'denied'
        return name === 'confirm_subscription' || name.endsWith('_history') ? 'joined' : 'system'
      },
      verdict: (payload) => {
        const verdict = roomDialect.verdict(payload)
        return verdict && { ...verdict, recovered: field(payload, 'type') === 'confirm_history' }
      },
      event: (name, payload) => ({ name, data: field(payload, 'data') }),
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
    control({ name, payload }) {
      // A channel's own message may have any type.
      if (!isObject(payload) || isEvent(payload)) return undefined
      const { identifier, message, sid, restored_ids: ids } = payload
      const subscription = typeof identifier === 'string' ? subscriptions.get(identifier) : undefined
      switch (name) {
        case 'welcome':
          session = typeof sid === 'string' ? sid : undefined
          restored = new Set(Array.isArray(ids) ? ids : [])
          return 'accepted'
        case 'ping':
          if (typeof message === 'number') since = message
          return 'alive'
        case 'disconnect':
          return lossIn(payload)
        case 'confirm_subscription':
          // The answer about the history follows, and says whether anything was missed.
          return subscription?.isCatchingUp ? 'alive' : undefined
        case 'confirm_history':
        case 'reject_history':
          if (subscription) subscription.isCatchingUp = false
      }
      return undefined
    },
  }
}
