import type { ClockLead } from '../../shared/switchboard'

/**
 * The page's estimate of the last worker's clock. A worker's clock starts at the machine's wall clock and never goes back. If
 * somebody sets the wall clock back, the running worker is ahead of it, and so of the next worker.
 */
export interface WorkerClock {
  /** Corrects the estimate by a time that the worker sent. */
  observe(at: number): void
  /** The worker, and by how many ms its clock is ahead of the wall clock now. `undefined` before the first worker answered. */
  lead(): ClockLead | undefined
  /** Follows the worker that answered. Returns how many ms to subtract from times by the previous worker's clock. */
  follow(incarnation: string): number
  /** Continues with the estimate of the tab's previous page. */
  continueFrom(lead: ClockLead): void
}

export function createWorkerClock(): WorkerClock {
  let incarnation: string | undefined
  /**
   * `performance.now()`, which nobody can set, minus the worker's clock. It starts with the wall clock in place of the worker's.
   * The smallest value observed is the best one, because a message arrives late and never early. While the worker's clock waits
   * for a wall clock that was set back, the estimate is too far ahead; a gap is then too long rather than too short.
   */
  let offset = performance.now() - Date.now()

  const ahead = () => Math.max(0, Math.trunc(performance.now() - offset - Date.now()))

  return {
    observe(at) {
      offset = Math.min(offset, performance.now() - at)
    },
    lead: () => (incarnation === undefined ? undefined : [incarnation, ahead()]),
    follow(next) {
      const excess = next === incarnation ? 0 : ahead()
      offset += excess
      incarnation = next
      return excess
    },
    continueFrom([owner, ms]) {
      incarnation = owner
      offset -= ms
    },
  }
}
