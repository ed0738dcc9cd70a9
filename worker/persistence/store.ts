import { promisifyRequest } from 'idb-keyval'
import { withDeadline } from '../deadline'

/** The key of a record. */
export type Key = string | string[]

export interface StoreParts {
  /** `isPersistent` has changed. */
  readonly changed: () => void
  /** The database is new, or has lost records: all of them must be saved again. */
  readonly rewrite: () => void
  /** Resolves once it is known that this worker still serves. Awaited before each attempt. @default at once */
  readonly confirmed?: (() => Promise<void>) | undefined
  /** Whether the records are this worker's to write. Once they are not, what is not written yet is dropped, but for removals. */
  readonly isOurs: () => boolean
}

/**
 * Records in IndexedDB. All changes of one tick share a transaction, and delivery never waits for one. Where the database
 * fails, changes wait in memory and are tried again, at growing intervals.
 */
export interface Store {
  /** All records; none where the database cannot be read. */
  load(): Promise<readonly (readonly [key: Key, record: unknown])[]>
  /**
   * Resolves once the record is written, or once the database has failed; then it is written when the database works again.
   * `undefined` removes the record.
   */
  save(key: Key, record: object | undefined): Promise<void>
  /**
   * Resolves to whether the last change of this record is written; to `undefined` if the database has not answered in time: then this
   * change or an earlier one may be written all the same.
   */
  isWritten(key: Key): Promise<boolean | undefined>
  /** Removes all records, and this user's databases for other servers. Resolves as `save` does, to whether they are removed. */
  clear(): Promise<boolean>
  /** Whether the database works, so that records outlive this worker. */
  isPersistent(): boolean
  /** Closes the database, once what waits is written. From then on it is open only while it is used. */
  close(): void
}

/** How long an attempt to use the database may take, in ms. After two it counts as missing. */
const PATIENCE = 1000
/** How long a database that failed twice is left alone, in ms. It doubles with each failure, up to `LONGEST`. */
const PAUSE = 1000
const LONGEST = 300_000
/** The most changes that wait for a database that does not work. */
const MOST = 2000
const VERSION = 1
const TABLE = 'tabs'

type Change = (records: IDBObjectStore) => void

