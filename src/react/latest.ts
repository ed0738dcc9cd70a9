import type { AnyServed, PanelEvent, PanelOf, RoomOf } from '../../shared/panel-types'
import type { Line } from '../line/line'
import { type Heard, type Reducer, useFeed } from './feed'
import type { AnyLine } from './kept'

/** An event of one room of a panel. */
export type PanelRoomEvent<S extends AnyServed, Panel, Room> =
  PanelEvent<S, Panel> extends infer Event
    ? Event extends { readonly room: infer Known }
      ? Room extends Known
        ? Event
        : never
      : never
    : never

/** The last event of each room of a panel, by the room's name. A room that has had none is missing. */
export type LatestOf<S extends AnyServed, Panel> = {
  readonly [Room in RoomOf<S, Panel>]?: PanelRoomEvent<S, Panel, Room>
}

/** The last event of all, and of each room. */
export type Latest = readonly [last: Heard | undefined, rooms: Readonly<Record<string, Heard>>]

// Without a prototype: a room may be named like something every object has.
export const NOTHING: Latest = [undefined, Object.create(null)]

export const remember: Reducer<Latest> = ([, rooms], event) => [
  event,
  { __proto__: null, ...rooms, [event.room]: event } as unknown as Latest[1],
]

/**
 * The last event of a panel, `undefined` until there is one. It has `data`, `at`, and `replayed` where it was kept for
 * latecomers. Testing its `room` narrows its `data`.
 *
 * All that `usePanel` guarantees holds here too.
 */
export function useLatest<S extends AnyServed, const Panel extends PanelOf<S>>(
  line: Line<S> | undefined,
  panel: Panel,
): PanelEvent<S, Panel> | undefined
/**
 * The last event of one room of a panel, `undefined` until there is one. The panel's other rooms render nothing.
 *
 * All that `usePanel` guarantees holds here too.
 */
export function useLatest<
  S extends AnyServed,
  const Panel extends PanelOf<S>,
  const Room extends RoomOf<S, Panel>,
>(line: Line<S> | undefined, panel: Panel, room: Room): PanelRoomEvent<S, Panel, Room> | undefined
export function useLatest(line: AnyLine, panel: PanelOf<AnyServed>, room?: string): unknown {
  return useFeed(line, panel, remember, NOTHING, ([last, rooms]) => (room === undefined ? last : rooms[room]))
}
