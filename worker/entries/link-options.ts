import { PartylineError } from '../../shared/errors'
import type { Rules } from '../../shared/option-rules'
import type { PanelTable } from '../../shared/panel-types'
import { isFunction, text } from '../checks'
import {
  type CommonOptions,
  dialectRule,
  type OwnOptions,
  readOptionsOf,
  type Settings,
} from '../common-options'
import type { Dialect } from '../dialect/dialect'
import { jsonDialect } from '../dialect/json-dialect'
import { createConnection } from '../link/connection'
import { createEndpoints } from '../link/endpoints'
import type { Link, LinkEvents } from '../link/link'
import { createKept } from '../sends/kept'
import { KEEP_FOR, type KeepForOption, readSends, SENDS } from '../sends/options'
import { readSendTo, SEND_TO } from '../sends/send-to'

interface OwnLinkOptions {
  /**
   * The server's address, a part of the database's name. A new build takes over session and last values only from a worker with
   * the same one. @default 'link'
   */
  readonly server?: string
  /** How to talk to the server: the messages to send, and the meaning of those received. @default jsonDialect */
  readonly dialect?: Dialect
}

/** The options of `serve` for a link that the app has written. A missing, unknown or malformed option throws `bad-option`. */
export type LinkOptions<Panels extends PanelTable> = CommonOptions<Panels> &
  KeepForOption &
  OwnLinkOptions &
  (
    | {
        /** Makes the link: one connection for all rooms. It is called once. */
        readonly link: (events: LinkEvents) => Link
        readonly endpoint?: never
        readonly sendTo?: never
      }
    | {
        /** Makes the link of one room: joining the room dials, and leaving hangs up. Each is retried on its own. */
        readonly endpoint: (room: string, events: LinkEvents) => Link
        readonly link?: never
      }
  )

const RULES: Rules = {
  link: [isFunction, 'a function (events) => link'],
  endpoint: [isFunction, 'a function (room, events) => link'],
  server: [text(Infinity, 1), 'the address of the server'],
  dialect: dialectRule('jsonDialect'),
  sends: SENDS,
  sendTo: SEND_TO,
  keepFor: KEEP_FOR,
}

const OWN: OwnOptions = {
  rules: RULES,
  read(options) {
    const {
      link,
      endpoint,
      server = 'link',
      dialect = jsonDialect,
    } = options as Partial<LinkOptions<PanelTable>>
    const roomOf = readSendTo(options, endpoint !== undefined)
    const createSends = readSends(options, { dialect, roomOf, createKept })
    const own = { server, dialect, createSends }
    if (link && !endpoint) return { ...own, connect: (parts) => createConnection(parts, link) }
    if (endpoint && !link) return { ...own, connect: (parts) => createEndpoints(parts, endpoint) }
    throw new PartylineError(
      'bad-option',
      'serve: give either "link", for one connection, or "endpoint", for a connection per room.',
    )
  },
}

/** Checks an app's options, and fills in defaults. Throws `bad-option`, with the option's name. */
export const readLinkOptions = (raw: unknown, base: string): Settings => readOptionsOf(OWN, raw, base)