export function createStore(name: string, { changed, rewrite, confirmed, isOurs }: StoreParts): Store {
  let database: Promise<IDBDatabase> | undefined
  let isPersistent = true
  let hasWarned = false
  let hasReplaced = false
  /** Whether the database has not answered in time: what it was asked for may still happen. */
  let isLate = false
  /** Whether the browser gives this site no database, so that none can have anything. */
  let isMissing = false
  let isClosed = false
  let pause = 0
  let pausedUntil = 0
  /** The changes that are not written yet: one per key. */
  const pending = new Map<string, Change>()
  /** Settles when nothing uses the database any more: uses come one after another. */
  let idle: Promise<unknown> = Promise.resolve()
  /** The write that waits for its turn. */
  let writing: Promise<void> | undefined

  function open(): Promise<IDBDatabase> {
    const opened = openDatabase(name, rewrite, () => {
      if (database !== opened) return
      database = undefined
      rewrite()
    })
    database = opened
    return opened
  }

  /** Closes the handle, or closes it once it is there. */
  function close() {
    database?.then((handle) => handle.close()).catch(() => {})
    database = undefined
  }

  /** Once in a worker's life, or two versions of a worker would delete each other's database in turn. */
  async function replace() {
    if (hasReplaced) return
    hasReplaced = true
    await inTime(promisifyRequest(indexedDB.deleteDatabase(name))).catch(() => {})
  }

  function finish(works: boolean) {
    if (works) isLate = isMissing = false
    pause = works ? 0 : Math.min(Math.max(2 * pause, PAUSE), LONGEST)
    pausedUntil = performance.now() + pause
    if (!works) setTimeout(write, pause)
    if (works === isPersistent) return
    isPersistent = works
    if (!hasWarned) console.warn('[partyline] IndexedDB does not answer, so panels are kept in memory alone.')
    hasWarned = true
    changed()
  }

  /** Uses the database, with a deadline, and once more on a new handle when that fails. A use that misses its deadline is not aborted. */
  async function use<T>(
    mode: IDBTransactionMode,
    act: (records: IDBObjectStore) => Promise<T>,
    otherwise: T,
  ): Promise<T> {
    if (performance.now() < pausedUntil) return otherwise
    for (const isLast of [false, true]) {
      try {
        const used = (database ?? open()).then(async (handle) => {
          await confirmed?.()
          return act(handle.transaction(TABLE, mode).objectStore(TABLE))
        })
        const result = await inTime(used)
        finish(true)
        if (isClosed) close()
        return result
      } catch (error) {
        if (error === LATE) isLate = true
        isMissing = isRefusal(error)
        close()
        if (!isLast && isForeign(error)) await replace()
      }
    }
    finish(false)
    return otherwise
  }

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const turn = idle.then(act)
    idle = turn
    return turn
  }

  async function writePending() {
    writing = undefined
    await use(
      'readwrite',
      async (records) => {
        const batch = [...pending]
        for (const [, change] of batch) change(records)
        await promisifyRequest(records.transaction)
        // A key that was changed again meanwhile waits for the next write.
        for (const [key, change] of batch) if (pending.get(key) === change) pending.delete(key)
      },
      undefined,
    )
  }

  function write(): Promise<void> {
    writing ??= inTurn(writePending)
    return writing
  }

  function clear(): Promise<void> {
    pending.clear()
    pending.set('', (records) => records.clear())
    return inTurn(() => {
      // Data that the user wants gone must not wait for the pause to end.
      pausedUntil = 0
      return writePending()
    })
  }

  /** Deletes the databases that have this one's name but for the server. One may be that of an earlier address of this server. */
  async function deleteOthers() {
    const user = name.slice(0, name.indexOf('@') + 1)
    for (const { name: other = '' } of (await indexedDB.databases?.()) ?? [])
      if (other !== name && other.startsWith(user)) await promisifyRequest(indexedDB.deleteDatabase(other))
  }

  return {
    load: () => inTurn(() => use<[Key, unknown][]>('readonly', readAll, [])),
    save(key, record) {
      pending.set(JSON.stringify(key), (records) => {
        if (!record) records.delete(key)
        else if (isOurs()) records.put(record, key)
      })
      if (pending.size > MOST) {
        void clear()
        rewrite()
      }
      return write()
    },
    async isWritten(key) {
      const id = JSON.stringify(key)
      // It may be on its way.
      if (pending.has(id)) await idle
      return !pending.has(id) || (isLate ? undefined : false)
    },
    async clear() {
      const others = inTime(deleteOthers()).then(
        () => true,
        () => false,
      )
      await clear()
      // Another page may sign out at the same time.
      await idle
      return isMissing || (!pending.has('') && others)
    },
    isPersistent: () => isPersistent,
    close() {
      isClosed = true
      void write()
    },
  }
}

/** `onCreated`: the database did not exist. `onLost`: something else has deleted or closed the open database. */
async function openDatabase(name: string, onCreated: () => void, onLost: () => void): Promise<IDBDatabase> {
  const request = indexedDB.open(name, VERSION)
  request.onupgradeneeded = () => {
    request.result.createObjectStore(TABLE)
    onCreated()
  }
  const handle = await promisifyRequest(request)
  // Closed at once, so that this handle never blocks another version or a deletion.
  handle.onversionchange = () => {
    handle.close()
    onLost()
  }
  handle.onclose = onLost
  return handle
}

/** As `entries` of idb-keyval does, which would bring its default database into the bundle. */
async function readAll(records: IDBObjectStore): Promise<[Key, unknown][]> {
  const [keys, values] = await Promise.all([
    promisifyRequest(records.getAllKeys()),
    promisifyRequest<unknown[]>(records.getAll()),
  ])
  return keys.map((key, index) => [key as Key, values[index]])
}

/** Whether the browser has no databases, or refuses them to this site, as it may in a private window. */
const isRefusal = (error: unknown) =>
  error instanceof ReferenceError || (error instanceof DOMException && error.name === 'SecurityError')

/** Whether the database has a later version, or not our table. */
const isForeign = (error: unknown) =>
  error instanceof DOMException && (error.name === 'VersionError' || error.name === 'NotFoundError')

const LATE = new Error('No answer in time.')
const inTime = <T>(work: Promise<T>) => withDeadline(PATIENCE, work, LATE)
