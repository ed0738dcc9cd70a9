import { useEffect, useInsertionEffect, useRef } from 'react'
import type { AnyServed, PanelOf } from '../../shared/panel-types'
import type { Gap } from '../../shared/status'
import type { Line } from '../line/line'
import type { AnyLine } from './panel-memo'

/**
 * Calls the listener when events of a panel may be missing: fetch again what you show. `gap.rooms` says which rooms.
 *
 * - It does not subscribe: the rooms are joined by a `usePanel` or `useLatest` anywhere on the page.
 * - It reports gaps while the component is mounted. A gap from before is not reported: fetch when you mount.
 * - A new listener in each render costs nothing: the last rendered one is called. Panels are compared by value.
 * - Before the panel is open its rooms are not known, so every gap is reported.
 * - A listener that throws does not stop the others.
 */
export function useGap<S extends AnyServed, const Panel extends PanelOf<S>>(
  line: Line<S> | undefined,
  panel: Panel,
  listener: (gap: Gap) => void,
): void
/** Calls the listener for each gap in any room of this tab. */
export function useGap<S extends AnyServed>(line: Line<S> | undefined, listener: (gap: Gap) => void): void
export function useGap(
  line: AnyLine,
  panel: PanelOf<AnyServed> | ((gap: Gap) => void),
  listener: (gap: Gap) => void = panel as (gap: Gap) => void,
): void {
  const rendered = useRef(listener)
  useInsertionEffect(() => {
    rendered.current = listener
  })
  const key = typeof panel === 'function' ? undefined : JSON.stringify([panel].flat())
  useEffect(
    () =>
      line?.on('gap', (gap) => {
        const rooms = key === undefined ? [] : Object.keys(line.panel(JSON.parse(key)).rooms)
        if (rooms.length === 0 || gap.rooms.some((room) => rooms.includes(room))) rendered.current(gap)
      }),
    [line, key],
  )
}
