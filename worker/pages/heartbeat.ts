/** How often a tab without a lock is asked whether it is alive, in ms. */
const EVERY = 3000
/** How many questions in a row it may leave unanswered. */
const MISSES = 2

export interface Heartbeat {
  /** Calls `silent` once the tab does not answer any more. Returns a function that stops watching. */
  watch(tab: string, silent: () => void): () => void
  heard(tab: string): void
}

/**
 * Watches tabs that cannot hold a lock (on plain http there are none). The worker asks them, because the timers of a page in
 * the background run once a minute.
 */
export function createHeartbeat(ask: (tab: string) => void): Heartbeat {
  const unanswered = new Map<string, number>()
  return {
    watch(tab, silent) {
      unanswered.set(tab, 0)
      const timer = setInterval(() => {
        const misses = unanswered.get(tab) ?? 0
        if (misses >= MISSES) return silent()
        unanswered.set(tab, misses + 1)
        ask(tab)
      }, EVERY)
      return () => {
        clearInterval(timer)
        unanswered.delete(tab)
      }
    },
    heard(tab) {
      if (unanswered.has(tab)) unanswered.set(tab, 0)
    },
  }
}
