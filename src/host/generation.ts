import { readStorage, writeStorage } from '../tab/storage'

/** The number of the worker in use, part of its name. All tabs of the origin share it, so that they use the same worker. */
export interface Generation {
  current(): number
  /** Moves on to the next worker, because this one hangs. Does nothing if another tab has moved on already. */
  leave(generation: number): void
}

export function createGeneration(base: string): Generation {
  const key = `${base}/generation`
  /** If storage is blocked, each tab counts for itself. */
  let own = 0
  const current = () => Math.max(own, Number(readStorage('localStorage', key)) || 0)
  return {
    current,
    leave(generation) {
      own = generation + 1
      writeStorage('localStorage', key, current())
    },
  }
}
