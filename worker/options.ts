import { PartylineError } from '../shared/errors'
import { checkOptions, type Rules } from '../shared/option-rules'
import type { PanelTable } from '../shared/panel-types'
import type { TokenSource } from '../shared/token'
import { either, isFunction, isObject, list, number, object, only, optional, text, whole } from './checks'
import type { Dialect, Route } from './dialect/dialect'
import { roomDialect } from './dialect/room-dialect'
import { dependable, type RetryPolicy, type RetryTiming, steady } from './link/retry'
import type { SocketSettings } from './link/socket-io/link'
import type { VersionSettings } from './reload/version-poll'

export interface ServeOptions<Panels extends PanelTable> {
  /** Which rooms each panel shows: a list, or a function of string parameters to a list. */
  readonly panels: Panels
  /** Where the Socket.IO server is. A path behind the origin is a Socket.IO namespace. @default this origin */
  readonly url?: string
  /** Anything socket.io-client takes, `path` and `query` for example. Reconnection stays Partyline's. @default {} */
  readonly socket?: SocketSettings
  /** How the server is spoken to. @default roomDialect */
  readonly dialect?: Dialect
  /** For servers whose events do not name their room: the room or rooms of an event, or `undefined`. */
  readonly route?: Route
  /**
   * When to try again: the first retry anywhere in 0…`first` ms, then every `every` ms ± `jitter`, for ever; or a
   * function from the attempt's number to ms. @default { first: 1000, every: 5000, jitter: 0.2 }
   */
  readonly retry?: RetryTiming | RetryPolicy
  /**
   * The server promises a message of some kind at least every `every` ms. When nothing was heard for `misses` times
   * as long, the connection is dropped and dialled anew. @default none: the transport's own pings, 45 s by default
   */
  readonly keepalive?: { readonly every: number; readonly misses: number }
  /** Where the deployed version can be read, and when it is asked for. @default none */
  readonly version?: VersionOptions
  /**
   * When the version endpoint has gone on giving a version for this many ms while the connection stayed down, pages are
   * told to reload, reason `stuck`. An outage in which nothing answers does not count, and neither does time before the
   * endpoint's first answer. `false` turns it off. @default 60000
   */
  readonly reloadAfter?: number | false
  /**
   * Fetches the token sent as `auth.token`, fresh before each handshake, one fetch at a time. May return the
   * `Response` of a fetch as it is: a 401 or 403 counts as a refusal, anything else that fails is tried again.
   * Tokens are never stored or logged. @default none; tabs may bring one: `connect(…, { token })`
   */
  readonly token?: TokenSource
  /** Last values kept per room for tabs that come late; 0 keeps none. @default 1 */
  readonly retain?: number
  /** How long the rooms and undelivered events of a tab that went away are kept for its return, in ms. @default 10000 */
  readonly grace?: number
  /** Undelivered events a slow or absent tab may have before they become a gap. @default 1000 */
  readonly queue?: number
  /**
   * Events longer than so many characters on the wire are dropped, counted as `oversized`, and owned up to as a gap.
   * @default none
   */
  readonly largest?: number
}

/**
 * An endpoint that answers plain HTTP with the deployed version: JSON `{ version }`, or one line of text. It is asked
 * - once after each connect,
 * - every `every` ms ± 20 % while the connection is down,
 * - every `online` ms ± 20 % while it is up, if `online` is set,
 * - once when a page says hello that runs another version than the last one seen,
 * - once more after an answer that differs from what a page runs, or that is no version.
 */
export interface VersionOptions {
  /** A URL, or a path on the worker's origin. */
  readonly url: string
  /** ms between two requests while the connection is down. @default 30000 */
  readonly every?: number
  /** ms between two requests while the connection is up, for pages that are deployed without a restart of the server. @default none */
  readonly online?: number
  /** ms an answer may take. @default 10000 */
  readonly timeout?: number
  /**
   * Whether cookies are sent. With `include`, another origin must answer with `Access-Control-Allow-Credentials: true` and
   * name this origin in `Access-Control-Allow-Origin`: browsers refuse `*` then. @default 'same-origin'
   */
  readonly credentials?: 'same-origin' | 'include' | 'omit'
}

/** Options, checked and complete. */
export interface Settings {
  readonly panels: PanelTable
  readonly url: string
  readonly socket: SocketSettings
  readonly dialect: Dialect
  readonly route: Route | undefined
  readonly retry: RetryPolicy
  readonly keepalive: { readonly every: number; readonly misses: number } | undefined
  readonly version: VersionSettings | undefined
  readonly reloadAfter: number | undefined
  readonly token: TokenSource | undefined
  readonly retain: number
  readonly grace: number
  readonly queue: number
  readonly largest: number
}

