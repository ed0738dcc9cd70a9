/** Makes IndexedDB fail, and reads what a worker has stored there. */

/**
 * - `missing`: cannot be opened, as in a browser without IndexedDB
 * - `hangs`: no request is ever answered
 * - `unreadable`: can be opened, but every read and write fails
 * - `full`: can be read and emptied, but not written
 */
export type DatabaseState = 'works' | 'missing' | 'hangs' | 'unreadable' | 'full'

const open = IDBFactory.prototype.open
const objectStore = IDBTransaction.prototype.objectStore
const put = IDBObjectStore.prototype.put

/** Puts the database of this page or worker into a state. */
export function breakDatabase(state: DatabaseState = 'works'): void {
  IDBFactory.prototype.open = function (...args) {
    if (state === 'missing') throw new DOMException('no database here', 'SecurityError')
    return state === 'hangs' ? ({} as IDBOpenDBRequest) : open.apply(this, args)
  }
  // This makes an open handle hang as well.
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

/** An object store whose requests are never answered. */
const silent = (records: IDBObjectStore) =>
  new Proxy(records, {
    get: (_, key) => (key === 'transaction' ? {} : () => ({})),
  })

/** Opens a database as another page would, and does not close it when others want to upgrade or delete it. */
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

/** The records of a database by key. Empty if it does not exist. */
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

/** The ids of the tabs that have records in a database. */
export const tabIds = async (name: string) =>
  Object.keys(await readDatabase(name)).filter((key) => !/^(session|builds)/.test(key))
