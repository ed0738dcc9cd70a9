import { PartylineError } from '../shared/errors'
import { checkOptions, type Rule, type Rules } from '../shared/option-rules'
import type { PanelTable } from '../shared/panel-types'
import type { TokenSource } from '../shared/token'
import { either, isFunction, isObject, list, number, object, only, optional, text, whole } from './checks'
import type { Dialect, Route } from './dialect/dialect'
import { roomDialect } from './dialect/room-dialect'
import type { Connection, ConnectionParts } from './link/connection'
import { dependable, type RetryPolicy, type RetryTiming, steady } from './link/retry'
import type { VersionSettings } from './reload/version-poll'
import { type Checks, readChecks } from './schemas'
import type { CreateSends } from './sends/options'

/** The options that `serve` has for each kind of server. Only `panels` is required. */
export interface CommonOptions<Panels extends PanelTable> {
  /** The rooms of each panel: an array, or a function from the panel's string parameters to an array. */
  readonly panels: Panels
  /**
   * Returns the room or rooms of an event that does not name them, or `undefined`. An event without a room is delivered to no
   * tab, counted as `unrouted`, and warned about once per name. @default none
   */
  readonly route?: Route
  /**
   * When to try again after the connection is lost. The first retry comes at a random time within `first` ms, later ones every
   * `every` ms ± `jitter`, without an end. A function gets the retry's number, from 1, and returns the ms to wait; if it throws
   * or returns no delay, the default applies. Where browsers delay WebSockets, because others have failed, the worker keeps this
   * pace by asking over HTTP whether the server is back. @default { first: 1000, every: 5000, jitter: 0.2 }
   */
  readonly retry?: RetryTiming | RetryPolicy
  /**
   * How often the server promises to send something, at least every `every` ms. If nothing comes for `misses` times as long,
   * the connection is dropped and dialled again.
   * @default none, except for Action Cable. With Socket.IO, a dead connection is then found by Socket.IO's own pings, after 45 s by
   * default; with other servers, only when the browser gives it up, or by a `ping` of plain WebSocket
   */
  readonly keepalive?: { readonly every: number; readonly misses: number }
  /** The endpoint that tells the deployed version, so that pages can be told to reload. @default none */
  readonly version?: VersionOptions
  /**
   * How long the version endpoint must have answered, in ms, while the connection stayed down, before pages are told to reload
   * with reason `stuck`. Only an unbroken run of answers counts, from the first of the outage. `false` turns it off.
   * @default 60000
   */
  readonly reloadAfter?: number | false
  /**
   * Fetches the token that is sent with each handshake, one fetch at a time. It may return the `Response` of
   * a `fetch`: a 401 or 403 is a refusal, any other failure is retried. Tokens are never stored or logged.
   * @default none: tabs may provide one, with `connect(…, { token })`
   */
  readonly token?: TokenSource
  /** How many last values of each room are kept for panels that are subscribed to later; 0 keeps none. @default 1 */
  readonly retain?: number
  /** How long the rooms and undelivered events of a tab that went away are kept for its return, in ms. @default 10000 */
  readonly grace?: number
  /**
   * The most undelivered events of a slow or absent tab. When there are more, only the last value of each room is kept, and the
   * tab gets a gap for the others. @default 1000
   */
  readonly queue?: number
  /**
   * The longest event, in characters on the wire. A longer one is dropped, counted as `oversized`, and reported as a gap.
   * @default none
   */
  readonly largest?: number
}

/**
 * The endpoint that tells the deployed version over plain HTTP: JSON `{ version }`, or one line of text. It is requested
 * - once after each connect,
 * - every `every` ms ± 20 % while the connection is down,
 * - every `online` ms ± 20 % while it is up, if `online` is set,
 * - once when a page says hello that runs another version than the last one seen,
 * - once more after an answer that differs from what a page runs, and after the first one without a version while it is up.
 */
export interface VersionOptions {
  /** A URL, or a path on the worker's origin. */
  readonly url: string
  /** ms between two requests while the connection is down. @default 30000 */
  readonly every?: number
  /**
   * ms between two requests while the connection is up. Needed where pages are deployed without a restart of the server, which
   * the connection would notice. @default none
   */
  readonly online?: number
  /** The longest time an answer may take, in ms. @default 10000 */
  readonly timeout?: number
  /**
   * Whether cookies are sent. With `include`, another origin must answer with `Access-Control-Allow-Credentials: true`, and
   * with this origin in `Access-Control-Allow-Origin`, because browsers reject `*` then. @default 'same-origin'
   */
  readonly credentials?: 'same-origin' | 'include' | 'omit'
}

/** Checked options, with defaults filled in. */
export interface Settings extends Omit<LinkSettings, 'keepalive'>, CommonSettings {}

