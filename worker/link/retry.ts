/** When to try again. */
export interface RetryTiming {
  /** The first retry comes anywhere between 0 and so many ms, so that a fleet does not return as one. @default 1000 */
  readonly first?: number
  /** Each later retry comes after so many ms, for ever. @default 5000 */
  readonly every?: number
  /** The share by which `every` varies to both sides, 0 to 1. @default 0.2 */
  readonly jitter?: number
}

/** Milliseconds before the retry of number `attempt`, which counts from 1 since the link was last up. */
export type RetryPolicy = (attempt: number) => number

/** The longest delay a browser's timer can hold. */
const LONGEST = 2 ** 31 - 1

/**
 * A constant pace: it never grows and never ends. Each browser draws its own share of the jitter once per outage: drawn
 * anew for each retry, a fleet's arrivals would pile up in a bell around every fifth second instead of staying apart.
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
 * Exponential backoff with full jitter: anywhere between 0 and a ceiling that starts at `from` ms and grows by
 * `factor` up to `to` ms. For `serve({ retry: backoff() })`.
 */
export function backoff(
  { from = 1000, to = 60_000, factor = 2 }: { from?: number; to?: number; factor?: number } = {},
  random: () => number = Math.random,
): RetryPolicy {
  return (attempt) => random() * Math.min(to, from * factor ** Math.max(0, attempt - 1))
}

/** Makes an app's own policy safe to use: a throw or a nonsense number falls back to the steady pace. */
export function dependable(policy: RetryPolicy): RetryPolicy {
  const fallback = steady()
  return (attempt) => {
    let delay = Number.NaN
    try {
      delay = policy(attempt)
    } catch (error) {
      console.error('[partyline] the `retry` function threw; using the default pace.', error)
    }
    return delay >= 0 ? Math.min(delay, LONGEST) : fallback(attempt)
  }
}
