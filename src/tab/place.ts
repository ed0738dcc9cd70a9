import { sharedPage } from './shared-page'

/** Which line of its page a line is. What a tab keeps in its storage, it keeps for each place. */
export interface Place {
  /** `base` for the first line of a page, `base/line/2` for the second, and so on. */
  readonly key: string
  /** Resolves once the line that had the place before has let go of its lock. */
  readonly free: Promise<void>
  /** The line is closed: the next one may take the place, and waits for `free`. */
  leave(free: Promise<void>): void
}

/** Takes the first place that is free, so that a page that connects its lines in the same order finds them again. */
export function takePlace(base: string): Place {
  const { places } = sharedPage()
  let key = base
  for (let n = 2; places.get(key) === null; n += 1) key = `${base}/line/${n}`
  const free = places.get(key) ?? Promise.resolve()
  places.set(key, null)
  return { key, free, leave: (next) => void places.set(key, next) }
}
