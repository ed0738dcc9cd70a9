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
  /** The marks of all tabs, this one's first. */
  marks(): readonly Mark[]
  forget(): void
}

export function createHandled(base: string): Handled {
  const key = `${base}/handled`
  /** This page's own, in case storage is blocked or two tabs write at once. */
  let own: readonly Mark[] = []

  function stored(): readonly Mark[] {
    const found = readStorage('localStorage', key)
    return Array.isArray(found) ? found : []
  }

  const withMark = (mark: Mark, marks: readonly Mark[]) =>
    [mark, ...marks.filter(([ref]) => keyOf(ref) !== keyOf(mark[0]))].slice(0, MOST)

  return {
    add(mark) {
      own = withMark(mark, own)
      writeStorage('localStorage', key, withMark(mark, stored()))
    },
    has(mark) {
      const text = JSON.stringify(mark)
      return stored().some((other) => JSON.stringify(other) === text)
    },
    marks: () => [...own, ...stored()].slice(0, MOST),
    forget() {
      own = []
      removeStorage('localStorage', key)
    },
  }
}
