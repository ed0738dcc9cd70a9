import type { PanelRef } from '../../shared/names'
import { list, number, object, optional, text, tuple } from '../checks'
import { now } from '../clock'
import type { Key, Store } from './store'

/** The first part of the keys of kept messages, and of their outcomes, which `KeptRecords` reads. */
export const KEPT = 'kept'

/** What the database has of a tab. It never has a token or a payload. */
export interface TabRecord {
  readonly panels: readonly PanelRef[]
  /** When this was written. */
  readonly at: number
  /** When the tab went away; absent while it is here. */
  readonly goneAt?: number
}

/** What the database has of a session, so that a later worker can continue it. */
export interface SessionRecord {
  /** The worker's name. */
  readonly worker: string
  /** The lock that the worker held while it lived. */
  readonly lock?: string
  /** The server's id of the session; absent where the server gives none. */
  readonly id?: string
  /** The position of the last event that every tab had handled; absent where the server gives none. */
  readonly position?: string
  /** The rooms that the server had confirmed. */
  readonly rooms: readonly string[]
  /** When that last event came. */
  readonly at: number
  /** The tabs of the session. `since` is set for a tab that had not handled all earlier events: it may miss events since then. */
  readonly tabs: readonly (readonly [tab: string, since?: number])[]
}

/** The records of earlier workers. */
export interface Found {
  /** Without those that have left since, or whose user has signed out. */
  readonly tabs: ReadonlyMap<string, TabRecord>
  /**
   * Takes the session of the last worker that served all tabs (`undefined`), or of the last one that served this tab's page alone.
   * From now on the session is written under this tab.
   */
  takeSession(tab: string | undefined): SessionRecord | undefined
  /** When this browser first saw each build of the worker. */
  readonly builds: SeenBuilds
  /** The rooms that the earlier worker's panels had. Set if that worker has handed its session over, so that nothing else uses it. */
  readonly handedOver?: ReadonlySet<string>
}

export type SeenBuilds = readonly (readonly [build: string, at: number])[]

/** How long the record of a tab that is gone is kept, in ms, because the user may reopen a closed tab. */
const MEMORY = 24 * 3_600_000
/** The most records of tabs that are gone, and of tabs whose end nobody has noticed. */
const MOST = 500
const MOST_OPEN = 1000
/** How long the session of a worker that serves its page alone is kept without a record of one of its tabs, in ms. It is written before they are. */
const ORPHANED = 60_000

/** The records in the database, and in memory as well, so that a read never waits. Their number and age are limited. */
export interface Records {
  /** Reads the database once, and removes old records. No time in the result is later than this worker's start. */
  readonly loaded: Promise<Found>
  get(tab: string): TabRecord | undefined
  /** Resolves once the record is written. */
  write(tab: string, record: Omit<TabRecord, 'at'>): Promise<void>
  remove(tab: string): Promise<void>
  /** The tab did not come back. If its page ended together with its worker, its record counts as that of a tab that is gone from now on. */
  close(tab: string): void
  /**
   * Writes the session. `tab`: `undefined` for a worker that serves all tabs, otherwise the first tab of a worker that serves its page
   * alone. `record`: `undefined` removes the session.
   */
  writeSession(tab: string | undefined, record: SessionRecord | undefined): Promise<void>
  writeBuilds(builds: SeenBuilds): void
  /** Writes everything again, because the database has lost it. */
  rewrite(): void
  /** Resolves to whether the database is empty now. */
  clear(): Promise<boolean>
}

