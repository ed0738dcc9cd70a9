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

/** The options of `serve` for a link of the app's own. A missing, unknown or malformed option throws `bad-option`. */
export interface LinkOptions<Panels extends PanelTable> extends CommonOptions<Panels> {
  /** Makes the link. It is called once; with a second parameter, `room`, it is called for each room, which then has its own link. */
  readonly link: (events: LinkEvents, room: string) => Link
  /** The server's address, for people and as a part of the database's name. @default 'link' */
  readonly server?: string
  /** How to talk to the server: the messages to send, and the meaning of those received. @default jsonDialect */
  readonly dialect?: Dialect
}

const RULES: Rules = {
  link: [isFunction, 'a function (events) => link, or (events, room) => link'],
  server: [text(Infinity, 1), 'the address of the server'],
  dialect: dialectRule('jsonDialect'),
}

const OWN: OwnOptions = {
  required: ['link'],
  rules: RULES,
  read(options) {
    const { link, server = 'link', dialect = jsonDialect } = options as unknown as LinkOptions<PanelTable>
    const create = link as (events: LinkEvents, room?: string) => Link
    return {
      server,
      dialect,
      connect: (parts) =>
        create.length > 1
          ? createEndpoints(parts, (room, events) => create(events, room))
          : createConnection(parts, (events) => create(events)),
    }
  },
}

/** Checks an app's options, and fills in defaults. Throws `bad-option`, with the option's name. */
export const readLinkOptions = (raw: unknown, base: string): Settings => readOptionsOf(OWN, raw, base)
