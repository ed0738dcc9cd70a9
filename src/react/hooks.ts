import type { ReactElement } from 'react'
import type { AnyServed, PanelEvent, PanelOf, RoomOf, UntypedServed } from '../../shared/panel-types'
import type { Gap, PanelStatus, Status } from '../../shared/status'
import type { Line } from '../line/line'
import { createLineContext, type LineProviderProps, provideLine, useLineOf } from './context'
import { useGap } from './gap'
import { type LatestOf, type PanelRoomEvent, useLatest } from './latest'
import { useLead } from './lead'
import { usePanel } from './panel'
import { usePanelState, useStatus } from './status'

/** The hooks of one dashboard. Each uses the line of the nearest `LineProvider` from the same `createHooks` call. */
export interface Hooks<S extends AnyServed> {
  /** Provides a line to all components below. Only the hooks of the same `createHooks` call see it. */
  readonly LineProvider: (props: LineProviderProps<S>) => ReactElement
  /** Returns the line of the nearest `LineProvider`. Throws `bad-argument` if there is none, as all these hooks do. */
  readonly useLine: () => Line<S> | undefined
  readonly usePanel: {
    /** `usePanel(line, panel)`: subscribes to a panel, and returns the last event of each room. */
    <const Panel extends PanelOf<S>>(panel: Panel): LatestOf<S, Panel>
    /** `usePanel(line, panel, reducer, initial)`: returns the state that the reducer computes from the panel's events. */
    <const Panel extends PanelOf<S>, State>(
      panel: Panel,
      reducer: (state: State, event: PanelEvent<S, Panel>) => State,
      initial: State,
    ): State
    /** `usePanel(line, panel, reducer)`: the same, starting with `undefined`. */
    <const Panel extends PanelOf<S>, State>(
      panel: Panel,
      reducer: (state: State | undefined, event: PanelEvent<S, Panel>) => State,
    ): State | undefined
  }
  readonly useLatest: {
    /** `useLatest(line, panel)`: returns the last event of a panel. */
    <const Panel extends PanelOf<S>>(panel: Panel): PanelEvent<S, Panel> | undefined
    /** `useLatest(line, panel, room)`: returns the last event of one of its rooms. */
    <const Panel extends PanelOf<S>, const Room extends RoomOf<S, Panel>>(
      panel: Panel,
      room: Room,
    ): PanelRoomEvent<S, Panel, Room> | undefined
  }
  /** `useStatus(line)`: returns the status of the connection. */
  readonly useStatus: () => Status
  /** `usePanelState(line, panel)`: returns a panel's status. */
  readonly usePanelState: (panel: PanelOf<S>) => PanelStatus
  /** `useLead(line)`: returns whether this tab leads. */
  readonly useLead: () => boolean
  readonly useGap: {
    /** `useGap(line, panel, listener)`: calls the listener when events of the panel may be missing. */
    (panel: PanelOf<S>, listener: (gap: Gap) => void): void
    /** `useGap(line, listener)`: calls the listener for each gap in any room of this tab. */
    (listener: (gap: Gap) => void): void
  }
}

/**
 * Creates the hooks of a dashboard. Call it once, at the top level of a module: then no component has to name the
 * dashboard's type or take the line as a prop.
 *
 * ```ts
 * export const { LineProvider, useLine, usePanel, useLatest, useStatus, usePanelState, useLead, useGap } =
 *   createHooks<Dashboard>()
 * ```
 *
 * Each call creates its own context, so two dashboards on one page never get each other's line.
 */
export function createHooks<S extends AnyServed = UntypedServed>(): Hooks<S> {
  const context = createLineContext()
  /** Calls the hook with the context's line. The casts: TypeScript cannot derive a type without the line from overloads. */
  const bind = (hook: (line: never, ...rest: never[]) => unknown) =>
    ((...rest: never[]) => hook(useLineOf(context) as never, ...rest)) as never
  return {
    LineProvider: (props) => provideLine(context, props),
    useLine: () => useLineOf(context),
    usePanel: bind(usePanel),
    useLatest: bind(useLatest),
    useStatus: bind(useStatus),
    usePanelState: bind(usePanelState),
    useLead: bind(useLead),
    useGap: bind(useGap),
  }
}
