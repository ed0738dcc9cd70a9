import { clear, entries, promisifyRequest, type UseStore } from 'idb-keyval'

/** What is written down has a name: a text, or a list of texts. */
export type Key = string | string[]

export interface StoreParts {
  /** Whether records outlive this worker has changed. */
  readonly changed: () => void
  /** What was written is lost, or could not be: everything that is to be kept is to be saved again. */
  readonly rewrite: () => void
}

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
/** How long a database that failed twice is left alone. */
const PAUSE = 10_000
const VERSION = 1
const TABLE = 'tabs'

/** Records in IndexedDB. All writes of one tick share a transaction; none ever holds up delivery. */
export function createStore(name: string, { changed, rewrite }: StoreParts): Store {
  let database: Promise<IDBDatabase> | undefined
  let persistent = true
  let restUntil = 0
  let hasWarned = false
  let pending = new Map<Key, object | undefined>()
  let written: Promise<void> | undefined

  function open(): Promise<IDBDatabase> {
    const opened = openDatabase(name, () => {
      // Deleted, or wiped with the site's data. Nobody is ever blocked by this handle.
      if (database !== opened) return
      database = undefined
      rewrite()
    })
    database = opened
    return opened
  }

  const table: UseStore = async (mode, act) => {
    const handle = await (database ?? open())
    return act(handle.transaction(TABLE, mode).objectStore(TABLE))
  }

  function fail() {
    database?.then((handle) => handle.close()).catch(() => {})
    database = undefined
  }

  function settle(works: boolean) {
    if (!works) setTimeout(rewrite, PAUSE)
    if (works === persistent) return
    persistent = works
    if (!works && !hasWarned)
      console.warn('[partyline] IndexedDB does not answer: panels are kept in memory alone.')
    hasWarned = true
    changed()
    if (works) rewrite()
  }

  /** Runs one use of the database: with a deadline, and once more on a fresh handle when it fails. */
  async function use<T>(act: (store: UseStore) => Promise<T>, otherwise: T): Promise<T> {
    if (Date.now() < restUntil) return otherwise
    for (const isLast of [false, true]) {
      try {
        const result = await withDeadline(act(table))
        // One that began earlier may end well after another has failed.
        if (Date.now() >= restUntil) settle(true)
        return result
      } catch (error) {
        fail()
        if (isLast) break
        if (isForeign(error))
          await withDeadline(promisifyRequest(indexedDB.deleteDatabase(name))).catch(() => {})
      }
    }
    restUntil = Date.now() + PAUSE
    settle(false)
    return otherwise
  }

  function write(batch: ReadonlyMap<Key, object | undefined>): Promise<void> {
    return use(
      (store) =>
        store('readwrite', (records) => {
          for (const [key, record] of batch) {
            if (record) records.put(record, key)
            else records.delete(key)
          }
          return promisifyRequest(records.transaction)
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

/** Opens the database, made anew where it is missing. `lost`: it was taken away after that. */
async function openDatabase(name: string, lost: () => void): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION)
  request.onupgradeneeded = () => {
    if (!request.result.objectStoreNames.contains(TABLE)) request.result.createObjectStore(TABLE)
  }
  const handle = await promisifyRequest(request)
  handle.onversionchange = () => {
    handle.close()
    lost()
  }
  handle.onclose = lost
  return handle
}

/** Whether a database is of a later version, or has no table of ours: it is to be made anew. */
const isForeign = (error: unknown) =>
  error instanceof DOMException && (error.name === 'VersionError' || error.name === 'NotFoundError')

function withDeadline<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The database did not answer in time.')), PATIENCE)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
