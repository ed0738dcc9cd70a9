import { PartylineError } from '../../shared/errors'
import { type PanelRef, PROTOCOL } from '../../shared/names'
import type { Place } from '../../shared/place'
import type { Hello } from '../../shared/switchboard'
import { now } from '../clock'
import type { PostToTab } from '../delivery/channel'
import type { Outbox } from '../delivery/outbox'
import type { Home } from '../home'
import type { Connection } from '../link/connection'
import type { Records } from '../persistence/records'
import type { Recorder } from '../recorder'
import { messageOf } from '../thrown'
import type { Announcements } from './announcements'
import type { Moves } from './moves'
import { createRegistration, type Registration, type RegistrationParts } from './registration'
import type { Reloads } from './reloads'
import type { Statuses } from './statuses'
import { shortId, type Tabs } from './tabs'

/** The most tabs one worker serves. */
const TABS = 1000
/** How old a worker may be to believe what a page says of the one before, in ms. A page that is thawed later reports an outdated state. */
const YOUNG = 10_000

export interface ArrivalsParts extends Omit<RegistrationParts, 'hello' | 'welcome' | 'locked' | 'isActive'> {
  readonly home: Home
  readonly tabs: Tabs
  readonly outbox: Outbox
  readonly connection: Connection
  readonly reloads: Reloads
  readonly statuses: Statuses
  readonly announcements: Announcements
  readonly records: Records
  readonly recorder: Recorder
  readonly moves: Moves
  /** Whether the worker before this one has handed over, and said whether it was paused. */
  readonly inherits: boolean
  /** Where pages find this worker, if it serves all of them. */
  readonly place: () => Place | undefined
  /** The first tab of a worker that serves its page alone came: earlier workers may have left its panels. */
  readonly claim: (tab: string) => void
}

/** Registers the pages that say hello, and restores the panels their tabs had. */
export interface Arrivals {
  /**
   * Throws `wrong-worker` for a page that looked for another worker, `limit` for one tab too many. A page that said hello
   * for the same tab before is not heard any more.
   */
  hello(hello: Hello, post: PostToTab): Registration
  /**
   * Keeps the panels of a tab that an earlier worker served, for when its page says hello. `missing`: since when it may have
   * missed events. `isGone`: the tab was away already. `isTooLate`: the first handshake has begun. Returns their rooms.
   */
  expect(
    tab: string,
    panels: readonly PanelRef[],
    missing: number | undefined,
    isGone: boolean,
    isTooLate: boolean,
  ): readonly string[]
  /** The tab's page has had the time to subscribe to its panels: those that wait for others are opened. */
  settle(tab: string): void
  /** An app has connected or disconnected: what pages say of the worker before this one does not count any more. */
  pauseDecided(): void
  /** The user signs out: no page that is here may say hello again because of that. */
  signOut(): void
  /** The tab is forgotten, and its page with it. */
  forget(tab: string): void
}

