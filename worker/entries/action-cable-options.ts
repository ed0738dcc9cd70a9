import type { Rules } from '../../shared/option-rules'
import type { PanelTable } from '../../shared/panel-types'
import { either, isFunction } from '../checks'
import {
  type CommonOptions,
  type OwnOptions,
  readOptionsOf,
  type Settings,
  URL_RULE,
} from '../common-options'
import { createCable, type Identify, identify, PROTOCOLS } from '../link/action-cable/cable'
import { type Connection, createConnection } from '../link/connection'
import { createReachabilities } from '../link/reachability'
import type { TokenPlace } from '../link/websocket/address'
import { createLink } from '../link/websocket/link'
import { type Probe, readProbe } from '../link/websocket/refusal'
import { readSends, SENDS } from '../sends/options'
import { readSendTo, SEND_TO } from '../sends/send-to'
import { PROBE_RULE } from './probe-rule'

/** The options of `serve` for Action Cable. A missing, unknown or malformed option throws `bad-option`. */
export interface ActionCableOptions<Panels extends PanelTable> extends CommonOptions<Panels> {
  /** The URL of the cable, http(s) or ws(s), or a path on this origin. @default '/cable' */
  readonly url?: string
  /**
   * Returns a room's channel and its parameters, as the server knows them.
   * @default `ChatChannel:{"id":42}` is the channel `ChatChannel` with the parameter `id`
   */
  readonly identifier?: Identify
  /** Where the token goes: into the query, as `token`, or into the address that a function returns. @default 'query' */
  readonly tokenIn?: Exclude<TokenPlace, 'protocol' | 'message'>
  /**
   * An address that answers 401 or 403 over HTTP to a user whom the server refuses, or a function that makes this request. An
   * address gets the token as a bearer token. The worker requests it when a connection could not be opened, because the browser
   * does not say why. While a server on another origin is away, it also requests it before each attempt, if it cannot read what the
   * WebSocket's own address answers. @default the address in `version`, without the token
   */
  readonly probe?: string | Probe
  /**
   * How often the server promises to send something, at least every `every` ms. If nothing comes for `misses` times as long,
   * the connection is dropped and dialled again. @default { every: 3000, misses: 2 }
   */
  readonly keepalive?: { readonly every: number; readonly misses: number }
}

const RULES: Rules = {
  url: URL_RULE,
  sends: SENDS,
  sendTo: SEND_TO,
  identifier: [isFunction, 'a function (room) => { channel, … }'],
  tokenIn: [either(isFunction, (value) => value === 'query'), "'query', or a function (url, token) => url"],
  probe: PROBE_RULE,
}

/** Methods of a channel that the server itself calls. Where they are public, pages could call them, too. */
const CALLBACKS = ['subscribed', 'unsubscribed']

/** The server answers no message: one is done once it has left. */
const withoutAnswers = (connection: Connection): Connection => ({
  ...connection,
  request(message, acknowledged) {
    const hasLeft = connection.request(message)
    if (hasLeft) acknowledged?.(undefined)
    return hasLeft
  },
})

const OWN: OwnOptions = {
  rules: RULES,
  read(options, resolve) {
    const {
      url = '/cable',
      identifier = identify,
      tokenIn = 'query',
      probe,
      version,
    } = options as Partial<ActionCableOptions<PanelTable>>
    const server = resolve('url', url).replace(/^http/, 'ws')
    const cable = createCable(identifier)
    const { dialect } = cable
    return {
      server,
      dialect,
      createSends: readSends(options, {
        dialect,
        roomOf: readSendTo(options, true),
        reserved: CALLBACKS,
      }),
      keepalive: { every: 3000, misses: 2 },
      connect: (parts) =>
        withoutAnswers(
          createConnection(parts, (events) =>
            createLink(
              {
                ...cable,
                url: () => cable.dial(server),
                protocols: PROTOCOLS,
                tokenIn,
                refusals: [],
                final: [],
                probe: readProbe(probe, version, resolve),
                createReachability: createReachabilities(),
                isGreeted: true,
              },
              events,
            ),
          ),
        ),
    }
  },
}

/** Checks an app's options, and fills in defaults. Throws `bad-option`, with the option's name. */
export const readActionCableOptions = (raw: unknown, base: string): Settings => readOptionsOf(OWN, raw, base)
