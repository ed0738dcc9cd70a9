import { freshId } from '../../shared/names'
import { recall, remember } from './storage'

/** A tab's identity, and the lock that proves it is alive. */
export interface Lease {
  /** The same after a reload. */
  readonly tab: string
  /** The tab this one was copied from: `sessionStorage`, and with it the id, is copied when a tab is duplicated. */
  readonly copyOf?: string
  /** Held until the page is gone; absent where there are no locks (plain http), or none are given. */
  readonly lock?: string
  release(): void
}

/** A page that reloads asks before its predecessor's lock is free; a duplicate asks in vain. */
const PATIENCE = 300
/** What was reloaded is hardly ever a duplicate, and its predecessor may take long to go. */
const LONG_PATIENCE = 3000

const withoutLock = (tab: string): Lease => ({ tab, release: () => {} })

/** Takes the tab's lock, or a new identity if another page holds it. */
export async function takeLease(place: string): Promise<Lease> {
  const stored = recall('sessionStorage', place)
  const first = typeof stored === 'string' ? stored : freshId()
  const lease = await lock(place, first)
  // Where storage is blocked the tab is a new one after each reload.
  const tab = lease ? first : freshId()
  remember('sessionStorage', place, tab)
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
  const lease = await take({ signal: AbortSignal.timeout(PATIENCE) })
  if (lease) return lease
  // Only workers wait for it in shared mode: one that hangs got it from the page before, and cannot let go of it.
  const isWorkers = await locks
    .request(name, { mode: 'shared', ifAvailable: true }, (held) => held !== null)
    .catch(() => undefined)
  // Locks are refused where storage is, as in a frame of another site. That is as if there were none.
  if (isWorkers === undefined) return withoutLock(tab)
  if (isWorkers) return take({ steal: true })
  return isReload() ? take({ signal: AbortSignal.timeout(LONG_PATIENCE) }) : undefined
}

const isReload = () =>
  performance
    .getEntriesByType('navigation')
    .some((entry) => (entry as PerformanceNavigationTiming).type === 'reload')
