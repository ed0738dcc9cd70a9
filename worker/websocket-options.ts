import type { Rules } from '../shared/option-rules'
import type { PanelTable } from '../shared/panel-types'
import { either, isFunction, isObject, list, number, object, only, optional, text, whole } from './checks'
import { type CommonOptions, isUrl, type OwnOptions, readOptionsOf, type Settings } from './common-options'
import type { Dialect, Message } from './dialect/dialect'
import { jsonDialect } from './dialect/json-dialect'
import type { TokenPlace } from './link/websocket/address'
import { type Decode, decodeJson } from './link/websocket/frames'
import { createLink, type Ping } from './link/websocket/link'

/** The options of `serve` for a plain WebSocket server. A missing, unknown or malformed option throws `bad-option`. */
export interface WebSocketOptions<Panels extends PanelTable> extends CommonOptions<Panels> {
  /** The server's URL, http(s) or ws(s), or a path on this origin. */
  readonly url: string
  /** The subprotocols to offer. @default [] */
  readonly protocols?: readonly string[]
  /** How to talk to the server: the frames to send, and the meaning of those received. @default jsonDialect */
  readonly dialect?: Dialect
  /**
   * Where the token goes: into the query, as `token`; among the subprotocols, as the last one; or into the first frame, as
   * `{ type: 'auth', token }`, after which rooms are joined once the server sends a frame of type `authenticated`. A function
   * returns the address to connect to. @default 'query'
   */
  readonly tokenIn?: TokenPlace
  /**
   * An address that answers 401 or 403 over HTTP to a user whom the server refuses, and anything else to others. It is asked
   * when a connection could not be opened, because the browser does not say why, and before further attempts once some have
   * failed. @default the address in `version`
   */
  readonly probe?: string
  /** The close codes by which the server refuses the user. @default [1008, 4001, 4003, 4401, 4403] */
  readonly refusals?: readonly number[]
  /**
   * A frame that the server answers, and the ms between two of them. If nothing comes for twice as long, the connection is
   * dropped and dialled again. @default none
   */
  readonly ping?: Ping
  /** Reads what came as one message. Returns a frame, or an array of frames. @default JSON: a value, an array, or one value on each line */
  readonly decode?: Decode
  /** Writes a message of the dialect. @default JSON, with the message's name as `type` */
  readonly encode?: (message: Message) => string | ArrayBuffer
}

const REFUSALS = [1008, 4001, 4003, 4401, 4403]
const PLACES: readonly unknown[] = ['query', 'protocol', 'message']

const PARTS = Object.keys(jsonDialect)

const RULES: Rules = {
  url: [isUrl, 'an http(s) or ws(s) URL, or a path on this origin'],
  protocols: [list(text(Infinity, 1)), 'an array of subprotocols'],
  dialect: [
    object({ ...Object.fromEntries(PARTS.map((part) => [part, isFunction])), seq: optional(isFunction) }),
    `a dialect with ${PARTS.join(', ')}, and optionally seq; spread jsonDialect for the parts you keep`,
  ],
  tokenIn: [
    either(isFunction, (value) => PLACES.includes(value)),
    "'query', 'protocol', 'message', or a function (url, token) => url",
  ],
  probe: [isUrl, 'a URL, or a path on this origin'],
  refusals: [list(whole(1000, 4999)), 'an array of close codes'],
  ping: [
    only({ every: number(1, 86_400_000), message: (value) => value !== undefined }),
    '{ every, message } with every ≥ 1 ms',
  ],
  decode: [isFunction, 'a function that returns a frame or an array of frames'],
  encode: [isFunction, 'a function that returns a string or an ArrayBuffer'],
}

const encodeJson = ({ name, payload }: Message) =>
  JSON.stringify({ type: name, ...(isObject(payload) ? payload : { data: payload }) })

const OWN: OwnOptions = {
  // `null`, so that a missing one breaks its rule.
  rules: RULES,
  read(options, resolve) {
    const {
      url = '',
      protocols = [],
      dialect = jsonDialect,
      tokenIn = 'query',
      probe,
      refusals = REFUSALS,
      ping,
      decode = decodeJson,
      encode = encodeJson,
      version,
    } = options as Partial<WebSocketOptions<PanelTable>>
    const server = resolve('url', url).replace(/^http/, 'ws')
    const asked = probe ?? version?.url
    return {
      server,
      dialect,
      ...(ping && { keepalive: { every: ping.every, misses: 2 } }),
      createLink: (events, unreadable) =>
        createLink(
          {
            url: server,
            protocols,
            tokenIn,
            decode,
            encode,
            refusals,
            login: (token) => ({ name: 'auth', payload: { token } }),
            isAccepted: (name) => name === 'authenticated',
            ping,
            probe: asked === undefined ? undefined : resolve('probe', asked),
            unreadable,
          },
          events,
        ),
    }
  },
}

/** Checks an app's options, and fills in defaults. Throws `bad-option`, with the option's name. */
export const readWebSocketOptions = (raw: unknown, base: string): Settings => readOptionsOf(OWN, raw, base)