export function createRecords(store: Store): Records {
  const startedAt = now()
  /** The record written last is the last one. */
  const records = new Map<string, TabRecord>()
  const sessions = new Map<string | undefined, SessionRecord>()
  const earlierTabs = new Map<string, TabRecord>()
  const earlierSessions = new Map<string | undefined, SessionRecord>()
  let builds: SeenBuilds = []
  let isCleared = false

  function remove(tab: string): Promise<void> {
    records.delete(tab)
    earlierTabs.delete(tab)
    return store.save(tab, undefined)
  }

  function writeSession(tab: string | undefined, record: SessionRecord | undefined): Promise<void> {
    if (record) sessions.set(tab, record)
    else sessions.delete(tab)
    return store.save(sessionKey(tab), record)
  }

  function prune() {
    const time = now()
    const gone = [...records].filter(([, { goneAt }]) => goneAt !== undefined)
    const old = gone.filter(([, { goneAt = time }]) => time - goneAt > MEMORY)
    const excess = gone.slice(0, Math.max(0, gone.length - MOST))
    for (const [tab] of [...old, ...excess]) void remove(tab)
  }

  /** Earlier workers wrote before this one began. A later time means that the machine's clock was set back since. */
  const past = (at: number) => Math.min(at, startedAt)

  /** A changed record is saved, so that its age counts from now. */
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
    let earlierBuilds: SeenBuilds = []
    // Where everything was cleared meanwhile, nothing is found.
    for (const [key, record] of isCleared ? [] : found) {
      if (typeof key === 'string' && isTabRecord(record))
        earlierTabs.set(key, inPast(key, record as TabRecord))
      else if (Array.isArray(key) && key[0] === 'session' && isSessionRecord(record))
        earlierSessions.set(key[1], sessionInPast(record as SessionRecord))
      else if (`${key}` === BUILDS && isSeenBuilds(record)) earlierBuilds = record as SeenBuilds
      else if (key[0] !== KEPT) void store.save(key, undefined)
    }
    const open = [...earlierTabs]
      .filter(([, { goneAt }]) => goneAt === undefined)
      .sort(([, a], [, b]) => b.at - a.at)
    for (const [tab] of open.slice(MOST_OPEN)) void remove(tab)
    const written = [...records]
    records.clear()
    const byAge = [...earlierTabs].sort(([, a], [, b]) => (a.goneAt ?? Infinity) - (b.goneAt ?? Infinity))
    // The records that this worker wrote meanwhile are newer, so they replace those found.
    for (const [tab, record] of [...byAge, ...written]) {
      records.delete(tab)
      records.set(tab, record)
    }
    prune()
    for (const [tab, session] of earlierSessions) {
      const isOrphan = !session.tabs.some(([each]) => records.has(each)) && now() - session.at > ORPHANED
      if (tab !== undefined && isOrphan && !sessions.has(tab)) void writeSession(tab, undefined)
    }
    return {
      tabs: earlierTabs,
      builds: earlierBuilds,
      takeSession(tab) {
        const taken = [...earlierSessions].find(
          ([first, { tabs }]) => first === tab || (first && tabs.some(([each]) => each === tab)),
        )
        if (taken && taken[0] !== tab) void writeSession(taken[0], undefined)
        return taken?.[1]
      },
    }
  }

  function write(tab: string, fresh: Omit<TabRecord, 'at'>): Promise<void> {
    const record = { ...fresh, at: now() }
    records.delete(tab)
    records.set(tab, record)
    if (record.goneAt !== undefined) prune()
    return store.save(tab, record)
  }

  return {
    loaded: load(),
    get: (tab) => records.get(tab),
    write,
    remove,
    close(tab) {
      const record = records.get(tab)
      if (record && record.goneAt === undefined) void write(tab, { ...record, goneAt: now() })
    },
    writeSession,
    writeBuilds(next) {
      // The user has signed out, and no tab has come since.
      if (isCleared && records.size === 0) return
      builds = next
      void store.save([BUILDS], next)
    },
    rewrite() {
      if (builds.length > 0) void store.save([BUILDS], builds)
      for (const [tab, record] of records) void store.save(tab, record)
      for (const [tab, record] of sessions) void store.save(sessionKey(tab), record)
    },
    clear() {
      isCleared = true
      builds = []
      for (const all of [sessions, records, earlierTabs, earlierSessions]) all.clear()
      return store.clear()
    },
  }
}

const BUILDS = 'builds'

/** A list, so that it differs from any tab's id. */
const sessionKey = (tab: string | undefined): Key => (tab === undefined ? ['session'] : ['session', tab])

/** A record without this shape, from an older version for example, is removed. */
const isTabRecord = object({
  panels: list(list(text(), Infinity, 1)),
  at: number(),
  goneAt: optional(number()),
})

export const isSessionRecord = object({
  worker: text(),
  lock: optional(text()),
  id: optional(text()),
  position: optional(text()),
  rooms: list(text()),
  at: number(),
  tabs: list(tuple(text(), optional(number()))),
})

export const isSeenBuilds = list(tuple(text(), number()))
