import { freshId } from '../shared/names'

/** Who runs the switchboard: what it is called, and what it has from its surroundings. */
export interface Home {
  readonly name: string
  readonly incarnation: string
  readonly shared: boolean
  /** The lock held for the life of this worker, where there are locks. */
  readonly lock: string | undefined
  /** Resolves once it is held, or refused: a page that asked for it earlier would be granted it, and take this worker for dead. */
  readonly locked: Promise<void>
  /** Whether nobody holds a lock, now or in a moment. */
  readonly isFree: (lock: string) => Promise<boolean>
  readonly watchLock: ((lock: string, freed: () => void) => () => void) | undefined
}

/** The part of a worker's global scope that is used here: of a shared worker, or of a tab's own. */
export interface HomeScope {
  readonly name: string
  readonly navigator: { readonly locks?: LockManager }
  onconnect?: unknown
  close(): void
}

/** How long after a worker's end its lock may still be held, in ms. */
const DEATH = 150

export function homeIn(scope: HomeScope): Home {
  const incarnation = freshId()
  const { locks } = scope.navigator
  const lock = locks && `${scope.name}/worker/${incarnation}`
  // Held for as long as this worker lives: a tab that is granted it knows of its death. A tab that takes it away has
  // found this worker hanging and started another, so there is nothing left to do on waking up. Where locks are refused,
  // as in a frame of another site, nothing was taken.
  const locked = new Promise<void>((settled) => {
    if (!locks || lock === undefined) return settled()
    const hold = () => {
      settled()
      return new Promise(() => {})
    }
    locks.request(lock, hold).catch(({ name }: DOMException) => {
      settled()
      if (name === 'AbortError') scope.close()
    })
  })
  return {
    name: scope.name,
    incarnation,
    shared: 'onconnect' in scope,
    lock,
    locked,
    isFree: async (name) =>
      !locks ||
      locks
        .request(name, { mode: 'shared', signal: AbortSignal.timeout(DEATH) }, () => true)
        .catch(() => false),
    watchLock:
      locks &&
      ((name, freed) => {
        const abort = new AbortController()
        locks.request(name, { mode: 'shared', signal: abort.signal }, freed).catch(() => {})
        return () => abort.abort()
      }),
  }
}
