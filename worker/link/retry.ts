/** When to try again. */
export interface RetryTiming {
  /**
   * The first retry comes at a random time within this many ms, so that the browsers that lost their server together do not
   * return together. @default 1000
   */
  readonly first?: number
  /** ms before each later retry. They never end. @default 5000 */
  readonly every?: number
  /** How much `every` may vary in both directions: 0.2 is ± 20 %. From 0 to 1. @default 0.2 */
  readonly jitter?: number
}

/** Returns the ms before a retry. `attempt` counts the retries since the link was last up for two seconds, from 1. */
export type RetryPolicy = (attempt: number) => number

/** The longest delay a browser's timer can hold. */
const LONGEST = 2 ** 31 - 1

/**
 * A constant pace: it never grows and never ends. Each browser draws its share of the jitter once per outage. Drawn for each
 * retry, the retries of many browsers would gather around every fifth second.
 */
export function steady(
  { first = 1000, every = 5000, jitter = 0.2 }: RetryTiming = {},
  random: () => number = Math.random,
): RetryPolicy {
  let share = random()
  return (attempt) => {
    if (attempt > 1) return every * (1 + jitter * (2 * share - 1))
    share = random()
    return random() * first
  }
}

/**
 * Exponential backoff with full jitter, for `serve({ retry: backoff() })`: each delay is random between 0 and a ceiling, which
 * starts at `from` ms and grows by `factor` with each attempt, up to `to` ms.
 *
 * @default { from: 1000, to: 60_000, factor: 2 }
 */
export function backoff(
  { from = 1000, to = 60_000, factor = 2 }: { from?: number; to?: number; factor?: number } = {},
  random: () => number = Math.random,
): RetryPolicy {
  return (attempt) => random() * Math.min(to, from * factor ** Math.max(0, attempt - 1))
}

/** Makes an app's policy safe: where it throws, or returns no delay, the default pace applies. */
export function dependable(policy: RetryPolicy): RetryPolicy {
  const fallback = steady()
  return (attempt) => {
    let delay = Number.NaN
    try {
      delay = policy(attempt)
    } catch (error) {
      console.error('[partyline] The "retry" function threw, so the default pace is used.', error)
    }
    return delay >= 0 ? Math.min(delay, LONGEST) : fallback(attempt)
  }
}
