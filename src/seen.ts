import { recall, remember } from './notes'
import type { Brief, EventId, Had } from './protocol'

/** How many events a page remembers. */
const MOST = 2000

/** The last events this tab had, kept across a reload, so that no worker gives them a second time. */
export interface Seen {
  /**
   * What the tab's last page left is this page's from now on; a duplicate finds nothing any more. Returns how far that
   * page had got with its panels.
   */
  inherit(): Had
  add(events: readonly Brief[]): void
  ids(): readonly EventId[]
  /** The page goes: its successor is to know. One that inherited nothing yet leaves what is there. */
  hand(had: Had): void
}

interface Estate {
  readonly ids: readonly EventId[]
  readonly had: Had
}

const listIn = <T>(value: readonly T[] | undefined): T[] => (Array.isArray(value) ? value : [])

export function createSeen(base: string): Seen {
  const key = `${base}/seen`
  let isHeir = false
  let ids: EventId[] = []
  return {
    inherit() {
      const found = recall('sessionStorage', key) as Partial<Estate> | null | undefined
      remember('sessionStorage', key, null)
      isHeir = true
      ids = listIn(found?.ids)
      return listIn(found?.had)
    },
    add(events) {
      for (const [id] of events) ids.push(id)
      if (ids.length > 2 * MOST) ids = ids.slice(-MOST)
    },
    ids: () => ids.slice(-MOST),
    hand(had) {
      // Where that fails the next page may be given its last events again.
      if (isHeir) remember('sessionStorage', key, { ids: ids.slice(-MOST), had } satisfies Estate)
    },
  }
}
