/** A database that fails its user, and a look into one that does not. */

/**
 * - `missing`: as in a browser that has none to give  - `hangs`: an open is never answered
 * - `unreadable`: opens, and fails every read and write  - `full`: can be read, and emptied
 */
export type DatabaseState = 'works' | 'missing' | 'hangs' | 'unreadable' | 'full'

const open = IDBFactory.prototype.open
const objectStore = IDBTransaction.prototype.objectStore
const put = IDBObjectStore.prototype.put

/** From now on the database of this page or worker is in that state. */
export function breakDatabase(state: DatabaseState = 'works'): void {
  IDBFactory.prototype.open = function (...args) {
    if (state === 'missing') throw new DOMException('no database here', 'SecurityError')
    return state === 'hangs' ? ({} as IDBOpenDBRequest) : open.apply(this, args)
  }
  // A handle that is open already hangs as well.
  IDBTransaction.prototype.objectStore = function (name) {
    if (state === 'unreadable') throw new DOMException('an internal error', 'UnknownError')
    const records = objectStore.call(this, name)
    return state === 'hangs' ? silent(records) : records
  }
  IDBObjectStore.prototype.put = function (...args) {
    if (state === 'full') throw new DOMException('no room left', 'QuotaExceededError')
    return put.apply(this, args)
  }
}

/** Requests to it stay without an answer. */
const silent = (records: IDBObjectStore) =>
  new Proxy(records, {
    get: (_, key) => (key === 'transaction' ? {} : () => ({})),
  })

/** Opens a database as another page would, which closes for nobody. */
export function openDatabase(name: string, version?: number, tables: readonly string[] = []) {
  return new Promise<IDBDatabase>((resolve, reject) => {
    const request = indexedDB.open(name, version)
    request.onupgradeneeded = () => {
      for (const table of tables) {
        if (!request.result.objectStoreNames.contains(table)) request.result.createObjectStore(table)
      }
    }
    request.onsuccess = () => resolve(request.result)
    request.onerror = () => reject(request.error)
  })
}

/** What a database holds: `key → record`. Nothing where there is none. */
export async function readDatabase(name: string): Promise<Record<string, unknown>> {
  if (!(await indexedDB.databases()).some((each) => each.name === name)) return {}
  const database = await openDatabase(name)
  try {
    if (!database.objectStoreNames.contains('tabs')) return {}
    const records = database.transaction('tabs').objectStore('tabs')
    const [keys, values] = await Promise.all(
      [records.getAllKeys(), records.getAll()].map(
        (request) =>
          new Promise<unknown[]>((resolve) => {
            request.onsuccess = () => resolve(request.result)
          }),
      ),
    )
    return Object.fromEntries((keys ?? []).map((key, index) => [String(key), values?.[index]]))
  } finally {
    database.close()
  }
}

/** The ids of the tabs that a database has records of. */
export const tabIds = async (name: string) =>
  Object.keys(await readDatabase(name)).filter((key) => !key.startsWith('session'))
