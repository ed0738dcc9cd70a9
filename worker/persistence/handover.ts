import type { Happening } from '../../shared/snapshot'
import { now } from '../clock'
import { atMost } from '../deadline'
import type { Progress } from './progress'
import type { Found, Records, SessionRecord, TabRecord } from './records'

/** How long the first handshake waits for the database and a page, in ms. */
const PATIENCE = 1000
/** How long it waits for the database after a worker that served hangs, in ms: that one keeps its session, and may block the database. */
const PATIENCE_HUNG = 100
/** The shortest time between two writes of the session, in ms. */
const REST = 200

export interface HandoverParts {
  readonly home: {
    readonly name: string
    readonly isFree: (lock: string, atOnce: boolean) => Promise<boolean>
  }
  /** Whether the last worker that served all pages has ended. */
  readonly isGranted: boolean
  /**
   * Set if the worker that had the turn hangs. If nobody has heard it serve, it may have been frozen when it was granted the turn: then
   * the session is another one's.
   */
  readonly hung: 'serving' | 'unheard' | undefined
  /** Resolves once a page has said hello: it knows whether the connection was closed on purpose. */
  readonly arrived: Promise<void>
  readonly records: Pick<Records, 'loaded' | 'writeSession'>
  readonly progress: Pick<Progress, 'restore' | 'ended'>
  /** How long a tab that went away may take to return, in ms. */
  readonly grace: number
  /** The session as it is now. */
  readonly describe: () => SessionRecord
  /** Restores a tab's panels, and returns their rooms. `missing`: since when it may have missed events. */
  readonly revive: (
    tab: string,
    record: TabRecord,
    missing: number | undefined,
    isTooLate: boolean,
  ) => readonly string[]
  /**
   * An earlier worker served these rooms until then, and had joined the rooms `joined` in the session that goes on. `had`: all
   * rooms that its panels had, if that is known.
   */
  readonly carry: (
    rooms: Iterable<string>,
    until: number,
    joined: Iterable<string>,
    had?: ReadonlySet<string>,
  ) => void
  /** Whether the records are this worker's to write. */
  readonly ownsRecords: () => boolean
  readonly note: (happening: Happening) => void
}

/** Hands over from one worker to the next: the tabs' panels, the session, and which events every tab has handled. */
export interface Handover {
  /**
   * Claims the records of earlier workers, once, and holds the rooms of their tabs, so that they are joined after the first handshake. A worker that
   * serves all tabs claims all recent ones. One that serves its page alone claims the tab that says hello first, and the tabs that
   * shared the session with it: they are other lines of its page.
   */
  claim(tab?: string): void
  /** Settles when the first handshake may begin: the claim is done and a page has said hello, or this takes too long. */
  ready(): Promise<unknown>
  /** Settles when the claim is done, or takes too long. It may come after `ready`. */
  known(): Promise<unknown>
  /** Claims what the worker before this one has handed over, instead of the records. */
  inherit(found: Found): void
  /** Something changed: writes the session at once, or after `REST` where it was written a moment ago. */
  touch(): void
  /** Writes the session now. */
  write(): void
  /** Removes the session: a later worker has nothing to continue. */
  end(): void
}

export function createHandover(parts: HandoverParts): Handover {
  const { home, records, progress } = parts
  const startedAt = now()
  /** The tab under which the session of a worker that serves its page alone is written; `undefined` for one that serves all tabs. */
  let sessionTab: string | undefined
  let claimed: Promise<unknown> | undefined
  let known: Promise<unknown> = Promise.resolve()
  /** Whether the first handshake may have begun, and pages have told what they miss. */
  let isTooLate = false
  /** Runs for a while after each write. */
  let rest: ReturnType<typeof setTimeout> | undefined
  let isDue = false
  let written = ''

  async function restore(found: Found) {
    const session = found.takeSession(sessionTab)
    const until = session?.at ?? startedAt
    const served = new Map(session?.tabs.map(([tab, since]) => [tab, since]))
    const isOurs = (tab: string, { goneAt = now() }: TabRecord) =>
      sessionTab === undefined ? now() - goneAt <= parts.grace : tab === sessionTab || served.has(tab)
    const ours = [...found.tabs].filter(([tab, record]) => isOurs(tab, record))
    if (ours.length === 0) return
    // A worker that hangs still has its session. Two clients of one session lose the rooms of both when the first one ends.
    const isOver =
      session !== undefined &&
      (found.handedOver !== undefined ||
        ((parts.isGranted || session.worker === home.name) &&
          (session.lock === undefined ? !parts.hung : await home.isFree(session.lock, !!parts.hung))))
    if (!found.handedOver && !parts.ownsRecords()) return
    const rooms = new Set<string>()
    for (const [tab, record] of ours) {
      // It may have left meanwhile, or the user has signed out.
      if (!found.handedOver && !found.tabs.has(tab)) continue
      const since = served.has(tab) ? served.get(tab) : (record.goneAt ?? record.at)
      const missing = isTooLate ? Math.min(until, since ?? until) : since
      for (const room of parts.revive(tab, record, missing, isTooLate)) rooms.add(room)
    }
    // If it is too late, each panel has got its gap.
    if (isTooLate || rooms.size === 0) return
    parts.carry(rooms, until, isOver ? session.rooms : [], found.handedOver)
    if (isOver) progress.restore(session)
    const isRestored = isOver && session.id !== undefined
    parts.note({ what: isRestored ? 'session-restored' : 'session-not-restored' })
  }

  function write() {
    if (!parts.ownsRecords()) return
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
    void records.writeSession(sessionTab, record)
  }

  return {
    claim(tab) {
      if (claimed) return
      sessionTab = tab
      known = atMost(PATIENCE, records.loaded.then(restore))
      const restored = parts.hung === 'serving' ? atMost(PATIENCE_HUNG, known) : known
      claimed = Promise.all([restored, atMost(PATIENCE, parts.arrived)]).then(() => {
        isTooLate = true
      })
    },
    ready: () => claimed ?? Promise.resolve(),
    known: () => known,
    inherit(found) {
      claimed = restore(found)
    },
    touch() {
      isDue = true
      if (rest === undefined) write()
    },
    write,
    end() {
      isDue = false
      written = ''
      progress.ended()
      if (parts.ownsRecords()) void records.writeSession(sessionTab, undefined)
    },
  }
}
