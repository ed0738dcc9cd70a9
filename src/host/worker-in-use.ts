import type { Place } from '../../shared/place'
import { readStorage, removeStorage, writeStorage } from '../tab/storage'

/** The worker that serves this user, as the page that reached it last has written down for all tabs of the origin. */
export interface WorkerInUse {
  /** The generation in the name of the next worker that a factory makes. */
  generation(): number
  /** Where it is found; `undefined` as long as no page has reached a shared worker. */
  place(): Place | undefined
  /** This page has reached that worker. */
  reached(place: Place): void
  /** Moves on to the next generation, because a worker of this one hangs or does not answer. Does nothing if another tab has moved on already. */
  leave(generation: number): void
  /** Deletes what was written down, because the user signs out. */
  forget(): void
}

type Stored = Pick<Place, 'generation'> & Partial<Place>

export function createWorkerInUse(base: string): WorkerInUse {
  const key = `${base}/worker`
  /** If storage is blocked, each tab knows only what it has reached itself. */
  let own: Stored = { generation: 0 }

  function current(): Stored {
    const stored = readStorage('localStorage', key) as Partial<Stored> | null | undefined
    const { generation = 0 } = stored ?? {}
    return generation >= own.generation ? { ...own, ...stored, generation } : own
  }

  function write(next: Stored) {
    own = next
    if (JSON.stringify(readStorage('localStorage', key)) !== JSON.stringify(next))
      writeStorage('localStorage', key, next)
  }

  return {
    generation: () => current().generation,
    place() {
      const { address, type, generation } = current()
      return address === undefined || type === undefined ? undefined : { address, generation, type }
    },
    reached: write,
    leave(generation) {
      const now = current()
      if (now.generation <= generation) write({ ...now, generation: generation + 1 })
    },
    forget: () => removeStorage('localStorage', key),
  }
}
