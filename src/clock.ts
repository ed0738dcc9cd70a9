import type { Hello } from './protocol'

/** A worker's clock and what it showed. */
export type Reading = readonly [incarnation: string, now: number]

/** The clock of the worker heard last, as far as this page can tell. What one worker's shows may be the future to the next. */
export interface WorkerClock {
  /** The worker told a time. */
  told(at: number): void
  /** What it shows now; `undefined` before a worker was heard. */
  read(): Reading | undefined
  /** By how much it is ahead of the machine's wall clock as that stands now. */
  ahead(): Hello['clock']
  /** A worker answers. Returns how many ms to take off the times told by the one before. */
  turn(incarnation: string): number
  /** What the tab's last page read, a moment ago. */
  inherit(reading: Reading): void
}

export function createWorkerClock(): WorkerClock {
  let incarnation: string | undefined
  /**
   * What the page's own even clock shows beyond the worker's, which is taken for the wall clock at first. The least counts:
   * a message that took its time makes it seem more. So does a worker's clock that waits for the wall clock; what is taken
   * off then is too much rather than too little, and a gap too long.
   */
  let offset = performance.now() - Date.now()

  const now = () => performance.now() - offset
  const ahead = () => Math.max(0, Math.trunc(now() - Date.now()))

  return {
    told(at) {
      offset = Math.min(offset, performance.now() - at)
    },
    read: () => (incarnation === undefined ? undefined : [incarnation, now()]),
    ahead: () => (incarnation === undefined ? undefined : [incarnation, ahead()]),
    turn(next) {
      const excess = next === incarnation ? 0 : ahead()
      offset += excess
      incarnation = next
      return excess
    },
    inherit([owner, at]) {
      incarnation = owner
      offset = performance.now() - at
    },
  }
}
