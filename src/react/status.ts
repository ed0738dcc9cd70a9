import { useCallback, useSyncExternalStore } from 'react'
import type { AnyServed, PanelOf } from '../../shared/panel-types'
import type { PanelStatus, Status } from '../../shared/status'
import type { Line } from '../line/line'
import { type AnyLine, useKept } from './kept'
import { createStore } from './store'

/** What a server renders, and what a page shows before there is a line. */
const CONNECTING: Status = { state: 'connecting', since: 0, attempt: 0, shared: true, persistent: true }
const JOINING: PanelStatus = { state: 'joining', rooms: {}, since: 0 }

/**
 * The state of the connection, `line.status`. Renders when it changes, and never for data or keepalives.
 *
 * On a server, and while the line is `undefined`, it is `connecting`.
 */
export function useStatus<S extends AnyServed>(line: Line<S> | undefined): Status {
  const subscribe = useCallback((onChange: () => void) => line?.on('status', onChange) ?? (() => {}), [line])
  return useSyncExternalStore(
    subscribe,
    () => line?.status ?? CONNECTING,
    () => CONNECTING,
  )
}

/**
 * How a panel is doing, `line.panel(panel)`: `joining`, `live`, `stale` or `denied`, its rooms, and when its last event
 * came. It only looks: what joins the panel's rooms is `usePanel` or `useLatest`, here or elsewhere on the page.
 *
 * - The same object until something of it changes, and one render per frame at most. `lastAt` changes with each event.
 * - Panels are compared by value.
 * - On a server, and while the line is `undefined`, it is `joining`.
 */
export function usePanelState<S extends AnyServed>(line: Line<S> | undefined, panel: PanelOf<S>): PanelStatus
export function usePanelState(line: AnyLine, panel: PanelOf<AnyServed>): PanelStatus {
  const store = useKept(line, panel, () => {
    const look = (known?: PanelStatus) => {
      const found = line?.panel(panel) ?? JOINING
      return known && JSON.stringify(known) === JSON.stringify(found) ? known : found
    }
    return createStore(look, (change) => line?.on('panels', () => change(look)))
  })
  return useSyncExternalStore(store.subscribe, store.get, () => JOINING)
}
