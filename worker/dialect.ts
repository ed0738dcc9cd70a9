import { check, wrong } from './returns'
import { isObject } from './shapes'

/** Anything sent to or received from the server: an event's name and its one payload. */
export interface Message {
  readonly name: string
  readonly payload: unknown
}

/** Why a server turned a handshake down: its words, and the data it sent along. */
export interface Rejection {
  readonly message: string
  readonly data?: unknown
}

/**
 * - `data`: for the tabs that want its room
 * - `system`: a sign of life, nothing for a tab
 * - `joined`, `denied`: the server's answer about a room
 * - `reload`: an order for every tab
 */
export type Kind = 'data' | 'system' | 'joined' | 'denied' | 'reload'

/**
 * How a server is spoken to. Every part may be replaced on its own:
 * `serve({ dialect: { ...roomDialect, join: (room) => ({ name: 'subscribe', payload: { channel: room } }) } })`.
 * The functions are pure, and none of them uses `this`.
 */
export interface Dialect {
  /** The message that asks for a room. It is sent with a request for an acknowledgement. */
  readonly join: (room: string) => Message
  /** The message that leaves a room. */
  readonly leave: (room: string) => Message
  /** Reads the acknowledgement of a join: the reason when it is a denial, `undefined` when the room is joined. */
  readonly denial: (acknowledgement: unknown) => string | undefined
  /** What a message is. */
  readonly kind: (name: string, payload: unknown) => Kind
  /** The room that a `joined` or `denied` message speaks of, and the reason it gives. */
  readonly verdict: (payload: unknown) => { readonly room: string; readonly reason: string } | undefined
  /** The rooms an event belongs to; `undefined` when it does not say (then `route` is asked). */
  readonly room: (
    name: string,
    payload: unknown,
    isJoined: (room: string) => boolean,
  ) => string | readonly string[] | undefined
  /** An event as listeners get it: envelopes opened. */
  readonly event: (name: string, payload: unknown) => { readonly name: string; readonly data: unknown }
  /** What a `reload` message orders. */
  readonly order: (payload: unknown) => { readonly version?: string; readonly message?: string }
  /** Whether a turned-down handshake is about who we are, so that only another token can help. */
  readonly refusal: (rejection: Rejection) => boolean
  /**
   * The number of an event among those of its room, where the server counts them: 1 more than the one before. Then
   * duplicates are dropped, and a hole is a gap even if the server claims to have recovered everything.
   */
  readonly seq?: (name: string, payload: unknown, room: string) => number | undefined
  /** The version in the body of a successful answer of the version endpoint; `undefined` for anything else. */
  readonly version: (body: string) => string | undefined
}

const SYSTEM = new Set(['connected', 'keepalive', 'heartbeat', 'ping', 'pong', 'room_left'])
const REFUSAL_STATUS = new Set([401, 403])
/** How servers, and the libraries that check their tokens, say that a token will not do. */
const REFUSAL_WORDS = new RegExp(
  [
    'unauthori[sz]ed|forbidden|authentication|not (authori[sz]ed|authenticated)|(missing|no) authorization',
    '(invalid|expired)[\\w\\s-]*token',
    'token[\\w\\s-]*(invalid|expired|revoked|provided|not[\\s_](yet )?valid)',
    'jw[st][\\s_](expired|malformed|invalid|claim|not active|must be|signature is|(audience|issuer|subject|id) invalid)',
    'signature[\\s_](has expired|verification[\\s_]failed)|not enough segments|maxage exceeded',
    'invalid (signature|algorithm|audience|issuer|(header|payload|crypto) padding)',
  ].join('|'),
  'i',
)

/** An acknowledgement with `false` in one of these fields denies a join. */
const CONSENTS = ['ok', 'success', 'joined', 'allowed']
/** An acknowledgement, or its `status`, that is one of these words denies a join. */
const DENIAL_WORDS = /^(error|fail|denied|forbidden|unauthori[sz]ed|nok|ko)$/i

/** A field of a payload; `undefined` where the payload is no object. Only own fields count. */
const field = (payload: unknown, name: string): unknown =>
  isObject(payload) && Object.hasOwn(payload, name) ? payload[name] : undefined

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** Whether an answer carries the HTTP status of one that may not. */
const isForbidden = (answer: unknown): boolean =>
  ['status', 'code', 'statusCode'].some((name) => REFUSAL_STATUS.has(Number(field(answer, name))))

const kindOf = (word: string | undefined): Kind | undefined => {
  if (word === undefined) return undefined
  if (word === 'room_joined') return 'joined'
  if (word === 'room_denied') return 'denied'
  if (word === 'reload') return 'reload'
  return SYSTEM.has(word) ? 'system' : undefined
}

