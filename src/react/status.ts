import { useCallback, useSyncExternalStore } from 'react'
import type { AnyServed, PanelOf } from '../../shared/panel-types'
import type { PanelStatus, Status } from '../../shared/status'
import type { Line } from '../line/line'
import { type AnyLine, usePanelMemo } from './panel-memo'
import { createStore } from './store'

/** The status on a server, and while there is no line. */
const CONNECTING: Status = { state: 'connecting', since: 0, attempt: 0, shared: true, persistent: true }
const JOINING: PanelStatus = { state: 'joining', rooms: {}, since: 0 }

/**
 * Returns the status of the connection, `line.status`. Renders when it changes, never for events or keepalives.
 *
 * On a server, and while the line is `undefined`, the state is `connecting`.
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
 * Returns a panel's status, `line.panel(panel)`: `joining`, `live`, `stale` or `denied`, the states of its rooms, and when
 * its last event came. It does not subscribe: the rooms are joined by a `usePanel` or `useLatest` anywhere on the page.
 *
 * - It returns the same object until a field changes, and renders at most once per frame. `lastAt` changes with each event.
 * - Panels are compared by value.
 * - On a server, and while the line is `undefined`, the state is `joining`.
 */
export function usePanelState<S extends AnyServed>(line: Line<S> | undefined, panel: PanelOf<S>): PanelStatus
export function usePanelState(line: AnyLine, panel: PanelOf<AnyServed>): PanelStatus {
  const store = usePanelMemo(line, panel, () => {
    const look = (known?: PanelStatus) => {
      const found = line?.panel(panel) ?? JOINING
      return known && JSON.stringify(known) === JSON.stringify(found) ? known : found
    }
    return createStore(look, (change) => line?.on('panels', () => change(look)))
  })
  return useSyncExternalStore(store.subscribe, store.get, () => JOINING)
}
