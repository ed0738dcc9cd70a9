import type { ReactElement } from 'react'
import type { AnyServed, PanelEvent, PanelOf, RoomOf, UntypedServed } from '../../shared/panel-types'
import type { Gap, PanelStatus, Status } from '../../shared/status'
import type { Line } from '../line/line'
import { createLineContext, type LineProviderProps, provideLine, useLineOf } from './context'
import { useGap } from './gap'
import { type LatestOf, type PanelRoomEvent, useLatest } from './latest'
import { usePanel } from './panel'
import { usePanelState, useStatus } from './status'

/** The hooks of one dashboard. Each finds the line of the nearest `LineProvider` that belongs to them. */
export interface Hooks<S extends AnyServed> {
  /** Hands a line to all components below. Only these hooks find it. */
  readonly LineProvider: (props: LineProviderProps<S>) => ReactElement
  /** The line of the nearest `LineProvider`. Throws `bad-argument` where there is none, as all these hooks do. */
  readonly useLine: () => Line<S> | undefined
  readonly usePanel: {
    /** `usePanel(line, panel)`: shows a panel, and gives the last event of each room. */
    <const Panel extends PanelOf<S>>(panel: Panel): LatestOf<S, Panel>
    /** `usePanel(line, panel, reducer, initial)`: what the reducer makes of the panel's events. */
    <const Panel extends PanelOf<S>, State>(
      panel: Panel,
      reducer: (state: State, event: PanelEvent<S, Panel>) => State,
      initial: State,
    ): State
    /** `usePanel(line, panel, reducer)`: what the reducer makes of the panel's events, from `undefined` on. */
    <const Panel extends PanelOf<S>, State>(
      panel: Panel,
      reducer: (state: State | undefined, event: PanelEvent<S, Panel>) => State,
    ): State | undefined
  }
  readonly useLatest: {
    /** `useLatest(line, panel)`: the last event of a panel. */
    <const Panel extends PanelOf<S>>(panel: Panel): PanelEvent<S, Panel> | undefined
    /** `useLatest(line, panel, room)`: the last event of one of its rooms. */
    <const Panel extends PanelOf<S>, const Room extends RoomOf<S, Panel>>(
      panel: Panel,
      room: Room,
    ): PanelRoomEvent<S, Panel, Room> | undefined
  }
  /** `useStatus(line)`: the state of the connection. */
  readonly useStatus: () => Status
  /** `usePanelState(line, panel)`: how a panel is doing. */
  readonly usePanelState: (panel: PanelOf<S>) => PanelStatus
  readonly useGap: {
    /** `useGap(line, panel, listener)`: calls the listener when events of the panel may be missing. */
    (panel: PanelOf<S>, listener: (gap: Gap) => void): void
    /** `useGap(line, listener)`: calls the listener for each gap in a room of this tab. */
    (listener: (gap: Gap) => void): void
  }
}

/**
 * The hooks of a dashboard. Call it once, at the top level of a module: then no component names the dashboard's type,
 * or is handed the line.
 *
 * ```ts
 * export const { LineProvider, useLine, usePanel, useLatest, useStatus, usePanelState, useGap } =
 *   createHooks<Dashboard>()
 * ```
 *
 * Each call has a context of its own, so that two dashboards on one page never get each other's line.
 */
export function createHooks<S extends AnyServed = UntypedServed>(): Hooks<S> {
  const context = createLineContext()
  /** The hook without its first argument, the line. Its type is the interface's: no cast can carry overloads over. */
  const bind = (hook: (line: never, ...rest: never[]) => unknown) =>
    ((...rest: never[]) => hook(useLineOf(context) as never, ...rest)) as never
  return {
    LineProvider: (props) => provideLine(context, props),
    useLine: () => useLineOf(context),
    usePanel: bind(usePanel),
    useLatest: bind(useLatest),
    useStatus: bind(useStatus),
    usePanelState: bind(usePanelState),
    useGap: bind(useGap),
  }
}