/** What the usual Flask-SocketIO and Node dashboards speak already. Written out in PROTOCOL.md. */
export const roomDialect: Dialect = {
  join: (room) => ({ name: 'join_room', payload: { room } }),

  leave: (room) => ({ name: 'leave_room', payload: { room } }),

  denial: (answer) => {
    const error = field(answer, 'error')
    const status = field(answer, 'status')
    const isDenied =
      answer === false ||
      Boolean(error) ||
      isForbidden(answer) ||
      CONSENTS.some((name) => field(answer, name) === false) ||
      [answer, status].some((word) => DENIAL_WORDS.test(text(word) ?? ''))
    if (!isDenied) return undefined
    const words = [
      answer,
      error,
      field(error, 'message'),
      field(answer, 'message'),
      field(answer, 'reason'),
      status,
    ]
    return words.map(text).find(Boolean) ?? 'denied'
  },

  kind: (name, payload) => kindOf(name) ?? kindOf(text(field(payload, 'type'))) ?? 'data',

  verdict: (payload) => {
    const source = text(field(payload, 'room')) === undefined ? field(payload, 'data') : payload
    const room = text(field(source, 'room'))
    return room === undefined ? undefined : { room, reason: text(field(source, 'reason')) ?? 'denied' }
  },

  room: (name, payload, isJoined) => text(field(payload, 'room')) ?? (isJoined(name) ? name : undefined),

  event: (name, payload) => {
    const isEnvelope =
      isObject(payload) &&
      Object.hasOwn(payload, 'data') &&
      (Object.hasOwn(payload, 'type') || Object.hasOwn(payload, 'room'))
    return { name: text(field(payload, 'type')) ?? name, data: isEnvelope ? payload['data'] : payload }
  },

  order: (payload) => {
    const places = [payload, field(payload, 'payload'), field(payload, 'data')]
    const find = (name: string) =>
      places.map((place) => field(place, name)).find((value) => value !== undefined)
    const version = find('version')
    const message = text(find('message'))
    return {
      ...(typeof version === 'string' || typeof version === 'number' ? { version: String(version) } : {}),
      ...(message === undefined ? {} : { message }),
    }
  },

  refusal: ({ message, data }) =>
    isForbidden(data) ||
    [message, field(data, 'message'), field(data, 'code')].some((words) =>
      REFUSAL_WORDS.test(text(words) ?? ''),
    ),

  version: (body) => {
    if (body.length > 4096) return undefined
    try {
      const version = field(JSON.parse(body), 'version')
      if (typeof version === 'string' && version !== '') return version
      if (typeof version === 'number') return String(version)
      if (body.trimStart().startsWith('{')) return undefined
    } catch {
      // Not JSON: one line of plain text will do.
    }
    const line = body.trim()
    return line === '' || line.length > 200 || /[\r\n<{[]/.test(line) ? undefined : line
  },
}

export type Route = (name: string, payload: unknown) => string | readonly string[] | undefined

/** A message, understood. */
export type Reading =
  | {
      readonly kind: 'data'
      readonly rooms: readonly string[]
      /** The event's number in each of its rooms, where the dialect reads numbers. */
      readonly numbers?: readonly (number | undefined)[] | undefined
      readonly name: string
      readonly data: unknown
    }
  | { readonly kind: 'unrouted' }
  | { readonly kind: 'system' }
  | { readonly kind: 'joined'; readonly room: string }
  | { readonly kind: 'denied'; readonly room: string; readonly reason: string }
  | { readonly kind: 'reload'; readonly order: ReturnType<Dialect['order']> }
  /** A dialect or route of the app's own threw, or returned nonsense. The rooms are those it named before that. */
  | { readonly kind: 'malformed'; readonly why: string; readonly rooms: readonly string[] }

function roomsIn(part: 'room' | 'route', answer: string | readonly string[] | undefined): readonly string[] {
  check(part, answer)
  if (answer === undefined) return []
  return typeof answer === 'string' ? [answer] : [...new Set(answer)]
}

function numberIn(value: unknown): number | undefined {
  check('seq', value)
  return Number.isFinite(value) ? (value as number) : undefined
}

/** Reads one message by a dialect. Never throws. Of what the parts return, nothing is taken but what is named here. */
export function read(
  dialect: Dialect,
  route: Route | undefined,
  { name, payload }: Message,
  isJoined: (room: string) => boolean,
): Reading {
  let rooms: readonly string[] = []
  try {
    const kind = dialect.kind(name, payload)
    switch (kind) {
      case 'system':
        return { kind }
      case 'joined':
      case 'denied': {
        const verdict = dialect.verdict(payload)
        check('verdict', verdict)
        if (verdict === undefined) return { kind: 'system' }
        const { room, reason = 'denied' } = verdict
        return kind === 'joined' ? { kind, room } : { kind, room, reason }
      }
      case 'reload': {
        const order = dialect.order(payload)
        check('order', order)
        const { version, message } = order
        return {
          kind,
          order: { ...(version !== undefined && { version }), ...(message !== undefined && { message }) },
        }
      }
      case 'data': {
        rooms = roomsIn('room', dialect.room(name, payload, isJoined))
        if (rooms.length === 0) rooms = roomsIn('route', route?.(name, payload))
        if (rooms.length === 0) return { kind: 'unrouted' }
        const { seq } = dialect
        const numbers = seq && rooms.map((room) => numberIn(seq(name, payload, room)))
        const event = dialect.event(name, payload)
        check('event', event)
        return { kind, rooms, numbers, name: event.name, data: event.data }
      }
      default:
        throw wrong('kind')
    }
  } catch (error) {
    return { kind: 'malformed', why: error instanceof Error ? error.message : String(error), rooms }
  }
}
