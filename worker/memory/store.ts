import { entries, promisifyRequest, type UseStore } from 'idb-keyval'

/** What is written down has a name: a text, or a list of texts. */
export type Key = string | string[]

export interface StoreParts {
  /** Whether records outlive this worker has changed. */
  readonly changed: () => void
  /** The database was made anew, or holds too little: everything that is to be kept is to be saved again. */
  readonly rewrite: () => void
}

export interface Store {
  /** Everything written down. Empty when the database cannot be read. */
  load(): Promise<readonly (readonly [key: Key, record: unknown])[]>
  /**
   * Resolves once written, or once it is clear that it cannot be for now: then it is, as soon as the database works
   * again. `undefined` removes the record.
   */
  save(key: Key, record: object | undefined): Promise<void>
  /** Forgets everything, in the same way. */
  clear(): Promise<void>
  isPersistent(): boolean
}

/** How long the database may take before it counts as missing. */
const PATIENCE = 1000
/** How long a database that failed twice is left alone: at first, and at most. */
const PAUSE = { first: 1000, most: 300_000 }
/** How many changes wait for a database that does not work. */
const MOST = 2000
const VERSION = 1
const TABLE = 'tabs'

type Deed = (records: IDBObjectStore) => void

/**
 * Records in IndexedDB. All changes of one tick share a transaction; none ever holds up delivery. Where the database
 * fails, what is to be written waits in memory and is tried again, ever more seldom.
 */
export function createStore(name: string, { changed, rewrite }: StoreParts): Store {
  let database: Promise<IDBDatabase> | undefined
  let persistent = true
  let hasWarned = false
  let hasReplaced = false
  let pause = 0
  let restsUntil = 0
  /** What is not written yet: one deed for each key. */
  const pending = new Map<string, Deed>()
  /** Ends when nobody uses the database any more: one use at a time. */
  let idle: Promise<unknown> = Promise.resolve()
  /** The write that waits for its turn. */
  let writing: Promise<void> | undefined

  function open(): Promise<IDBDatabase> {
    const opened = openDatabase(name, {
      made: rewrite,
      lost() {
        if (database !== opened) return
        database = undefined
        rewrite()
      },
    })
    database = opened
    return opened
  }

  const table: UseStore = async (mode, act) => {
    const handle = await (database ?? open())
    return act(handle.transaction(TABLE, mode).objectStore(TABLE))
  }

  /** Lets go of the handle; of one that is late, as soon as it is there. */
  function letGo() {
    database?.then((handle) => handle.close()).catch(() => {})
    database = undefined
  }

  /** Once in a worker's life: two versions of it must not take turns at this. */
  async function replace() {
    if (hasReplaced) return
    hasReplaced = true
    await withDeadline(promisifyRequest(indexedDB.deleteDatabase(name))).catch(() => {})
  }

  function settle(works: boolean) {
    pause = works ? 0 : Math.min(Math.max(2 * pause, PAUSE.first), PAUSE.most)
    restsUntil = performance.now() + pause
    if (!works) setTimeout(write, pause)
    if (works === persistent) return
    persistent = works
    if (!works && !hasWarned)
      console.warn('[partyline] IndexedDB does not answer: panels are kept in memory alone.')
    hasWarned = true
    changed()
  }

  /** Runs one use of the database: with a deadline, and once more on a fresh handle when it fails. */
  async function use<T>(act: (store: UseStore) => Promise<T>, otherwise: T): Promise<T> {
    if (performance.now() < restsUntil) return otherwise
    for (const isLast of [false, true]) {
      try {
        const result = await withDeadline(act(table))
        settle(true)
        return result
      } catch (error) {
        letGo()
        if (!isLast && isForeign(error)) await replace()
      }
    }
    settle(false)
    return otherwise
  }

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = idle.then(act)
    idle = turn
    return turn
  }

  async function writePending() {
    writing = undefined
    const written = await use(
      (store) =>
        store('readwrite', async (records) => {
          const batch = [...pending]
          for (const [, deed] of batch) deed(records)
          await promisifyRequest(records.transaction)
          return batch
        }),
      [],
    )
    // What was changed meanwhile waits for the next turn.
    for (const [key, deed] of written) if (pending.get(key) === deed) pending.delete(key)
  }

  function write(): Promise<void> {
    writing ??= inTurn(writePending)
    return writing
  }

  function clear(): Promise<void> {
    pending.clear()
    pending.set('', (records) => records.clear())
    // What somebody wants gone is not to lie there for a moment longer than it must.
    restsUntil = 0
    return write()
  }

  return {
    load: () => inTurn(() => use((store) => entries<Key, unknown>(store), [])),
    save(key, record) {
      pending.set(JSON.stringify(key), (records) => {
        if (record) records.put(record, key)
        else records.delete(key)
      })
      if (pending.size > MOST) {
        void clear()
        rewrite()
      }
      return write()
    },
    clear,
    isPersistent: () => persistent,
  }
}

/** Opens the database. `made`: it was not there, or not ours. `lost`: it was taken away after it was opened. */
async function openDatabase(
  name: string,
  { made, lost }: { made: () => void; lost: () => void },
): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(TABLE)
    made()
  }
  const handle = await promisifyRequest(request)
  // Nobody is ever blocked by this handle.
  handle.onversionchange = () => {
    handle.close()
    lost()
  }
  handle.onclose = lost
  return handle
}

/** Whether a database is of a later version, or has no table of ours. */
const isForeign = (error: unknown) =>
  error instanceof DOMException && (error.name === 'VersionError' || error.name === 'NotFoundError')

function withDeadline<T>(work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('The database did not answer in time.')), PATIENCE)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
