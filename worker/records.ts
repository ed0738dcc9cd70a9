import type { Store, TabRecord } from './store'

/** How long the record of a tab that is gone is kept, for a closed tab that is brought back. */
const MEMORY = 24 * 3_600_000
/** How many records are kept. */
const MOST = 500

export interface Records {
  /** Reads the database once, and forgets tabs long gone. Resolves to what was written down by earlier workers. */
  readonly loaded: Promise<ReadonlyMap<string, TabRecord>>
  get(tab: string): TabRecord | undefined
  /** Resolves once written. */
  write(tab: string, record: TabRecord): Promise<void>
  remove(tab: string): Promise<void>
  clear(): Promise<void>
}

/** What the database holds, in memory as well, so that a read never waits. Bounded in number and age. */
export function createRecords(store: Store): Records {
  /** The one written last stands last. */
  const records = new Map<string, TabRecord>()

  function remove(tab: string): Promise<void> {
    records.delete(tab)
    return store.save(tab, undefined)
  }

  function prune() {
    const now = Date.now()
    const gone = [...records].filter(([, { goneAt }]) => goneAt !== undefined)
    const old = gone.filter(([, { goneAt = now }]) => now - goneAt > MEMORY)
    const excess = gone.slice(0, Math.max(0, records.size - MOST))
    for (const [tab] of [...old, ...excess]) void remove(tab)
  }

  return {
    loaded: store.load().then((found) => {
      const written = [...records]
      records.clear()
      const byAge = [...found].sort(([, a], [, b]) => (a.goneAt ?? Infinity) - (b.goneAt ?? Infinity))
      // What this worker has written meanwhile is newer.
      for (const [tab, record] of [...byAge, ...written]) {
        records.delete(tab)
        records.set(tab, record)
      }
      prune()
      return found
    }),
    get: (tab) => records.get(tab),
    write(tab, record) {
      records.delete(tab)
      records.set(tab, record)
      if (record.goneAt !== undefined) prune()
      return store.save(tab, record)
    },
    remove,
    clear() {
      records.clear()
      return store.clear()
    },
  }
}
