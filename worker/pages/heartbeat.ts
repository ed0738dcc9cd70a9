/** How often a tab without a lock is asked for a sign of life. */
const EVERY = 3000
/** How many may go unanswered. */
const MISSES = 2

export interface Heartbeat {
  /** Calls `silent` once the tab gives no sign of life. Returns how to stop. */
  watch(tab: string, silent: () => void): () => void
  heard(tab: string): void
}

/**
 * Whether tabs without a lock are alive (on plain http there are none). They are asked, because their own timers run
 * once a minute while they are in the background.
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
