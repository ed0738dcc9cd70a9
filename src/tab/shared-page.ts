import { PROTOCOL } from '../../shared/names'

/** Why the page stopped using a worker. */
export type EndReason = 'failed' | 'died' | 'hangs' | 'does not answer'

/** A dedicated worker, and a callback for each line that uses it: called when another line finds that the worker has ended. */
export interface DedicatedWorker {
  readonly worker: Worker
  readonly users: Set<(reason: EndReason) => void>
}

/** What the lines of a page share. */
export interface SharedPage {
  /** By key: `null` while a line has the place, then a promise that resolves when that line has released its lock. */
  readonly places: Map<string, Promise<void> | null>
  /** By the worker's name. */
  readonly workers: Map<string, DedicatedWorker>
}

/**
 * Returns the same object to every copy of the library in a page: two bundles load two copies. Its name has the number of
 * the protocol, so a change of its shape needs a new number.
 */
export function sharedPage(): SharedPage {
  const name = Symbol.for(`partyline/${PROTOCOL}`)
  const global = globalThis as { [name]?: SharedPage }
  global[name] ??= { places: new Map(), workers: new Map() }
  return global[name]
}