/** What the options of one kind of server are about: how to connect to it, and how to talk to it. */
export interface LinkSettings {
  /** The server's address. It is a part of the database's name. */
  readonly server: string
  readonly connect: (parts: ConnectionParts) => Connection
  readonly dialect: Dialect
  /** Absent where the server cannot be sent anything. */
  readonly createSends?: CreateSends
  /** The keepalive that this kind of link brings. Used if the app sets none. */
  readonly keepalive?: CommonSettings['keepalive']
}

interface CommonSettings {
  readonly panels: PanelTable
  /** The check of each room's payloads, where a room has a schema. */
  readonly checks: Checks | undefined
  readonly route: Route | undefined
  readonly createRetry: () => RetryPolicy
  readonly keepalive: { readonly every: number; readonly misses: number } | undefined
  readonly version: VersionSettings | undefined
  readonly reloadAfter: number | undefined
  readonly token: TokenSource | undefined
  readonly retain: number
  readonly grace: number
  readonly queue: number
  readonly largest: number
}

export const isUrl = (value: unknown) => {
  try {
    return text()(value) && /^(https?|wss?):$/.test(new URL(value as string, 'http://localhost').protocol)
  } catch {
    return false
  }
}

/** A day: the longest time that an option may have. */
const LONG = 86_400_000
export const isTime = number(1, LONG)

export const CREDENTIALS: readonly unknown[] = [
  'same-origin',
  'include',
  'omit',
] satisfies RequestCredentials[]

const OPTIONAL = ['seq', 'position', 'resume', 'send', 'answer', 'failure']
const PARTS = Object.keys(roomDialect).filter((part) => !OPTIONAL.includes(part))

/** The rule for an app's dialect. `base` is the name of the one that it spreads. */
export const dialectRule = (base: string): Rule => [
  object({
    ...Object.fromEntries(PARTS.map((part) => [part, isFunction])),
    ...Object.fromEntries(OPTIONAL.map((part) => [part, optional(isFunction)])),
  }),
  `a dialect with ${PARTS.join(', ')}, and optionally ${OPTIONAL.join(', ')}; spread ${base} for the parts you keep`,
]

export const URL_RULE: Rule = [isUrl, 'an http(s) or ws(s) URL, or a path on this origin']

const COMMON_RULES: Rules = {
  panels: [
    (value) =>
      isObject(value) && list(either(isFunction, list(text(Infinity, 1))), Infinity, 1)(Object.values(value)),
    'an object of panels, each an array of room names or a function that returns one, e.g. { errors: ["errors", "stats"] }',
  ],
  rooms: [isObject, 'an object with a schema for each room, or `{} as Rooms` for the compiler alone'],
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

export interface OwnOptions {
  /** The rules of the options that only this kind of server has. */
  readonly rules: Rules
  /** Reads them, once they are checked. */
  readonly read: (options: Readonly<Record<string, unknown>>, resolve: Resolve) => LinkSettings
}

/** Makes an absolute URL of an option. Throws `bad-option`. */
export type Resolve = (option: string, url: string) => string

/** Checks an app's options, and fills in defaults. Throws `bad-option`, with the option's name. */
export function readOptionsOf({ rules, read }: OwnOptions, raw: unknown, base: string): Settings {
  // `null`, so that the rules reject panels that are missing.
  const options = isObject(raw) ? { ...raw, panels: raw['panels'] ?? null } : raw
  checkOptions('serve', options, { ...COMMON_RULES, ...rules })
  const {
    panels,
    rooms = {},
    route,
    retry = {},
    keepalive,
    version,
    reloadAfter = 60_000,
    token,
    retain = 1,
    grace = 10_000,
    queue = 1000,
    largest = Infinity,
  } = raw as CommonOptions<PanelTable> & { readonly rooms?: object }
  const link = read(raw as Readonly<Record<string, unknown>>, (option, url) => resolve(option, url, base))
  return {
    ...link,
    panels,
    checks: readChecks('rooms', rooms),
    route,
    createRetry: () => (typeof retry === 'function' ? dependable(retry) : steady(retry)),
    keepalive: keepalive ?? link.keepalive,
    version: version && readVersion(version, base),
    reloadAfter: reloadAfter === false ? undefined : reloadAfter,
    token,
    retain,
    grace,
    queue,
    largest,
  }
}

const readVersion = (
  { url, every = 30_000, online, timeout = 10_000, credentials = 'same-origin' }: VersionOptions,
  base: string,
): VersionSettings => ({ url: resolve('version', url, base), every, online, timeout, credentials })

function resolve(option: string, url: string, base: string): string {
  // An app's function may have returned anything.
  if (!isUrl(url))
    throw new PartylineError(
      'bad-option',
      `serve: "${option}" returned ${JSON.stringify(url)}. It should be ${URL_RULE[1]}.`,
    )
  try {
    return new URL(url, base).href
  } catch (cause) {
    throw new PartylineError(
      'bad-option',
      `serve: the url in option "${option}" should be absolute, because the worker's own address ("${base}") has no origin.`,
      { cause },
    )
  }
}
