import { sharedPage } from './shared-page'

/** A line's position among the lines of its page: first, second, and so on. A tab keeps a separate record for each place. */
export interface Place {
  /** `base` for the first line of a page, `base/line/2` for the second, and so on. */
  readonly key: string
  /** Resolves when the line that had this place before has released its lock. */
  readonly free: Promise<void>
  /** Frees the place when its line closes. The next line may take it at once, and waits for `free`. */
  leave(free: Promise<void>): void
}

/** Takes the first free place. Lines that connect in the same order after a reload so get the same places. */
export function takePlace(base: string): Place {
  const { places } = sharedPage()
  let key = base
  for (let n = 2; places.get(key) === null; n += 1) key = `${base}/line/${n}`
  const free = places.get(key) ?? Promise.resolve()
  places.set(key, null)
  return { key, free, leave: (next) => void places.set(key, next) }
}
