/** Tells the time by which the worker stamps what it compares, keeps or tells. */
export interface Clock {
  /** ms since 1970, whole; never less than before. */
  now(): number
}

/**
 * The machine's wall clock, but it never goes back.
 * - Where the wall clock jumps forward, because the machine slept or was set, it follows at once.
 * - Where the wall clock was set back, it goes on at half the pace until the wall clock has caught up. So what came later has
 *   the later time, and times in the future do not last.
 */
export function createClock(): Clock {
  let told = Number.NEGATIVE_INFINITY
  let askedAt = 0
  return {
    now() {
      const elapsed = performance.now() - askedAt
      askedAt += elapsed
      told = Math.max(Date.now(), told + elapsed / 2)
      return Math.floor(told)
    },
  }
}

/** The worker's one clock. */
export const { now } = createClock()
