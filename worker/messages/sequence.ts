/**
 * - `next`: follows the one before, or is the first
 * - `again`: was there before, or comes after a hole was owned up to; not to be given to anybody
 * - a time: some are missing since then
 */
export type Verdict = 'next' | 'again' | { readonly since: number }

/** Checks the numbers a server gives to the events of each room, where its dialect can read them. */
export interface Sequence {
  judge(room: string, number: number, at: number): Verdict
  forget(room: string): void
  /** The server may count anew. */
  reset(): void
}

export function createSequence(): Sequence {
  const lasts = new Map<string, { readonly number: number; readonly at: number }>()
  return {
    judge(room, number, at) {
      const last = lasts.get(room)
      if (last && number <= last.number) return 'again'
      lasts.set(room, { number, at })
      return !last || number === last.number + 1 ? 'next' : { since: last.at }
    },
    forget: (room) => void lasts.delete(room),
    reset: () => lasts.clear(),
  }
}
