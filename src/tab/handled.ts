import { keyOf } from '../../shared/names'
import type { Mark } from '../../shared/wire'
import { readStorage, removeStorage, writeStorage } from './storage'

/** The most marks that are kept. */
const MOST = 100

/**
 * The last events of each panel that a tab has handled for all: one with a position in the session, and one without. Tabs that
 * share a connection share the record: if the one that has handled an event crashes together with the worker, the others tell the
 * next worker. A tab with its own connection has its own record, which outlives a reload.
 */
export interface Handled {
  add(mark: Mark): void
  /**
   * Whether a tab has handled this event, and none of the panel since. `mayRepeat`: it may have come from another worker, which
   * gave it another time.
   */
  has(mark: Mark, mayRepeat: boolean): boolean
  /** The marks of all tabs, for the worker. */
  marks(): readonly Mark[]
  /** Whether the marks differ from those that `marks` returned last. Other pages' changes may arrive late. */
  hasChanged(): boolean
  forget(): void
}

/** @param isShared Whether the page's worker serves other tabs, too. */
export function createHandled(base: string, isShared: () => boolean): Handled {
  const key = `${base}/handled`
  /** Storage may be blocked or full, and a page that writes at the same time overwrites what this one has written. */
  let own: readonly Mark[] = []
  let told = ''

  const area = () => (isShared() ? 'localStorage' : 'sessionStorage')

  /** The marks of this page, then those stored that differ. */
  function read(): readonly Mark[] {
    const found = readStorage(area(), key)
    const stored = Array.isArray(found) ? found.filter(isMark) : []
    const all = new Map([...own, ...stored].map((mark) => [textOf(mark), mark]))
    return [...all.values()].slice(0, MOST)
  }

  return {
    add(mark) {
      own = replace(own, mark)
      writeStorage(area(), key, replace(read(), mark))
    },
    has(mark, mayRepeat) {
      const parts = mayRepeat ? 3 : 4
      return read().some((other) => textOf(other, parts) === textOf(mark, parts))
    },
    marks() {
      const marks = read()
      told = `${marks}`
      return marks
    },
    hasChanged: () => `${read()}` !== told,
    forget: () => removeStorage('localStorage', key),
  }
}

/**
 * A mark takes the place of an earlier one of its panel. A position is a text. The next worker gets events with one again, and cannot
 * know the id of an event without one. So the latter does not take the place of the former.
 */
const slotOf = ([ref, , id]: Mark) => typeof id + keyOf(ref)

const replace = (marks: readonly Mark[], mark: Mark): readonly Mark[] =>
  [mark, ...marks.filter((other) => slotOf(other) !== slotOf(mark))].slice(0, MOST)

const textOf = (mark: Mark, parts = 4) => JSON.stringify(mark.slice(0, parts))

const isText = (value: unknown) => typeof value === 'string'

/** Other scripts can write to storage. A worker refuses a hello with anything else. */
function isMark(value: unknown): value is Mark {
  const [ref, room, id, at] = Array.isArray(value) ? value : []
  return (
    Array.isArray(ref) &&
    [...ref, ref[0], room].every(isText) &&
    (Number.isFinite(id) || (isText(id) && id !== '')) &&
    Number.isFinite(at)
  )
}
