import { clear, entries, createStore as openStore, promisifyRequest, type UseStore } from 'idb-keyval'
import type { PanelRef } from '../src/protocol'

/** What is written down of a tab. Never a token, never a payload. */
export interface TabRecord {
  readonly panels: readonly PanelRef[]
  /** When the tab went away; absent while it is here. */
  readonly goneAt?: number
}

export interface Store {
  /** Everything written down, by tab. Empty when the database cannot be read. */
  load(): Promise<ReadonlyMap<string, TabRecord>>
  /** Resolves once written, or once it is clear that it cannot be. `undefined` removes the record. */
  save(tab: string, record: TabRecord | undefined): Promise<void>
  clear(): Promise<void>
  isPersistent(): boolean
}

/** How long the database may take before it counts as missing. */
const PATIENCE = 1000

/** Each tab's record in IndexedDB. All writes of one tick share a transaction; none ever holds up delivery. */
export function createStore(name: string, persistence: (isPersistent: boolean) => void): Store {
  let database: UseStore | undefined
  let persistent = true
  let pending = new Map<string, TabRecord | undefined>()
  let written: Promise<void> | undefined

  function settle(works: boolean) {
    if (works === persistent) return
    persistent = works
    if (!works) console.warn('[partyline] IndexedDB does not answer: panels are kept in memory alone.')
    persistence(works)
  }

  /** Runs one use of the database: with a deadline, and once more on a fresh handle when it fails. */
  async function use<T>(act: (store: UseStore) => Promise<T>, otherwise: T): Promise<T> {
    for (const last of [false, true]) {
      try {
        database ??= openStore(name, 'tabs')
        const result = await withDeadline(act(database))
        settle(true)
        return result
      } catch {
        database = undefined
        if (last || !persistent) break
      }
    }
    settle(false)
    return otherwise
  }

  function write(batch: ReadonlyMap<string, TabRecord | undefined>): Promise<void> {
    return use(
      (store) =>
        store('readwrite', (tabs) => {
          for (const [tab, record] of batch) {
            if (record) tabs.put(record, tab)
            else tabs.delete(tab)
          }
          return promisifyRequest(tabs.transaction)
        }),
      undefined,
    )
  }

  return {
    load: () =>
      use(async (store) => {
        const found = await entries<string, unknown>(store)
        return new Map(found.flatMap(([tab, value]) => (isRecord(value) ? [[tab, value] as const] : [])))
      }, new Map()),
    save(tab, record) {
      pending.set(tab, record)
      written ??= Promise.resolve().then(() => {
        const batch = pending
        pending = new Map()
        written = undefined
        return write(batch)
      })
      return written
    },
    clear: () => use((store) => clear(store), undefined),
    isPersistent: () => persistent,
  }
}

function withDeadline<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The database did not answer in time.')), PATIENCE)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Records of an older schema, or of nobody's making, are passed over. */
function isRecord(value: unknown): value is TabRecord {
  if (typeof value !== 'object' || value === null) return false
  const { panels, goneAt } = value as Partial<TabRecord>
  return (
    Array.isArray(panels) &&
    panels.every(
      (ref) => Array.isArray(ref) && ref.length > 0 && ref.every((part) => typeof part === 'string'),
    ) &&
    (goneAt === undefined || typeof goneAt === 'number')
  )
}
