import { freshId } from '../../shared/names'
import { readStorage, writeStorage } from './storage'

/** A tab's id, and the lock that shows that the tab is alive. */
export interface Lease {
  /** Stays the same across a reload. */
  readonly tab: string
  /** The tab this one is a duplicate of: a browser that duplicates a tab copies its `sessionStorage`, and with it the id. */
  readonly copyOf?: string
  /** The lock's name. Absent where the browser has no locks (plain http) or refuses them. */
  readonly lock?: string
  release(): void
}

/** How long to wait for the lock, in ms: a page that reloads asks before the previous page has released it. */
const LOCK_WAIT = 300
/** How long a reloaded page waits: it is hardly ever a duplicate, and the previous page may take long to unload. */
const RELOAD_LOCK_WAIT = 3000

const withoutLock = (tab: string): Lease => ({ tab, release: () => {} })

/** Takes the lock of the tab's stored id. If another page holds that lock, this tab is a duplicate and gets a new id. */
export async function takeLease(place: string): Promise<Lease> {
  const stored = readStorage('sessionStorage', place)
  const first = typeof stored === 'string' ? stored : freshId()
  const lease = await lock(place, first)
  // If storage is blocked, the tab gets a new id on each reload.
  const tab = lease ? first : freshId()
  writeStorage('sessionStorage', place, tab)
  return lease ?? { ...((await lock(place, tab)) ?? withoutLock(tab)), copyOf: first }
}

async function lock(place: string, tab: string): Promise<Lease | undefined> {
  const { locks } = navigator
  if (!locks) return withoutLock(tab)
  const name = `${place}/tab/${tab}`
  const take = (options: LockOptions) =>
    new Promise<Lease | undefined>((resolve) => {
      const hold = () => new Promise<void>((release) => resolve({ tab, lock: name, release }))
      locks.request(name, options, hold).catch(() => resolve(undefined))
    })
  const lease = await take({ signal: AbortSignal.timeout(LOCK_WAIT) })
  if (lease) return lease
  // Only workers request this lock in shared mode. One that hangs was granted it after the previous page, and cannot release it.
  const isHeldByWorker = await locks
    .request(name, { mode: 'shared', ifAvailable: true }, (held) => held !== null)
    .catch(() => undefined)
  // A browser that blocks storage, as in a frame of another site, refuses locks too.
  if (isHeldByWorker === undefined) return withoutLock(tab)
  if (isHeldByWorker) return take({ steal: true })
  return isReload() ? take({ signal: AbortSignal.timeout(RELOAD_LOCK_WAIT) }) : undefined
}

const isReload = () =>
  performance
    .getEntriesByType('navigation')
    .some((entry) => (entry as PerformanceNavigationTiming).type === 'reload')
