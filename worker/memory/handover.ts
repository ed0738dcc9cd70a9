import type { Happening } from '../../shared/snapshot'
import { now } from '../clock'
import type { Progress } from './progress'
import type { Found, Records, SessionRecord, TabRecord } from './records'

/** How long the first handshake waits for what the database knows of the last session. */
const PATIENCE = 300
/** How often it is written down how far the tabs have got, at most. */
const REST = 200

export interface HandoverParts {
  readonly home: { readonly name: string; readonly isFree: (lock: string) => Promise<boolean> }
  readonly records: Records
  readonly progress: Progress
  /** How long a tab that went away is expected back. */
  readonly grace: number
  /** How things stand. */
  readonly describe: () => SessionRecord
  /** Wants again what a tab had, and says which rooms. `missing`: since when it may have missed events. */
  readonly revive: (tab: string, record: TabRecord, missing: number | undefined) => readonly string[]
  /** These rooms were had until then; those were joined in the session. */
  readonly carry: (had: Iterable<string>, until: number, joined: Iterable<string>) => void
  readonly isTooLate: () => boolean
  readonly note: (happening: Happening) => void
}

/** What one worker leaves to the next: the tabs' rooms, the session, and how far everybody had got in it. */
export interface Handover {
  /**
   * Takes up what earlier workers left: a shared one all tabs that were here a moment ago, a dedicated one the tab that
   * says hello first, and those that shared the session with it, which are the other lines of its page. Their rooms are
   * joined before their pages have run a line of code.
   */
  takeUp(own?: string): void
  /** Settles when that is done, or when the database takes too long. */
  ready(): Promise<unknown>
  /** Something changed: the first time after quiet it is written at once, then the rest of a while together. */
  touch(): void
  write(): void
  /** There is nothing to leave any more. */
  end(): void
}

export function createHandover(parts: HandoverParts): Handover {
  const { home, records, progress } = parts
  const startedAt = now()
  /** Under which tab the session is written down, where the worker is a dedicated one. */
  let owner: string | undefined
  let ready: Promise<unknown> | undefined
  /** Runs for a while after it was written. */
  let rest: ReturnType<typeof setTimeout> | undefined
  let isDue = false
  let written = ''

  async function inherit(found: Found) {
    const session = found.takeSession(owner)
    const until = session?.at ?? startedAt
    const covered = new Map(session?.tabs.map(([tab, since]) => [tab, since]))
    const isExpected = (tab: string, { goneAt = now() }: TabRecord) =>
      owner === undefined ? now() - goneAt <= parts.grace : tab === owner || covered.has(tab)
    const had = new Set<string>()
    for (const [tab, record] of found.tabs) {
      if (!isExpected(tab, record)) continue
      const since = covered.has(tab) ? covered.get(tab) : (record.goneAt ?? record.at)
      const missing = parts.isTooLate() ? Math.min(until, since ?? until) : since
      for (const room of parts.revive(tab, record, missing)) had.add(room)
    }
    // Each panel has been told what it may miss.
    if (parts.isTooLate() || had.size === 0) return
    // A worker that hangs has its session still: the server would take the rooms of both away with the first of them.
    const isOver =
      session?.worker === home.name && (session.lock === undefined || (await home.isFree(session.lock)))
    parts.carry(had, until, isOver ? session.rooms : [])
    if (isOver) progress.restore(session)
    const isRestored = isOver && session.id !== undefined
    parts.note({ what: isRestored ? 'session-restored' : 'session-not-restored' })
  }

  function write() {
    isDue = false
    clearTimeout(rest)
    rest = setTimeout(() => {
      rest = undefined
      if (isDue) write()
    }, REST)
    const record = parts.describe()
    const text = JSON.stringify(record)
    if (text === written) return
    written = text
    void records.keepSession(owner, record)
  }

  return {
    takeUp(own) {
      if (ready) return
      owner = own
      ready = Promise.race([records.loaded.then(inherit), new Promise((late) => setTimeout(late, PATIENCE))])
    },
    ready: () => ready ?? Promise.resolve(),
    touch() {
      isDue = true
      if (rest === undefined) write()
    },
    write,
    end() {
      isDue = false
      written = ''
      progress.ended()
      void records.keepSession(owner, undefined)
    },
  }
}
