import { recall, remember } from '../tab/storage'

/** Which worker of a name is the one in use. Shared by the tabs of an origin, so that all go to the same one. */
export interface Generation {
  current(): number
  /** The worker of this generation hangs: on to the next, unless another tab has gone there already. */
  leave(generation: number): void
}

export function createGeneration(base: string): Generation {
  const key = `${base}/generation`
  /** Where storage is blocked each tab counts for itself. */
  let own = 0
  const current = () => Math.max(own, Number(recall('localStorage', key)) || 0)
  return {
    current,
    leave(generation) {
      own = generation + 1
      remember('localStorage', key, current())
    },
  }
}
