import { isObject } from '../checks'
import type { Dialect, Kind } from './dialect'

const SYSTEM = ['connected', 'keepalive', 'heartbeat', 'ping', 'pong', 'room_left']
/** The kind of a message by its name or type. */
const KINDS = new Map<string | undefined, Kind>([
  ...SYSTEM.map((word) => [word, 'system'] as const),
  ['room_joined', 'joined'],
  ['room_denied', 'denied'],
  ['reload', 'reload'],
])
const REFUSAL_STATUS = [401, 403]
/** What servers, and the libraries that check their tokens, say about a token that they refuse. */
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

/** An own field of a payload; `undefined` where the payload is no object. */
const field = (payload: unknown, name: string): unknown =>
  isObject(payload) && Object.hasOwn(payload, name) ? payload[name] : undefined

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

/** The words of an answer that refuses. The first places are the likelier ones. */
function wordsOf(answer: unknown): string | undefined {
  const error = field(answer, 'error')
  const places = [error, field(error, 'message'), field(answer, 'message'), field(answer, 'reason')]
  return places.map(text).find(Boolean)
}

/** Whether an answer has an HTTP status that refuses the user. */
const isForbidden = (answer: unknown): boolean =>
  ['status', 'code', 'statusCode'].some((name) => REFUSAL_STATUS.includes(Number(field(answer, name))))

const versionIn = (value: unknown) => (typeof value === 'number' ? String(value) : text(value))

/** The default dialect: what common Flask-SocketIO and Node servers use already. PROTOCOL.md describes each part. */
export const roomDialect: Dialect = {
  join: (room) => ({ name: 'join_room', payload: { room } }),

  leave: (room) => ({ name: 'leave_room', payload: { room } }),

  denial: (answer) => {
    const status = field(answer, 'status')
    const isDenied =
      answer === false ||
      Boolean(field(answer, 'error')) ||
      isForbidden(answer) ||
      CONSENTS.some((name) => field(answer, name) === false) ||
      [answer, status].some((word) => DENIAL_WORDS.test(text(word) ?? ''))
    if (!isDenied) return undefined
    return text(answer) || wordsOf(answer) || text(status) || 'denied'
  },

  failure: (answer) => {
    const error = field(answer, 'error')
    // A number may be a count.
    const isRefused = (error && typeof error !== 'number') || field(answer, 'ok') === false
    return isRefused ? (wordsOf(answer) ?? 'refused') : undefined
  },

  kind: (name, payload) => KINDS.get(name) ?? KINDS.get(text(field(payload, 'type'))) ?? 'data',

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
    const version = versionIn(find('version'))
    const message = text(find('message'))
    return {
      ...(version !== undefined && { version }),
      ...(message !== undefined && { message }),
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
      const version = versionIn(field(JSON.parse(body), 'version'))
      if (version) return version
      if (body.trimStart().startsWith('{')) return undefined
    } catch {
      // Not JSON: it may be one line of plain text.
    }
    const line = body.trim()
    return line === '' || line.length > 200 || /[\r\n<{[]/.test(line) ? undefined : line
  },
}
