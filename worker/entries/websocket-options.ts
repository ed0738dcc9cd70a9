import { PartylineError } from '../../shared/errors'
import type { Rules } from '../../shared/option-rules'
import type { PanelTable } from '../../shared/panel-types'
import { either, isFunction, isObject, list, only, optional, text, whole } from '../checks'
import {
  type CommonOptions,
  dialectRule,
  isTime,
  type OwnOptions,
  readOptionsOf,
  type Settings,
  URL_RULE,
} from '../common-options'
import type { Dialect, Message } from '../dialect/dialect'
import { jsonDialect } from '../dialect/json-dialect'
import { createConnection } from '../link/connection'
import { createEndpoints } from '../link/endpoints'
import type { Arrival } from '../link/link'
import { createReachabilities } from '../link/reachability'
import type { TokenPlace } from '../link/websocket/address'
import { type Decode, decodeJson, encodeJson } from '../link/websocket/frames'
import { type Control, createLink, type Ping } from '../link/websocket/link'
import { type Probe, readProbe } from '../link/websocket/refusal'
import { createKept } from '../sends/kept'
import { KEEP_FOR, type KeepForOption, readSends, SENDS } from '../sends/options'
import { readSendTo, SEND_TO } from '../sends/send-to'
import { PROBE_RULE } from './probe-rule'

/** How a token is sent as the first frame, and what the server answers. */
export interface Login {
  /** Returns the frame that sends the token. @default (token) => ({ type: 'auth', token }) */
  readonly message?: (token: string) => unknown
  /** The type of the frame by which the server accepts the token. @default 'authenticated' */
  readonly accepted?: string
  /** The type of the frame by which the server refuses it. @default 'unauthorized' */
  readonly refused?: string
}

interface OwnWebSocketOptions {
  /** The subprotocols to offer. The server must choose one of them, or Chromium fails the connection. @default [] */
  readonly protocols?: readonly string[]
  /** How to talk to the server: the frames to send, and the meaning of those received. @default jsonDialect */
  readonly dialect?: Dialect
  /**
   * Where the token goes: into the query, as `token`; among the subprotocols, as the last one; or into the first frame, made by
   * `login`, and rooms are joined once the server accepts it. A function returns the address to connect to. @default 'query'
   */
  readonly tokenIn?: TokenPlace
  /** The frames for `tokenIn: 'message'`. @default { type: 'auth', token }, answered by a frame of type 'authenticated' or 'unauthorized' */
  readonly login?: Login
  /**
   * An address that answers 401 or 403 over HTTP to a user whom the server refuses, or a function that makes this request. An
   * address gets the token as a bearer token. The worker requests it when a connection could not be opened, because the browser
   * does not say why. While a server on another origin is away, it also requests it before each attempt, if it cannot read what the
   * WebSocket's own address answers. @default the address in `version`, without the token
   */
  readonly probe?: string | Probe
  /** The close codes by which the server refuses the user. @default [1008, 4001, 4003, 4401, 4403] */
  readonly refusals?: readonly number[]
  /** The close codes after which the worker tries nothing until `line.retry()`. @default [] */
  readonly final?: readonly number[]
  /**
   * A frame that the server answers, and how often it is sent. If nothing comes for twice as long, the connection is dropped and
   * dialled again. @default none
   */
  readonly ping?: Ping
  /** Reads a message of the server. Returns a frame, or an array of frames. @default JSON: a value, an array, or one value on each line */
  readonly decode?: Decode
  /** Writes a message of the dialect. @default JSON, with the message's name as `type` */
  readonly encode?: (message: Message) => string | ArrayBuffer
}

/** The options of `serve` for a plain WebSocket server. A missing, unknown or malformed option throws `bad-option`. */
export type WebSocketOptions<Panels extends PanelTable> = CommonOptions<Panels> &
  KeepForOption &
  OwnWebSocketOptions &
  (
    | {
        /** The server's URL, http(s) or ws(s), or a path on this origin. One connection serves all rooms. */
        readonly url: string
        readonly endpoint?: never
        readonly sendTo?: never
      }
    | {
        /** Returns a room's own URL: joining the room connects to it, and leaving hangs up. Each is retried on its own. */
        readonly endpoint: (room: string) => string
        readonly url?: never
      }
  )

