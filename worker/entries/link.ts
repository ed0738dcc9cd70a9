import type { PanelTable, RoomNameOf, Served } from '../../shared/panel-types'
import { serveWith } from '../serve'
import { type LinkOptions, readLinkOptions } from './link-options'

export { PartylineError } from '../../shared/errors'
export type { Served } from '../../shared/panel-types'
export type { TokenAnswer, TokenSource } from '../../shared/token'
export type { CommonOptions, VersionOptions } from '../common-options'
export type { Dialect, Kind, Message, Rejection, Route } from '../dialect/dialect'
export { jsonDialect } from '../dialect/json-dialect'
export { roomDialect } from '../dialect/room-dialect'
export type {
  Arrival,
  Credentials,
  Link,
  LinkEvents,
  Loss,
  Opening,
  RoomEvents,
  SessionKey,
} from '../link/link'
export { backoff, type RetryPolicy, type RetryTiming } from '../link/retry'
export type { LinkOptions } from './link-options'

/**
 * Runs the switchboard in a worker over a link that the app has written, shared by every tab that connects. Called once, in
 * the dashboard's own worker file, at its top level.
 *
 * Throws `bad-option` when an option is missing, unknown or malformed; pages hear of it through `line.ready`.
 */
export function serve<
  Rooms extends object,
  Room extends RoomNameOf<Rooms>,
  const Panels extends PanelTable<Room>,
>(
  options: LinkOptions<Panels> & {
    /** Payload type per room, for the compiler alone: `{} as Rooms`. @default every payload is `unknown` */
    readonly rooms?: Rooms
  },
): Served<Panels, Rooms> {
  return serveWith((base) => readLinkOptions(options, base))
}
