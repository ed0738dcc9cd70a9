import { useEffect, useInsertionEffect, useRef } from 'react'
import type { AnyServed, PanelOf } from '../../shared/panel-types'
import type { Gap } from '../../shared/status'
import type { Line } from '../line/line'
import type { AnyLine } from './kept'

/**
 * Calls the listener when events of a panel may be missing: fetch what you show. `gap.rooms` says which rooms.
 *
 * - It only listens: what joins the panel's rooms is `usePanel` or `useLatest`, here or elsewhere on the page.
 * - It listens from mounting to unmounting. A component that mounts later fetches anyway, and hears of later gaps.
 * - A new listener in each render costs nothing: the last one rendered is called. Panels are compared by value.
 * - A gap that comes before the panel is open is reported too, because its rooms are not known yet.
 * - A listener that throws disturbs no other.
 */
export function useGap<S extends AnyServed, const Panel extends PanelOf<S>>(
  line: Line<S> | undefined,
  panel: Panel,
  listener: (gap: Gap) => void,
): void
/** Calls the listener for each gap in a room of this tab, whichever panel shows it. */
export function useGap<S extends AnyServed>(line: Line<S> | undefined, listener: (gap: Gap) => void): void
export function useGap(
  line: AnyLine,
  panel: PanelOf<AnyServed> | ((gap: Gap) => void),
  listener: (gap: Gap) => void = panel as (gap: Gap) => void,
): void {
  const latest = useRef(listener)
  useInsertionEffect(() => {
    latest.current = listener
  })
  const key = typeof panel === 'function' ? undefined : JSON.stringify([panel].flat())
  useEffect(
    () =>
      line?.on('gap', (gap) => {
        const rooms = key === undefined ? [] : Object.keys(line.panel(JSON.parse(key)).rooms)
        if (rooms.length === 0 || gap.rooms.some((room) => rooms.includes(room))) latest.current(gap)
      }),
    [line, key],
  )
}
