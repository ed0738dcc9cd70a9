import type { AnyServed, PanelEvent, PanelOf } from '../../shared/panel-types'
import type { Line } from '../line/line'
import { type Reducer, useFeed } from './feed'
import type { AnyLine } from './kept'
import { type Latest, type LatestOf, NOTHING, remember } from './latest'

/**
 * Shows a panel: its rooms are joined while a component is mounted that uses it, once for all components and tabs.
 *
 * Without a reducer, the last event of each room: `const { stats } = usePanel(line, 'errors')`. With one, what the
 * reducer makes of the panel's events, from `initial` on, the kept last values (`event.replayed`) first.
 *
 * - All events between two frames are one render, and none where the reducer returns the state it was given.
 * - A new reducer in each render costs nothing: the connection is untouched, and the last one rendered reads what comes
 *   next. What came before is not read again, and `initial` counts once, as in `useReducer`.
 * - Panels are compared by value: `['workflow', '42']` may be written anew in each render. Another panel, or another
 *   line, begins with `initial`; rooms that both panels have are neither left nor joined.
 * - A reducer that throws leaves the state as it was; the error is reported like any uncaught one.
 * - It subscribes in an effect, so a server renders `initial`; so does a line that is `undefined` or closed.
 */
export function usePanel<S extends AnyServed, const Panel extends PanelOf<S>>(
  line: Line<S> | undefined,
  panel: Panel,
): LatestOf<S, Panel>
/** What the reducer makes of the panel's events, from `initial` on. All that is said of `usePanel(line, panel)` holds. */
export function usePanel<S extends AnyServed, const Panel extends PanelOf<S>, State>(
  line: Line<S> | undefined,
  panel: Panel,
  reducer: (state: State, event: PanelEvent<S, Panel>) => State,
  initial: State,
): State
/** What the reducer makes of the panel's events, from `undefined` on. All that is said of `usePanel(line, panel)` holds. */
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
  return useFeed<unknown, unknown>(
    line,
    panel,
    (reducer ?? remember) as Reducer<unknown>,
    reducer ? initial : NOTHING,
    (state) => (reducer ? state : (state as Latest)[1]),
  )
}
