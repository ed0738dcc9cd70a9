/** The time of all that the worker stores, compares or sends. */
export interface Clock {
  /** Whole ms since 1970; never less than in an earlier call. */
  now(): number
}

/**
 * The machine's wall clock, except that it never goes back.
 * - When the wall clock jumps forward, because the machine slept or its clock was set, this clock follows at once.
 * - When the wall clock is set back, this clock runs at half speed until the wall clock has caught up. So later events have
 *   later times, and this clock is not ahead for ever.
 */
export function createClock(): Clock {
  let last = -Infinity
  let askedAt = 0
  return {
    now() {
      const elapsed = performance.now() - askedAt
      askedAt += elapsed
      last = Math.max(Date.now(), last + elapsed / 2)
      return Math.floor(last)
    },
  }
}

/** The worker's clock. */
export const { now } = createClock()
