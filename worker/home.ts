import { freshId, generationOf } from '../shared/names'
import type { Place } from '../shared/place'

/** The worker that runs the switchboard, and what its environment offers. */
export interface Home {
  readonly name: string
  /** Changes each time a worker starts. */
  readonly incarnation: string
  readonly shared: boolean
  /** The worker's own address. */
  readonly address: string
  readonly permissions: Permissions | undefined
  /** Where pages find this worker; `undefined` for one that no other page can open. */
  readonly place: Place | undefined
  /** The Web Lock that this worker holds as long as it lives; `undefined` where there are no locks. */
  readonly lock: string | undefined
  /** The lock that is held while this worker may send kept messages, by it or by one that serves after it. @default `lock` */
  readonly owner?: string
  /** Whether another worker may serve in place of this one, which stood still. Only where tabs share dedicated workers. */
  readonly isStale?: () => boolean
  /** Resolves once it is known that this worker still serves, even if it has stood still until now. */
  readonly confirmed?: () => Promise<void>
  /** Resolves once the lock is held, or refused. A page that requested it earlier would get it, and take this worker for dead. */
  readonly locked: Promise<void>
  /** Whether a lock is free, or will be in a moment. `atOnce`: whether it is free now. */
  readonly isFree: (lock: string, atOnce?: boolean) => Promise<boolean>
  /** Calls `act` while no other worker holds this lock. Does not call it if another one holds it for long. */
  readonly exclusively: (lock: string, act: () => Promise<void>) => Promise<void>
  /** Calls `freed` once a lock is free. Returns how to stop watching it. */
  readonly watchLock: ((lock: string, freed: () => void) => () => void) | undefined
}

/** The part of a worker's global scope that is used here. */
export interface HomeScope {
  readonly name: string
  readonly navigator: { readonly locks?: LockManager; readonly permissions?: Permissions }
  readonly location: { readonly href: string; readonly origin: string }
  /** Only a shared worker has it. */
  onconnect?: unknown
  /** Throws a `TypeError` in a worker that runs a module. */
  importScripts?(url: string): void
  close(): void
}

/** How long a lock may still be held after its worker has ended, in ms. */
const DEATH = 500
/** How long another worker may hold a lock that is for one at a time, in ms. */
const TURN = 2000

export function homeIn(scope: HomeScope): Home {
  const incarnation = freshId()
  const { locks, permissions } = scope.navigator
  const lock = locks && `${scope.name}/worker/${incarnation}`
  // A tab that is granted the lock knows that this worker has ended. A tab that steals it (an AbortError here) found this
  // worker hanging, and has started another, so this one closes. Where locks are refused, as in a frame of another site,
  // the request fails otherwise.
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
  const isShared = 'onconnect' in scope
  return {
    name: scope.name,
    incarnation,
    shared: isShared,
    address: scope.location.href,
    permissions,
    // Only the page that made a `blob:` address can open it.
    place: isShared && /^https?:/.test(scope.location.href) ? placeOf(scope) : undefined,
    lock,
    locked,
    isFree: async (name, atOnce = false) =>
      !locks ||
      locks
        .request(
          name,
          { mode: 'shared', ...(atOnce ? { ifAvailable: true } : { signal: AbortSignal.timeout(DEATH) }) },
          (granted) => granted !== null,
        )
        .catch(() => false),
    exclusively: async (name, act) =>
      locks
        ? locks
            .request(name, { signal: AbortSignal.timeout(TURN) }, act)
            // Where locks are refused, other workers hold none either.
            .catch((error: DOMException) => (error.name === 'SecurityError' ? act() : undefined))
        : act(),
    watchLock:
      locks &&
      ((name, freed) => {
        const abort = new AbortController()
        locks.request(name, { mode: 'shared', signal: abort.signal }, freed).catch(() => {})
        return () => abort.abort()
      }),
  }
}

function placeOf(scope: HomeScope): Place {
  let isModule = false
  try {
    // `http://` is an invalid address, so nothing is requested. A classic script throws a `SyntaxError`, a module a `TypeError`. Firefox
    // throws in a module only if there is an argument.
    scope.importScripts?.('http://')
  } catch (error) {
    isModule = error instanceof TypeError
  }
  return {
    address: scope.location.href,
    generation: generationOf(scope.name),
    type: isModule ? 'module' : 'classic',
  }
}
