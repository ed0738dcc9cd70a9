import { PROTOCOL } from '../../shared/names'

/** Why a worker is not used any more. */
export type End = 'failed' | 'died' | 'hangs' | 'does not answer'

/** A dedicated worker, and the lines that use it: each is called when another line finds that the worker has ended. */
export interface Running {
  readonly worker: Worker
  readonly users: Set<(end: End) => void>
}

/** What the lines of a page share. */
export interface Page {
  /** By key: `null` while a line has the place, then a promise that its lock is free. */
  readonly places: Map<string, Promise<void> | null>
  /** By the worker's name. */
  readonly workers: Map<string, Running>
}

/**
 * The same object for every copy of the library in a page (two bundles load two). Its shape belongs to the protocol,
 * whose number is in its name.
 */
export function sharedPage(): Page {
  const name = Symbol.for(`partyline/${PROTOCOL}`)
  const global = globalThis as { [name]?: Page }
  global[name] ??= { places: new Map(), workers: new Map() }
  return global[name]
}
