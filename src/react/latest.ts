import type { AnyServed, PanelEvent, PanelOf, RoomOf } from '../../shared/panel-types'
import type { Line } from '../line/line'
import type { AnyLine } from './panel-memo'
import { type AnyEvent, type Reducer, usePanelReducer } from './panel-reducer'

/** An event of one room of a panel. Its `data` has that room's type. */
export type PanelRoomEvent<S extends AnyServed, Panel, Room> =
  PanelEvent<S, Panel> extends infer Event
    ? Event extends { readonly room: infer Known }
      ? Room extends Known
        ? Event
        : never
      : never
    : never

/** The last event of each room of a panel, by the room's name. A room without an event yet is absent. */
export type LatestOf<S extends AnyServed, Panel> = {
  readonly [Room in RoomOf<S, Panel>]?: PanelRoomEvent<S, Panel, Room>
}

/** The last event of the panel, and the last of each room. */
export type Latest = readonly [last: AnyEvent | undefined, rooms: Readonly<Record<string, AnyEvent>>]

// Without a prototype, because a room may be named `constructor`.
export const NO_EVENTS: Latest = [undefined, Object.create(null)]

export const keepLast: Reducer<Latest> = ([, rooms], event) => [
  event,
  Object.assign(Object.create(null), rooms, { [event.room]: event }),
]

/**
 * Returns the last event of a panel, `undefined` until there is one. `replayed` is `true` if it is a last value, which the
 * worker had kept. A test of its `room` narrows its `data`.
 *
 * Subscribes as `usePanel` does, with the same guarantees.
 */
export function useLatest<S extends AnyServed, const Panel extends PanelOf<S>>(
  line: Line<S> | undefined,
  panel: Panel,
): PanelEvent<S, Panel> | undefined
/**
 * Returns the last event of one room of a panel, `undefined` until there is one. Events of other rooms cause no render.
 *
 * Subscribes as `usePanel` does, with the same guarantees.
 */
export function useLatest<
  S extends AnyServed,
  const Panel extends PanelOf<S>,
  const Room extends RoomOf<S, Panel>,
>(line: Line<S> | undefined, panel: Panel, room: Room): PanelRoomEvent<S, Panel, Room> | undefined
export function useLatest(line: AnyLine, panel: PanelOf<AnyServed>, room?: string): unknown {
  return usePanelReducer(line, panel, keepLast, NO_EVENTS, ([last, rooms]) =>
    room === undefined ? last : rooms[room],
  )
}
