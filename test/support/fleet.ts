import type { RetryPolicy } from '../../worker/link/retry'

/** Arrivals are counted in slots of this many ms. */
export const SLOT = 250

/** A random number generator that repeats itself for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}

/** Many browsers lose one server at the same time, for ever. Returns how many retries arrive in each slot, per round. */
export function arrivals(browsers: number, rounds: number, policy: () => RetryPolicy): Map<number, number>[] {
  const slots: Map<number, number>[] = Array.from({ length: rounds }, () => new Map())
  for (let browser = 0; browser < browsers; browser += 1) {
    const delay = policy()
    let time = 0
    for (const [round, counts] of slots.entries()) {
      time += delay(round + 1)
      const slot = Math.floor(time / SLOT)
      counts.set(slot, (counts.get(slot) ?? 0) + 1)
    }
  }
  return slots
}
