import { keyOf } from '../../shared/names'
import type { Mark } from '../../shared/wire'
import { readStorage, removeStorage, writeStorage } from './storage'

/** The most panels whose marks are kept. */
const MOST = 100

/**
 * The last event of each panel that a tab has handled for all tabs. All tabs of the user share the record: if the one that has
 * handled an event crashes together with the worker, the others tell the next worker.
 */
export interface Handled {
  add(mark: Mark): void
  /** Whether a tab has handled this event, and none of the panel since. */
  has(mark: Mark): boolean
  marks(): readonly Mark[]
  forget(): void
}

export function createHandled(base: string): Handled {
  const key = `${base}/handled`
  /** In case storage is blocked. */
  let own: readonly Mark[] = []

  function marks(): readonly Mark[] {
    const found = readStorage('localStorage', key)
    return Array.isArray(found) ? found : own
  }

  return {
    add(mark) {
      const others = marks().filter(([ref]) => keyOf(ref) !== keyOf(mark[0]))
      own = [mark, ...others].slice(0, MOST)
      writeStorage('localStorage', key, own)
    },
    has: (mark) => marks().some((other) => `${other}` === `${mark}`),
    marks,
    forget: () => removeStorage('localStorage', key),
  }
}
