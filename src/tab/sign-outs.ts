import { freshId } from '../../shared/names'
import { recall, remember } from './storage'

/**
 * The mark that a sign-out leaves in storage, for pages that no worker tells of it: those that lie in the back/forward
 * cache, and those with a worker of their own.
 */
export interface SignOuts {
  /** The user signs out in this page: leaves the mark. */
  leave(): void
  /** Whether the user has signed out somewhere else since this page connected. */
  isNews(): boolean
}

export function createSignOuts(base: string): SignOuts {
  const key = `${base}/signout`
  const read = () => recall('localStorage', key)
  let known = read()
  return {
    leave() {
      const mark = freshId()
      if (remember('localStorage', key, mark)) known = mark
      // The browser tells all other pages. Other lines of this page are told in the same way.
      dispatchEvent(new StorageEvent('storage', { key }))
    },
    isNews() {
      const mark = read()
      // Storage that was emptied is no sign-out.
      return mark !== undefined && mark !== known
    },
  }
}
