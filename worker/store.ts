import { clear, entries, createStore as openStore, promisifyRequest, type UseStore } from 'idb-keyval'

/** What is written down has a name: a text, or a list of texts. */
export type Key = string | string[]

export interface Store {
  /** Everything written down. Empty when the database cannot be read. */
  load(): Promise<readonly (readonly [key: Key, record: unknown])[]>
  /** Resolves once written, or once it is clear that it cannot be. `undefined` removes the record. */
  save(key: Key, record: object | undefined): Promise<void>
  clear(): Promise<void>
  isPersistent(): boolean
}

/** How long the database may take before it counts as missing. */
const PATIENCE = 1000

/** Records in IndexedDB. All writes of one tick share a transaction; none ever holds up delivery. */
export function createStore(name: string, persistence: (isPersistent: boolean) => void): Store {
  let database: UseStore | undefined
  let persistent = true
  let pending = new Map<Key, object | undefined>()
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

  function write(batch: ReadonlyMap<Key, object | undefined>): Promise<void> {
    return use(
      (store) =>
        store('readwrite', (tabs) => {
          for (const [key, record] of batch) {
            if (record) tabs.put(record, key)
            else tabs.delete(key)
          }
          return promisifyRequest(tabs.transaction)
        }),
      undefined,
    )
  }

  return {
    load: () => use((store) => entries<Key, unknown>(store), []),
    save(key, record) {
      pending.set(key, record)
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
