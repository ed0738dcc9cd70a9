import type { ClockLead, Had } from '../../shared/switchboard'
import type { Brief, EventId } from '../../shared/wire'
import { readStorage, writeStorage } from './storage'

/** How many events a page remembers. */
const MOST = 2000

/** The last events this tab received. They survive a reload, so that no worker delivers them a second time. */
export interface Seen {
  /**
   * Claims the record of the tab's previous page: reads it, and deletes it so that a duplicate of the tab finds none.
   * Returns the previous page's progress.
   */
  claim(): PageProgress
  add(events: readonly Brief[]): void
  ids(): readonly EventId[]
  /** Saves the record for the tab's next page. Before `claim` it does nothing, and the stored record stays. */
  save(progress: PageProgress): void
}

/** Up to when a page has received each panel's events, and the worker clock of those times. */
export interface PageProgress {
  readonly had: Had
  readonly lead: ClockLead | undefined
}

/** What a page saves for the next page of its tab. */
interface PageRecord extends PageProgress {
  readonly ids: readonly EventId[]
}

const listIn = <T>(value: readonly T[] | undefined): T[] => (Array.isArray(value) ? value : [])

export function createSeen(base: string): Seen {
  const key = `${base}/seen`
  let hasClaimed = false
  let ids: EventId[] = []
  return {
    claim() {
      const found = readStorage('sessionStorage', key) as Partial<PageRecord> | null | undefined
      writeStorage('sessionStorage', key, null)
      hasClaimed = true
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
    save(progress) {
      // If storage refuses the record, the next page may receive the last events again.
      if (hasClaimed)
        writeStorage('sessionStorage', key, { ids: ids.slice(-MOST), ...progress } satisfies PageRecord)
    },
  }
}
