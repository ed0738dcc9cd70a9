import type { ClockLead } from '../../shared/switchboard'

/**
 * The clock of the worker heard last, as far as this page can tell. It never goes back; the machine's wall clock, by which the
 * next worker begins, may have been set back.
 */
export interface WorkerClock {
  /** The worker told a time. */
  told(at: number): void
  /** Which worker's it is, and by how many ms it is ahead of the wall clock as that stands now; `undefined` before one was heard. */
  lead(): ClockLead | undefined
  /** A worker answers. Returns how many ms to take off the times told by the one before. */
  turn(incarnation: string): number
  /** The tab's last page has left this. */
  inherit(lead: ClockLead): void
}

export function createWorkerClock(): WorkerClock {
  let incarnation: string | undefined
  /**
   * By how much `performance.now()`, which nobody sets, is ahead of the worker's clock: that is taken for the wall clock at
   * first. The least that was seen counts, because messages take their time. A worker's clock that waits for the wall clock is
   * thought to be further ahead than it is; a gap is then too long rather than too short.
   */
  let offset = performance.now() - Date.now()

  const ahead = () => Math.max(0, Math.trunc(performance.now() - offset - Date.now()))

  return {
    told(at) {
      offset = Math.min(offset, performance.now() - at)
    },
    lead: () => (incarnation === undefined ? undefined : [incarnation, ahead()]),
    turn(next) {
      const excess = next === incarnation ? 0 : ahead()
      offset += excess
      incarnation = next
      return excess
    },
    inherit([owner, ms]) {
      incarnation = owner
      offset -= ms
    },
  }
}
