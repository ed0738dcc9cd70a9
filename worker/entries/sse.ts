import type { PanelTable, RoomNameOf, RoomsBeginningWith, Served } from '../../shared/panel-types'
import { serveWith } from '../serve'
import { readStreamOptions, type StreamOptions } from './sse-options'

export { PartylineError } from '../../shared/errors'
export type { Served } from '../../shared/panel-types'
export type { TokenAnswer, TokenSource } from '../../shared/token'
export type { CommonOptions, VersionOptions } from '../common-options'
export type { Dialect, Kind, Message, Rejection, Route } from '../dialect/dialect'
export { roomDialect } from '../dialect/room-dialect'
export { backoff, type RetryPolicy, type RetryTiming } from '../link/retry'
export type { StreamOptions, StreamTokenPlace } from './sse-options'

/**
 * Runs the switchboard in a worker: its streams are shared by every tab that connects to it. Called once, in
 * the dashboard's own worker file, at its top level.
 *
 * Throws `bad-option` when an option is missing, unknown or malformed; pages hear of it through `line.ready`.
 */
export function serve<
  Rooms extends object,
  Room extends RoomNameOf<Rooms>,
  const Panels extends PanelTable<Room | RoomsBeginningWith<keyof Rooms>>,
>(
  options: StreamOptions<Panels> & {
    /**
     * The payload of each room: a type for the compiler alone, `{} as Rooms`, or a schema of zod, valibot or another library that
     * implements Standard Schema. What does not fit its schema is not delivered. @default every payload is `unknown`
     */
    readonly rooms?: Rooms
  },
): Served<Panels, Rooms> {
  return serveWith((base) => readStreamOptions(options, base))
}
