import type { PanelRef } from '../../shared/names'
import { list, number, object, optional, text, tuple } from '../checks'
import { now } from '../clock'
import type { Key, Store } from './store'

/** What is written down of a tab. Never a token, never a payload. */
export interface TabRecord {
  readonly panels: readonly PanelRef[]
  /** When this was written. */
  readonly at: number
  /** When the tab went away; absent while it is here. */
  readonly goneAt?: number
}

/** How far the tabs had got when it was written, so that a later worker can go on from there. */
export interface SessionRecord {
  /** The worker that had it, and the lock it held while it lived. */
  readonly worker: string
  readonly lock?: string
  /** The server's name for the session, and the last event that every tab had; absent where it gives none. */
  readonly id?: string
  readonly position?: string
  /** The rooms the server had confirmed. */
  readonly rooms: readonly string[]
  /** When that last event came. */
  readonly at: number
  /** The tabs that had everything up to then; since when events may be missing of those that had not. */
  readonly tabs: readonly (readonly [tab: string, since?: number])[]
}

/** What earlier workers have written down. */
export interface Found {
  readonly tabs: ReadonlyMap<string, TabRecord>
  /**
   * The session of the last shared worker, or of the last dedicated one that served this tab. The next record of it is
   * written under this tab.
   */
  takeSession(tab: string | undefined): SessionRecord | undefined
}

/** How long the record of a tab that is gone is kept, for a closed tab that is brought back. */
const MEMORY = 24 * 3_600_000
/** How many records are kept. */
const MOST = 500
/** How long the session of a dedicated worker is kept while none of its tabs has a record: it is written first. */
const ORPHANED = 60_000

export interface Records {
  /** Reads the database once, and forgets tabs long gone. No time in it is later than this worker's start. */
  readonly loaded: Promise<Found>
  get(tab: string): TabRecord | undefined
  /** Resolves once written. */
  write(tab: string, record: Omit<TabRecord, 'at'>): Promise<void>
  remove(tab: string): Promise<void>
  /** Keeps the session of a shared worker, or of a dedicated one under its first tab. `undefined`: there is nothing to go on with. */
  keepSession(tab: string | undefined, record: SessionRecord | undefined): Promise<void>
  /** Writes everything again: the database has lost it. */
  rewrite(): void
  clear(): Promise<void>
}

/** What the database holds, in memory as well, so that a read never waits. Bounded in number and age. */
export function createRecords(store: Store): Records {
  const startedAt = now()
  /** The one written last stands last. */
  const records = new Map<string, TabRecord>()

  /** The session of this worker. */
  const sessions = new Map<string | undefined, SessionRecord>()

  /** What earlier workers have left. */
  const tabs = new Map<string, TabRecord>()
  const left = new Map<string | undefined, SessionRecord>()
  let isCleared = false

  function remove(tab: string): Promise<void> {
    records.delete(tab)
    return store.save(tab, undefined)
  }

  function keepSession(tab: string | undefined, record: SessionRecord | undefined): Promise<void> {
    if (record) sessions.set(tab, record)
    else sessions.delete(tab)
    return store.save(sessionKey(tab), record)
  }

  function prune() {
    const time = now()
    const gone = [...records].filter(([, { goneAt }]) => goneAt !== undefined)
    const old = gone.filter(([, { goneAt = time }]) => time - goneAt > MEMORY)
    const excess = gone.slice(0, Math.max(0, records.size - MOST))
    for (const [tab] of [...old, ...excess]) void remove(tab)
  }

  /** Earlier workers wrote before this one began: a later time means that the machine's clock was set back since. */
  const past = (at: number) => Math.min(at, startedAt)

  /** A record that had to be changed is saved, so that its age counts from now on. */
  function inPast(tab: string, record: TabRecord): TabRecord {
    const { at, goneAt } = record
    if (at <= startedAt && (goneAt ?? at) <= startedAt) return record
    const bounded = { ...record, at: past(at), ...(goneAt !== undefined && { goneAt: past(goneAt) }) }
    void store.save(tab, bounded)
    return bounded
  }

  const sessionInPast = (session: SessionRecord): SessionRecord => ({
    ...session,
    at: past(session.at),
    tabs: session.tabs.map(([tab, since]) => (since === undefined ? [tab] : [tab, past(since)])),
  })

  async function load(): Promise<Found> {
    const found = await store.load()
    // What is to be forgotten is not found any more.
    for (const [key, record] of isCleared ? [] : found) {
      if (typeof key === 'string' && isTabRecord(record)) tabs.set(key, inPast(key, record as TabRecord))
      else if (Array.isArray(key) && key[0] === 'session' && isSessionRecord(record))
        left.set(key[1], sessionInPast(record as SessionRecord))
      else void store.save(key, undefined)
    }
    const written = [...records]
    records.clear()
    const byAge = [...tabs].sort(([, a], [, b]) => (a.goneAt ?? Infinity) - (b.goneAt ?? Infinity))
    // What this worker has written meanwhile is newer.
    for (const [tab, record] of [...byAge, ...written]) {
      records.delete(tab)
      records.set(tab, record)
    }
    prune()
    for (const [owner, session] of left) {
      const isOrphan = !session.tabs.some(([tab]) => records.has(tab)) && now() - session.at > ORPHANED
      if (owner !== undefined && isOrphan && !sessions.has(owner)) void keepSession(owner, undefined)
    }
    return {
      tabs,
      takeSession(tab) {
        const served = [...left].find(
          ([owner, { tabs }]) => owner === tab || (owner && tabs.some(([each]) => each === tab)),
        )
        if (served && served[0] !== tab) void keepSession(served[0], undefined)
        return served?.[1]
      },
    }
  }

  return {
    loaded: load(),
    get: (tab) => records.get(tab),
    write(tab, fresh) {
      const record = { ...fresh, at: now() }
      records.delete(tab)
      records.set(tab, record)
      if (record.goneAt !== undefined) prune()
      return store.save(tab, record)
    },
    remove,
    keepSession,
    rewrite() {
      for (const [tab, record] of records) void store.save(tab, record)
      for (const [tab, record] of sessions) void store.save(sessionKey(tab), record)
    },
    clear() {
      isCleared = true
      for (const all of [sessions, records, tabs, left]) all.clear()
      return store.clear()
    },
  }
}

/** A list, which no tab's id can be. */
const sessionKey = (tab: string | undefined): Key => (tab === undefined ? ['session'] : ['session', tab])

/** Records of an older schema, or of nobody's making, are removed. */
const isTabRecord = object({
  panels: list(list(text(), Infinity, 1)),
  at: number(),
  goneAt: optional(number()),
})

const isSessionRecord = object({
  worker: text(),
  lock: optional(text()),
  id: optional(text()),
  position: optional(text()),
  rooms: list(text()),
  at: number(),
  tabs: list(tuple(text(), optional(number()))),
})