const isUrl = (value: unknown) => {
  try {
    return text()(value) && /^(https?|wss?):$/.test(new URL(value as string, 'http://localhost').protocol)
  } catch {
    return false
  }
}

/** A day: no time in the options is sensibly longer. */
const LONG = 86_400_000
const isTime = number(1, LONG)

const CREDENTIALS: readonly unknown[] = ['same-origin', 'include', 'omit'] satisfies RequestCredentials[]

const PARTS = Object.keys(roomDialect)

const RULES: Rules = {
  panels: [
    (value) =>
      isObject(value) && list(either(isFunction, list(text(Infinity, 1))), Infinity, 1)(Object.values(value)),
    'an object of panels, each an array of room names or a function that returns one, e.g. { errors: ["errors", "stats"] }',
  ],
  rooms: [isObject, '`{} as Rooms`, for the compiler alone'],
  url: [isUrl, 'an http(s) or ws(s) URL, or a path on this origin'],
  socket: [isObject, "an object of socket.io-client's options"],
  dialect: [
    object({ ...Object.fromEntries(PARTS.map((part) => [part, isFunction])), seq: optional(isFunction) }),
    `a dialect with ${PARTS.join(', ')}, and perhaps seq; spread roomDialect for the parts you keep`,
  ],
  route: [isFunction, 'a function (name, payload) => room, rooms or undefined'],
  retry: [
    either(
      isFunction,
      only({ first: optional(number(0, LONG)), every: optional(isTime), jitter: optional(number(0, 1)) }),
    ),
    'a function (attempt) => ms, or { first, every, jitter } with first ≥ 0 ms, every ≥ 1 ms and jitter from 0 to 1',
  ],
  keepalive: [
    only({ every: isTime, misses: whole(1, 1000) }),
    '{ every, misses } with every ≥ 1 ms and misses a whole number ≥ 1',
  ],
  version: [
    only({
      url: isUrl,
      every: optional(isTime),
      online: optional(isTime),
      timeout: optional(isTime),
      credentials: optional((value) => CREDENTIALS.includes(value)),
    }),
    '{ url, every?, online?, timeout?, credentials? } with a URL or a path on this origin, milliseconds ≥ 1, ' +
      'and credentials "same-origin", "include" or "omit"',
  ],
  reloadAfter: [(value) => value === false || isTime(value), 'a number of milliseconds ≥ 1, or false'],
  token: [isFunction, 'a function that returns a token, { token } or a Response'],
  retain: [whole(0, 1000), 'a whole number of last values per room, 0 to 1000'],
  grace: [number(0, LONG), 'a number of milliseconds ≥ 0'],
  queue: [whole(1, 1_000_000), 'a whole number of events ≥ 1'],
  largest: [whole(1, Number.MAX_SAFE_INTEGER), 'a whole number of characters ≥ 1'],
}

/** Checks what an app wrote, and fills in the rest. Throws `bad-option`, naming the option. */
export function readOptions(raw: unknown, base: string): Settings {
  // Panels are the one option that has to be there.
  checkOptions('serve', isObject(raw) ? { ...raw, panels: raw['panels'] ?? null } : raw, RULES)
  const options = raw as ServeOptions<PanelTable>
  const { retry = {}, version, reloadAfter = 60_000 } = options
  return {
    panels: options.panels,
    url: resolve('url', options.url ?? '/', base),
    socket: options.socket ?? {},
    dialect: options.dialect ?? roomDialect,
    route: options.route,
    retry: typeof retry === 'function' ? dependable(retry) : steady(retry),
    keepalive: options.keepalive,
    version: version && readVersion(version, base),
    reloadAfter: reloadAfter === false ? undefined : reloadAfter,
    token: options.token,
    retain: options.retain ?? 1,
    grace: options.grace ?? 10_000,
    queue: options.queue ?? 1000,
    largest: options.largest ?? Number.POSITIVE_INFINITY,
  }
}

const readVersion = (
  { url, every = 30_000, online, timeout = 10_000, credentials = 'same-origin' }: VersionOptions,
  base: string,
): VersionSettings => ({ url: resolve('version', url, base), every, online, timeout, credentials })

function resolve(option: string, url: string, base: string): string {
  try {
    return new URL(url, base).href
  } catch (cause) {
    throw new PartylineError(
      'bad-option',
      `serve: the url in option "${option}" should be absolute here, because the worker's own address (${base}) has no origin.`,
      { cause },
    )
  }
}
