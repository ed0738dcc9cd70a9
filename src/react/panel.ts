import type { AnyServed, PanelEvent, PanelOf } from '../../shared/panel-types'
import type { Line } from '../line/line'
import { keepLast, type Latest, type LatestOf, NO_EVENTS } from './latest'
import type { AnyLine } from './panel-memo'
import { type Reducer, usePanelReducer } from './panel-reducer'

/**
 * Subscribes to a panel while the component is mounted. All components and tabs that use a panel share one join per room.
 *
 * Without a reducer it returns the last event of each room: `const { stats } = usePanel(line, 'errors')`. With one it
 * returns the state that the reducer computes from the panel's events, starting with `initial`. Last values come first
 * (`event.replayed`).
 *
 * - All events between two frames cause one render, or none if the reducer returns the state it was given.
 * - A new reducer in each render costs nothing: it does not subscribe again, and the last rendered one reads the next
 *   events. Earlier events are not read again, and only the first `initial` counts, as in `useReducer`.
 * - Panels are compared by value: `['workflow', '42']` may be a new array in each render. Another panel or line begins
 *   with `initial`; rooms that both panels have are neither left nor joined.
 * - A reducer that throws leaves the state unchanged. The error is reported as uncaught.
 * - It subscribes in an effect, so a server renders `initial`. So does a line that is `undefined` or closed.
 */
export function usePanel<S extends AnyServed, const Panel extends PanelOf<S>>(
  line: Line<S> | undefined,
  panel: Panel,
): LatestOf<S, Panel>
/** Subscribes as `usePanel(line, panel)` does. Returns what the reducer computes from the events, starting with `initial`. */
export function usePanel<S extends AnyServed, const Panel extends PanelOf<S>, State>(
  line: Line<S> | undefined,
  panel: Panel,
  reducer: (state: State, event: PanelEvent<S, Panel>) => State,
  initial: State,
): State
/** Subscribes as `usePanel(line, panel)` does. Returns what the reducer computes, starting with `undefined`. */
export function usePanel<S extends AnyServed, const Panel extends PanelOf<S>, State>(
  line: Line<S> | undefined,
  panel: Panel,
  reducer: (state: State | undefined, event: PanelEvent<S, Panel>) => State,
): State | undefined
export function usePanel(
  line: AnyLine,
  panel: PanelOf<AnyServed>,
  reducer?: (state: never, event: never) => unknown,
  initial?: unknown,
): unknown {
  return usePanelReducer<unknown, unknown>(
    line,
    panel,
    (reducer ?? keepLast) as Reducer<unknown>,
    reducer ? initial : NO_EVENTS,
    (state) => (reducer ? state : (state as Latest)[1]),
  )
}
