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
  /** The marks of all tabs, for the worker. */
  marks(): readonly Mark[]
  /** Whether there are others than `marks` has returned last: other pages' storage may reach this one late. */
  areNews(): boolean
  forget(): void
}

export function createHandled(base: string): Handled {
  const key = `${base}/handled`
  /** In case storage is blocked. */
  let own: readonly Mark[] = []

  let told = ''

  function read(): readonly Mark[] {
    const found = readStorage('localStorage', key)
    return Array.isArray(found) ? found : own
  }

  return {
    add(mark) {
      const others = read().filter(([ref]) => keyOf(ref) !== keyOf(mark[0]))
      own = [mark, ...others].slice(0, MOST)
      writeStorage('localStorage', key, own)
    },
    has: (mark) => read().some((other) => `${other}` === `${mark}`),
    marks() {
      const marks = read()
      told = `${marks}`
      return marks
    },
    areNews: () => `${read()}` !== told,
    forget: () => removeStorage('localStorage', key),
  }
}