const REFUSALS = [1008, 4001, 4003, 4401, 4403]
const PLACES: readonly unknown[] = ['query', 'protocol', 'message']

const CODES: Rules[string] = [list(whole(1000, 4999)), 'an array of close codes']

const RULES: Rules = {
  url: URL_RULE,
  endpoint: [isFunction, 'a function (room) => URL or path on this origin'],
  protocols: [list(text(Infinity, 1)), 'an array of subprotocols'],
  dialect: dialectRule('jsonDialect'),
  sends: SENDS,
  sendTo: SEND_TO,
  keepFor: KEEP_FOR,
  tokenIn: [
    either(isFunction, (value) => PLACES.includes(value)),
    "'query', 'protocol', 'message', or a function (url, token) => url",
  ],
  login: [
    only({ message: optional(isFunction), accepted: optional(text()), refused: optional(text()) }),
    '{ message?, accepted?, refused? } with a function (token) => frame and two types of frames',
  ],
  probe: PROBE_RULE,
  refusals: CODES,
  final: CODES,
  ping: [
    only({
      every: isTime,
      message: (value) => value !== undefined,
      answer: optional(text()),
    }),
    '{ every, message, answer? } with every ≥ 1 ms, a frame, and the type of the frame that answers it',
  ],
  decode: [isFunction, 'a function that returns a frame or an array of frames'],
  encode: [isFunction, 'a function that returns a string or an ArrayBuffer'],
}

/** Reads the answers to a login. */
const loginControl =
  ({ accepted = 'authenticated', refused = 'unauthorized' }: Login) =>
  ({ name, payload }: Arrival): Control | undefined => {
    if (name === accepted) return 'accepted'
    if (name !== refused) return undefined
    const message = isObject(payload) && typeof payload['message'] === 'string' ? payload['message'] : name
    return { reason: message, rejection: { message, data: { status: 401 } } }
  }

const OWN: OwnOptions = {
  rules: RULES,
  read(options, resolve) {
    const {
      url,
      endpoint,
      protocols = [],
      dialect = jsonDialect,
      tokenIn = 'query',
      login = {},
      probe,
      refusals = REFUSALS,
      final = [],
      ping,
      decode = decodeJson,
      encode = encodeJson,
      version,
    } = options as Partial<WebSocketOptions<PanelTable>>
    if ((url === undefined) === (endpoint === undefined))
      throw new PartylineError(
        'bad-option',
        'serve: give either "url", for one connection, or "endpoint", for a connection per room.',
      )
    const socketUrl = (option: string, address: string) => resolve(option, address).replace(/^http/, 'ws')
    const { message = (token: string) => ({ type: 'auth', token }) } = login
    const sendsToken = tokenIn === 'message'
    const settings = {
      protocols,
      tokenIn,
      encode,
      decode,
      refusals,
      final,
      ping,
      probe: readProbe(probe, version, resolve),
      createReachability: createReachabilities(),
      isGreeted: false,
      ...(sendsToken && { login: (token: string) => JSON.stringify(message(token)) }),
      control: sendsToken ? loginControl(login) : () => undefined,
    }
    const roomOf = readSendTo(options, endpoint !== undefined)
    const server = url === undefined ? socketUrl('endpoint', '/') : socketUrl('url', url)
    return {
      server,
      dialect,
      createSends: readSends(options, { dialect, roomOf, createKept }),
      ...(ping && { keepalive: { every: ping.every, misses: 2 } }),
      connect: (parts) =>
        endpoint
          ? createEndpoints(
              parts,
              (room, events) =>
                createLink({ ...settings, url: () => socketUrl('endpoint', endpoint(room)), room }, events),
              endpoint,
            )
          : createConnection(parts, (events) => createLink({ ...settings, url: () => server }, events)),
    }
  },
}

/** Checks an app's options, and fills in defaults. Throws `bad-option`, with the option's name. */
export const readWebSocketOptions = (raw: unknown, base: string): Settings => readOptionsOf(OWN, raw, base)
