import { recall, remember } from './notes'
import type { Brief, EventId } from './protocol'

/** How many events a page remembers. */
const MOST = 2000

/** The last events this tab had, kept across a reload, so that no worker gives them a second time. */
export interface Seen {
  /** From now on they are those of this tab; its last page may have left some. */
  inherit(tab: string): void
  add(events: readonly Brief[]): void
  ids(): readonly EventId[]
  /** When the last of them came, by the worker's clock. */
  lastAt(): number | undefined
  /** The page goes: its successor is to know. One that never learnt whose page it is leaves what it found. */
  hand(): void
}

export function createSeen(base: string): Seen {
  const key = `${base}/seen`
  let owner = ''
  let ids: EventId[] = []
  let lastAt: number | undefined
  return {
    inherit(tab) {
      owner = tab
      const found = recall('sessionStorage', key) as { tab?: unknown; ids?: unknown } | null | undefined
      // A duplicated tab finds what the original has left.
      if (found?.tab === tab && Array.isArray(found.ids)) ids = found.ids
    },
    add(events) {
      for (const [id, , , at] of events) {
        ids.push(id)
        lastAt = Math.max(lastAt ?? at, at)
      }
      if (ids.length > 2 * MOST) ids = ids.slice(-MOST)
    },
    ids: () => ids.slice(-MOST),
    lastAt: () => lastAt,
    hand() {
      // Where that fails the next page may be given its last events again.
      if (owner) remember('sessionStorage', key, { tab: owner, ids: ids.slice(-MOST) })
    },
  }
}
