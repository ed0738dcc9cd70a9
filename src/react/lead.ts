import { useEffect, useState } from 'react'
import type { AnyServed } from '../../shared/panel-types'
import type { Line } from '../line/line'

/**
 * Returns whether this tab leads, `line.on('lead', …)`: it is the one, of the tabs that ask for it, that is in front, or else that
 * was in front last. For work that one tab should do.
 *
 * On a server, while the line is `undefined`, and until the worker has answered, it is `false`.
 */
export function useLead<S extends AnyServed>(line: Line<S> | undefined): boolean {
  const [leads, setLeads] = useState(false)
  useEffect(() => {
    const stop = line?.on('lead', setLeads)
    return () => {
      stop?.()
      setLeads(false)
    }
  }, [line])
  return leads
}
