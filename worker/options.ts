import type { Rules } from '../shared/option-rules'
import type { PanelTable } from '../shared/panel-types'
import { isObject } from './checks'
import {
  type CommonOptions,
  dialectRule,
  type OwnOptions,
  readOptionsOf,
  type Settings,
  URL_RULE,
} from './common-options'
import type { Dialect } from './dialect/dialect'
import { roomDialect } from './dialect/room-dialect'
import { createConnection } from './link/connection'
import { createLink, type SocketSettings } from './link/socket-io/link'
import { createKept } from './sends/kept'
import { KEEP_FOR, type KeepForOption, readSends, SENDS } from './sends/options'

/** The options of `serve`. Only `panels` is required. A missing, unknown or malformed option throws `bad-option`. */
export interface ServeOptions<Panels extends PanelTable> extends CommonOptions<Panels>, KeepForOption {
  /** The URL of the Socket.IO server. A path after the origin is a Socket.IO namespace. @default this origin */
  readonly url?: string
  /**
   * Options for socket.io-client, such as `path` and `query`. Those about reconnection and acknowledgement timeouts have no
   * effect: Partyline retries by `retry`. @default {}
   */
  readonly socket?: SocketSettings
  /** How to talk to the server: the messages to send, and the meaning of those received. @default roomDialect */
  readonly dialect?: Dialect
}

const RULES: Rules = {
  url: URL_RULE,
  socket: [isObject, "an object of socket.io-client's options"],
  dialect: dialectRule('roomDialect'),
  sends: SENDS,
  keepFor: KEEP_FOR,
}

const OWN: OwnOptions = {
  rules: RULES,
  read(options, resolve) {
    const { url = '/', socket = {}, dialect = roomDialect } = options as Partial<ServeOptions<PanelTable>>
    const server = resolve('url', url)
    return {
      server,
      dialect,
      createSends: readSends(options, { dialect, createKept }),
      connect: (parts) => createConnection(parts, (events) => createLink(server, socket, events)),
    }
  },
}

/** Checks an app's options, and fills in defaults. Throws `bad-option`, with the option's name. */
export const readOptions = (raw: unknown, base: string): Settings => readOptionsOf(OWN, raw, base)