export function createArrivals(parts: ArrivalsParts): Arrivals {
  const { home, tabs, outbox, rooms, connection, reloads, statuses, announcements, records, recorder } = parts
  /** The latest page of each tab. Earlier pages of the same tab are not heard any more. */
  const activePages = new Map<string, Registration>()
  let isPauseDecided = parts.inherits

  function expectThisWorker({ protocol, worker }: Hello) {
    if (protocol === PROTOCOL && worker === home.name) return
    throw new PartylineError(
      'wrong-worker',
      `The page asked for worker "${worker}", protocol ${protocol}; this is "${home.name}", protocol ${PROTOCOL}. ` +
        'Pass the options on: (options) => new SharedWorker(url, { ...options, type: "module" }).',
    )
  }

  function expectSpace(tab: string) {
    if (tabs.has(tab) || tabs.list().length < TABS) return
    throw new PartylineError('limit', `One worker serves ${TABS} lines at most. Close some.`)
  }

  /** A `disconnect()` holds as long as a page is open that has learned of it. A page that was here before may have missed a `connect()`. */
  function continuePause({ paused, clock }: Hello) {
    if (isPauseDecided || paused === undefined || clock?.[0] === home.incarnation) return
    if (now() > parts.startedAt + YOUNG) return
    isPauseDecided = true
    if (paused) connection.pause()
  }

  function register(hello: Hello): Registration {
    const { tab } = hello
    const place = parts.place()
    const registration = createRegistration({
      ...parts,
      hello,
      welcome: {
        incarnation: home.incarnation,
        ...(home.lock !== undefined && { lock: home.lock }),
        ...(place && { place }),
      },
      locked: home.locked,
      isActive: () => activePages.get(tab) === registration && tabs.isHere(tab),
    })
    return registration
  }

  /** Keeps each panel. Those that the table does not have any more are passed over. */
  function keepEach(tab: string, panels: readonly PanelRef[], keep: (ref: PanelRef) => void) {
    for (const panel of panels) {
      try {
        keep(panel)
      } catch (error) {
        recorder.note({
          what: 'panel-not-restored',
          tab: shortId(tab),
          panel,
          reason: messageOf(error),
        })
      }
    }
  }

  /** Tells the page which panels its tab had before, and keeps them until it subscribes to them. */
  async function restore({ tab, copyOf = tab, had = [] }: Hello, registration: Registration) {
    // A gap that is told to the rooms earlier would count as covered by the session that is continued.
    await parts.handover.ready()
    // What the page has subscribed to meanwhile is in the newer record.
    const record = records.get(copyOf) ?? (await records.loaded).tabs.get(copyOf)
    if (!tabs.isHere(tab) || activePages.get(tab) !== registration) return
    // Where the database has lost them, the page knows.
    const panels = record?.panels ?? had.map(([ref]) => ref)
    keepEach(tab, panels, registration.keep)
    if (panels.length > 0) void parts.savePanels(tab)
    outbox.post(tab, { type: 'restored', panels })
  }

  return {
    hello(hello, post) {
      const { tab, lock, version, visible = true, front, hidden = 'all', token = false, quietFor } = hello
      expectThisWorker(hello)
      expectSpace(tab)
      const signOut = announcements.missedSignOut(quietFor)
      if (signOut) {
        post(signOut)
        return register(hello)
      }
      // Before anything of this tab is given to others.
      outbox.handled(hello.handled ?? [])
      // The tab's last page is gone, if it has not said so yet: its events are kept for the page that says hello now.
      tabs.depart(tab)
      parts.claim(tab)
      const registration = register(hello)
      activePages.set(tab, registration)
      outbox.attach(tab, post, hello.seen ?? [])
      outbox.background(tab, !visible && hidden === 'latest')
      tabs.arrive(tab, { lock, visible, front, hasToken: token })
      parts.moves.arrive(tab, hello)
      reloads.arrive(tab, {
        version,
        memory: hello.orders ?? [],
        given: hello.given ?? [],
        remembers: hello.orders !== undefined,
      })
      if (connection.status().state === 'online') reloads.online()
      reloads.compare(version)
      recorder.note({ what: 'tab-arrived', tab: shortId(tab) })
      parts.handover.touch()
      continuePause(hello)
      connection.start()
      if (visible || token) connection.nudge('visible', tab)
      statuses.post(tab)
      for (const message of announcements.missed(quietFor)) outbox.post(tab, message)
      for (const outcome of parts.sends?.kept?.untold() ?? []) outbox.post(tab, { type: 'kept', outcome })
      void restore(hello, registration)
      return registration
    },
    expect(tab, panels, missing, isGone, isTooLate) {
      tabs.expect(tab, !isGone)
      const all: string[] = []
      keepEach(tab, panels, (ref) => {
        const names = parts.panels(ref)
        all.push(...names)
        outbox.keep(tab, ref, names, missing)
      })
      rooms.hold(tab, outbox.rooms(tab))
      // The panels' gaps end now, and their rooms may be joined later.
      if (isTooLate && missing !== undefined) for (const room of all) rooms.miss(room, missing, 'worker')
      connection.start()
      return all
    },
    settle: (tab) => activePages.get(tab)?.open(),
    pauseDecided() {
      isPauseDecided = true
    },
    signOut() {
      for (const registration of activePages.values()) registration.signOut()
    },
    forget: (tab) => void activePages.delete(tab),
  }
}
