import type { ClockLead, Had } from '../../shared/switchboard'
import type { Brief, EventId } from '../../shared/wire'
import { recall, remember } from './storage'

/** How many events a page remembers. */
const MOST = 2000

/** The last events this tab had, kept across a reload, so that no worker gives them a second time. */
export interface Seen {
  /**
   * What the tab's last page left is this page's from now on; a duplicate finds nothing any more. Returns how far that
   * page had got with its panels.
   */
  inherit(): PageProgress
  add(events: readonly Brief[]): void
  ids(): readonly EventId[]
  /** The page goes: its successor is to know. One that inherited nothing yet leaves what is there. */
  hand(progress: PageProgress): void
}

/** How far a page has got, and by whose clock. */
export interface PageProgress {
  readonly had: Had
  readonly lead: ClockLead | undefined
}

interface Estate extends PageProgress {
  readonly ids: readonly EventId[]
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
      const [incarnation, ahead] = listIn<unknown>(found?.lead)
      const isLead = typeof incarnation === 'string' && typeof ahead === 'number'
      return { had: listIn(found?.had), lead: isLead ? [incarnation, ahead] : undefined }
    },
    add(events) {
      for (const [id] of events) ids.push(id)
      if (ids.length > 2 * MOST) ids = ids.slice(-MOST)
    },
    ids: () => ids.slice(-MOST),
    hand(progress) {
      // Where that fails the next page may be given its last events again.
      if (isHeir) remember('sessionStorage', key, { ids: ids.slice(-MOST), ...progress } satisfies Estate)
    },
  }
}
