/**
 * - `next`: follows the one before, or is the first
 * - `again`: came before, or fills a hole that was reported as a gap already; it is dropped
 * - a time: events are missing since then
 */
export type SequenceResult = 'next' | 'again' | { readonly since: number }

/** Checks the numbers a server gives to the events of each room, where its dialect can read them. */
export interface Sequence {
  check(room: string, number: number, at: number): SequenceResult
  forget(room: string): void
  /** The server may count anew. */
  reset(): void
}

export function createSequence(): Sequence {
  const latest = new Map<string, { readonly number: number; readonly at: number }>()
  return {
    check(room, number, at) {
      const last = latest.get(room)
      if (last && number <= last.number) return 'again'
      latest.set(room, { number, at })
      return !last || number === last.number + 1 ? 'next' : { since: last.at }
    },
    forget: (room) => void latest.delete(room),
    reset: () => latest.clear(),
  }
}
