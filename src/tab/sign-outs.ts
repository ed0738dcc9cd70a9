import { freshId } from '../../shared/names'
import { readStorage, writeStorage } from './storage'

/**
 * The mark that a sign-out leaves in `localStorage`, for pages that the worker cannot tell: pages in the back/forward
 * cache, and pages with their own connections.
 */
export interface SignOuts {
  /** Where the mark is stored. */
  readonly key: string
  /** Leaves the mark, because the user signs out in this page. */
  leave(): void
  /** Whether the user has signed out in another page since this one connected. */
  isNews(): boolean
}

export function createSignOuts(base: string): SignOuts {
  const key = `${base}/signout`
  const read = () => readStorage('localStorage', key)
  let known = read()
  return {
    key,
    leave() {
      const mark = freshId()
      if (writeStorage('localStorage', key, mark)) known = mark
      // The browser sends this event to all other pages, but not to the other lines of this one.
      dispatchEvent(new StorageEvent('storage', { key }))
    },
    isNews() {
      const mark = read()
      // If somebody has cleared the storage, that is no sign-out.
      return mark !== undefined && mark !== known
    },
  }
}
