import type {
  PanelTable,
  RoomNameOf,
  RoomsBeginningWith,
  SendTable,
  SendToOf,
  Served,
  Unanswered,
} from '../../shared/panel-types'
import { serveWith } from '../serve'
import { type ActionCableOptions, readActionCableOptions } from './action-cable-options'

export { PartylineError } from '../../shared/errors'
export type { Served } from '../../shared/panel-types'
export type { TokenAnswer, TokenSource } from '../../shared/token'
export type { CommonOptions, VersionOptions } from '../common-options'
export type { Dialect, Kind, Message, Rejection, Route } from '../dialect/dialect'
export type { Identify } from '../link/action-cable/cable'
export { backoff, type RetryPolicy, type RetryTiming } from '../link/retry'
export type { Probe } from '../link/websocket/refusal'
export type { ActionCableOptions } from './action-cable-options'

/**
 * Runs the switchboard in a worker: one Action Cable, shared by every tab that connects to it. Called once, in
 * the dashboard's own worker file, at its top level.
 *
 * Throws `bad-option` when an option is missing, unknown or malformed; pages hear of it through `line.ready`.
 */
export function serve<
  Rooms extends object,
  Room extends RoomNameOf<Rooms>,
  const Panels extends PanelTable<Room | RoomsBeginningWith<keyof Rooms>>,
  const Sends extends SendTable,
>(
  options: ActionCableOptions<Panels> & {
    /**
     * The payload of each room: a type for the compiler alone, `{} as Rooms`, or a schema of zod, valibot or another library that
     * implements Standard Schema. What does not fit its schema is not delivered. @default every payload is `unknown`
     */
    readonly rooms?: Rooms
    /**
     * What pages may send by `line.send`: names; a schema of each payload; or types for the compiler alone, `{} as Sends`, which lets any
     * name but those of the dialect through. @default nothing
     */
    readonly sends?: Sends
    /** Returns the room to whose channel a message goes. Required with `sends`. A message to a room that is not joined is not sent. */
    readonly sendTo?: SendToOf<Sends>
  },
): Served<Panels, Rooms, Unanswered<Sends>> {
  return serveWith((base) => readActionCableOptions(options, base))
}
