import { PartylineError } from '../../shared/errors'
import type { Rules } from '../../shared/option-rules'
import type { PanelTable } from '../../shared/panel-types'
import { either, isBoolean, isFunction, text } from '../checks'
import {
  type CommonOptions,
  CREDENTIALS,
  dialectRule,
  type OwnOptions,
  readOptionsOf,
  type Settings,
} from '../common-options'
import type { Dialect } from '../dialect/dialect'
import { roomDialect } from '../dialect/room-dialect'
import { createConnection } from '../link/connection'
import { createEndpoints } from '../link/endpoints'
import { createLink } from '../link/sse/link'

/** Where a token goes: into the query, as `token`; into the header `Authorization`, as a bearer token; or into the address that a function returns. */
export type StreamTokenPlace = 'query' | 'header' | ((url: string, token: string) => string)

interface OwnStreamOptions {
  /** The meaning of the events received. Its `join` and `leave` are not called. @default roomDialect */
  readonly dialect?: Dialect
  /** Where the token goes. A server that knows users by a cookie needs none. @default 'query' */
  readonly tokenIn?: StreamTokenPlace
  /** Whether cookies are sent. @default 'same-origin' */
  readonly credentials?: 'same-origin' | 'include' | 'omit'
  /**
   * Whether the server, told the id of an event, sends everything that came after it. Otherwise every loss is a gap.
   * @default false
   */
  readonly resumes?: boolean
  /** The query parameter that takes the id of the last event. @default none: it is sent as the header `Last-Event-ID` */
  readonly lastIdIn?: string
}

/** The options of `serve` for server-sent events. A missing, unknown or malformed option throws `bad-option`. */
export type StreamOptions<Panels extends PanelTable> = CommonOptions<Panels> &
  OwnStreamOptions &
  (
    | {
        /** Returns the URL of one stream with the events of these rooms. When another room is wanted, another stream replaces it. */
        readonly stream: (rooms: readonly string[]) => string
        readonly endpoint?: never
      }
    | {
        /** Returns the URL of a room's own stream. Each is retried on its own. */
        readonly endpoint: (room: string) => string
        readonly stream?: never
      }
  )

const PLACES: readonly unknown[] = ['query', 'header']

const RULES: Rules = {
  stream: [isFunction, 'a function (rooms) => URL or path on this origin'],
  endpoint: [isFunction, 'a function (room) => URL or path on this origin'],
  dialect: dialectRule('roomDialect'),
  tokenIn: [
    either(isFunction, (value) => PLACES.includes(value)),
    "'query', 'header', or a function (url, token) => url",
  ],
  credentials: [(value) => CREDENTIALS.includes(value), "'same-origin', 'include' or 'omit'"],
  resumes: [isBoolean, 'true or false'],
  lastIdIn: [text(Infinity, 1), 'the name of a query parameter'],
}

const OWN: OwnOptions = {
  rules: RULES,
  read(options, resolve) {
    const {
      stream,
      endpoint,
      dialect = roomDialect,
      tokenIn = 'query',
      credentials = 'same-origin',
      resumes = false,
      lastIdIn,
    } = options as Partial<StreamOptions<PanelTable>>
    if ((stream === undefined) === (endpoint === undefined))
      throw new PartylineError(
        'bad-option',
        'serve: give either "stream", for one stream of all rooms, or "endpoint", for a stream per room.',
      )
    function withToken(url: URL, token: string | undefined): URL {
      if (token === undefined || tokenIn === 'header') return url
      if (typeof tokenIn === 'function') return new URL(tokenIn(url.href, token))
      url.searchParams.set('token', token)
      return url
    }
    const settings = {
      headers: (token: string | undefined): Readonly<Record<string, string>> =>
        token !== undefined && tokenIn === 'header' ? { authorization: `Bearer ${token}` } : {},
      credentials,
      resumes,
      lastIdIn,
    }
    const urlOf = (option: string, address: string) => new URL(resolve(option, address))
    if (stream) {
      return {
        server: urlOf('stream', '/').href,
        dialect,
        connect: (parts) =>
          createConnection(
            { ...parts, obstacle: () => parts.obstacle?.(() => stream(parts.wanted())) },
            (events) =>
              createLink(
                { ...settings, url: (rooms, token) => withToken(urlOf('stream', stream(rooms)), token) },
                events,
              ),
          ),
      }
    }
    const addressOf = endpoint as (room: string) => string
    return {
      server: urlOf('endpoint', '/').href,
      dialect,
      connect: (parts) =>
        createEndpoints(
          parts,
          (room, events) =>
            createLink(
              { ...settings, url: (_, token) => withToken(urlOf('endpoint', addressOf(room)), token), room },
              events,
            ),
          addressOf,
        ),
    }
  },
}

/** Checks an app's options, and fills in defaults. Throws `bad-option`, with the option's name. */
export const readStreamOptions = (raw: unknown, base: string): Settings => readOptionsOf(OWN, raw, base)
