import { PartylineError } from '../../shared/errors'
import { keyOf, type PanelRef } from '../../shared/names'
import type { Hello, Welcome } from '../../shared/switchboard'
import type { Mark, ToWorker } from '../../shared/wire'
import { now } from '../clock'
import type { Call, Outbox, Subscribed } from '../delivery/outbox'
import { notRegistered, signedOut } from '../failures'
import type { Connection } from '../link/connection'
import type { TokenRequests } from '../link/token-requests'
import type { Outbound } from '../messages/outbound'
import type { Handover } from '../persistence/handover'
import type { Records } from '../persistence/records'
import type { Panels } from '../rooms/panel-table'
import type { Rooms } from '../rooms/rooms'
import type { Sends } from '../sends/sends'
import type { Heartbeat } from './heartbeat'
import type { Lead } from './lead'
import type { Moves } from './moves'
import type { Tabs } from './tabs'

/** The most panels of one tab. */
const PANELS = 200
/** The most rooms of one tab. */
const ROOMS = 500
/** The most by which two workers' receive times of one event may differ, in ms. */
const APART = 100
/** How long panels wait for others that the page opens with them, in ms. */
const TOGETHER = 20

/** What a page that said hello may ask for. */
export interface Registration {
  readonly welcome: Promise<Welcome>
  heard(message: ToWorker): void
  /** Keeps a panel's events until the page subscribes to it. Reports a gap for those its tab has missed. */
  keep(panel: PanelRef): void
  /** Opens the panels that wait for others. */
  open(): void
  /**
   * Rejects as `expectHere` throws. `isMore`: the page opens other panels with this one. `before`: the
   * rooms that the panel had in an earlier worker.
   */
  subscribe(panel: PanelRef, call: Call, isMore?: boolean, before?: readonly string[]): Promise<void>
  /** Rejects as `expectHere` throws. */
  unsubscribe(panel: PanelRef): Promise<void>
  /**
   * Sends a message, and resolves to the server's answer; with an id to keep it under, to that id once it is kept. Throws
   * as `expectHere` does.
   */
  send(name: string, payload: unknown, timeout: number, keep?: string): Promise<unknown>
  /** Throws `unregistered` once the tab counts as gone, and `closed` once the user has signed out. */
  expectHere(): void
  /** The user has signed out: the page's calls reject with `closed`, so that it does not say hello again. */
  signOut(): void
  isSignedOut(): boolean
  /** `handled`: what the tabs have handled for all. `signedOut`: the user has signed out, perhaps at another worker. */
  leave(handled?: readonly Mark[], signedOut?: boolean): Promise<void>
}

export interface RegistrationParts {
  readonly hello: Pick<Hello, 'tab' | 'hidden' | 'had' | 'clock'>
  readonly welcome: Welcome
  /** Resolves once this worker holds its lock, or is refused it. */
  readonly locked: Promise<void>
  /** When this worker started: it has no events from before. */
  readonly startedAt: number
  readonly panels: Panels
  /** Whether this page is its tab's latest, and the tab is here. */
  readonly isActive: () => boolean
  readonly tabs: Pick<Tabs, 'isHere' | 'show' | 'depart' | 'forget'>
  readonly heartbeat: Pick<Heartbeat, 'heard'>
  readonly lead: Pick<Lead, 'listen' | 'resigned' | 'elect'>
  readonly outbox: Pick<
    Outbox,
    | 'isKept'
    | 'keep'
    | 'skip'
    | 'widen'
    | 'open'
    | 'shut'
    | 'panels'
    | 'rooms'
    | 'post'
    | 'gapFor'
    | 'took'
    | 'answerOne'
    | 'handled'
    | 'awake'
    | 'background'
  >
  readonly rooms: Pick<Rooms, 'hold' | 'miss' | 'report' | 'reason' | 'isUnanswered'>
  readonly outbound: Pick<Outbound, 'unanswered'>
  readonly tokenRequests: Pick<TokenRequests, 'answer'>
  readonly moves: Pick<Moves, 'probed'>
  /** Absent where the server cannot be sent anything. */
  readonly sends: Sends | undefined
  readonly handover: Pick<Handover, 'ready' | 'known' | 'touch'>
  readonly records: Pick<Records, 'remove'>
  /** Writes the tab's panels down. Resolves once that is done. */
  readonly savePanels: (tab: string) => Promise<void>
  readonly connection: Pick<Connection, 'nudge'>
}

/** Serves one page of a tab. */
export function createRegistration(parts: RegistrationParts): Registration {
  const { welcome, startedAt, panels, isActive, tabs, heartbeat, outbox, rooms, handover } = parts
  const { tab, hidden } = parts.hello
  const [clockOwner, ahead] = parts.hello.clock ?? [welcome.incarnation, 0]
  /** Whether the page's times come from an earlier worker's clock. */
  const isForeign = clockOwner !== welcome.incarnation
  /** For each panel that the page has not subscribed to yet: up to when the tab has all its events. */
  const had = new Map(parts.hello.had?.map(([ref, since]) => [keyOf(ref), isForeign ? since - ahead : since]))
  /**
   * When the page got its last event. What it has had since a panel's own time came in other panels, and is taken out of the backlogs of
   * all.
   */
  const latest = Math.max(...had.values())
  /** The panels whose gap was told. */
  const told = new Set<string>()
  /** The panels that the page has subscribed to since its hello. It gets all their events, so a repeated subscribe reports no gap. */
  const subscribed = new Set<string>()
  /** Panels that wait for others that the page opens with them. */
  let opening: Omit<Subscribed, 'reports'>[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  let isSignedOut = false

  const gone = () => (isSignedOut ? signedOut() : notRegistered())

  function expectActive() {
    if (!isActive()) throw gone()
  }

  function expectSpace(names: readonly string[]) {
    const all = new Set([...outbox.rooms(tab), ...names])
    if (outbox.panels(tab).length < PANELS && all.size <= ROOMS) return
    throw new PartylineError(
      'limit',
      `A tab has ${PANELS} panels and ${ROOMS} rooms at most. Unsubscribe from some.`,
    )
  }

  function holdRooms() {
    rooms.hold(tab, outbox.rooms(tab))
  }

  /** `completeUntil`: up to when the page has all events of the panel, if it says so. What came since is a gap, as far as it was not kept. */
  function keep(ref: PanelRef, names: readonly string[], completeUntil?: number) {
    const key = keyOf(ref)
    const isKept = outbox.isKept(tab, ref)
    const isTold = told.has(key)
    const isBehind = (had.get(key) ?? latest) < latest
    const since = completeUntil ?? (isKept && isTold ? undefined : had.get(key))
    told.add(key)
    if (!isKept) expectSpace(names)
    outbox.keep(tab, ref, names)
    holdRooms()
    if (since === undefined) return
    // Another worker served the page beside this one.
    if (isForeign && isKept && since > startedAt) outbox.skip(tab, ref, since + APART)
    // The machine's clock may have been set back by more than the page could tell.
    const from = Math.min(since, isForeign ? startedAt : now())
    const cause = isForeign || from < startedAt ? 'worker' : 'away'
    if (isKept && cause === 'away') return
    const unreported = names.filter((name) => !rooms.miss(name, from, cause))
    // Rooms that are joined have their gap, by a time of the database, which does not know how far the clock was set back.
    if (isKept) outbox.widen(tab, ref, from)
    if (!isKept || (isBehind && !isTold)) outbox.gapFor(tab, isKept ? names : unreported, from, cause)
  }

  /** Panels are opened together, so that what is missing of all of them is one gap. */
  function open() {
    clearTimeout(timer)
    timer = undefined
    const all = opening
    opening = []
    if (all.length === 0 || !isActive()) return
    outbox.open(
      tab,
      all.map((each) => ({ ...each, reports: rooms.report(each.rooms) })),
    )
    for (const room of all.flatMap((each) => each.rooms)) {
      const reason = rooms.reason(room)
      if (reason !== undefined) outbox.post(tab, { type: 'denied', room, reason })
      if (rooms.isUnanswered(room))
        outbox.post(tab, { type: 'error', error: parts.outbound.unanswered(room).toJSON() })
    }
  }

  return {
    welcome: parts.locked.then(() => welcome),
    heard(message) {
      if (!isActive()) return
      heartbeat.heard(tab)
      outbox.awake(tab)
      switch (message.type) {
        case 'took':
          outbox.took(tab, message.count)
          return handover.touch()
        case 'bye':
          return tabs.depart(tab)
        case 'token':
          return parts.tokenRequests.answer(tab, message.call, message.answer)
        case 'told':
          return parts.sends?.kept?.told(message.id)
        case 'probed':
          return parts.moves.probed(tab, message.call, message.opens)
        case 'one':
          outbox.handled(message.handled ?? [])
          outbox.answerOne(tab, message.call, message.did)
          return handover.touch()
        case 'lead':
          // Before that, the worker does not know which tabs may still lead.
          return void handover.known().then(() => {
            if (isActive()) parts.lead.listen(tab, message.call)
          })
        case 'resigned':
          return parts.lead.resigned(tab)
        case 'nudge': {
          const { why } = message
          if (why === 'visible' || why === 'hidden' || why === 'focus') {
            tabs.show(tab, why !== 'hidden')
            outbox.background(tab, why === 'hidden' && hidden === 'latest')
            parts.lead.elect()
          }
          if (why !== 'hidden' && why !== 'focus') parts.connection.nudge(why, tab)
        }
      }
    },
    keep: (ref) => keep(ref, panels(ref)),
    open,
    async subscribe(ref, call, isMore, before) {
      await handover.ready()
      expectActive()
      const names = panels(ref, before)
      const key = keyOf(ref)
      keep(ref, names, subscribed.has(key) ? undefined : call.since)
      had.delete(key)
      subscribed.add(key)
      opening.push({ ref, rooms: names, ...call })
      if (isMore) timer ??= setTimeout(open, TOGETHER)
      else open()
      await parts.savePanels(tab)
    },
    async unsubscribe(ref) {
      await handover.ready()
      expectActive()
      open()
      subscribed.delete(keyOf(ref))
      outbox.shut(tab, ref)
      holdRooms()
      await parts.savePanels(tab)
    },
    async send(name, payload, timeout, keep) {
      expectActive()
      if (parts.sends) return parts.sends.send({ name, payload, timeout, tab }, keep)
      throw new PartylineError(
        'unknown-message',
        `"${name}" cannot be sent: servers of this kind take no messages.`,
      )
    },
    expectHere() {
      if (!tabs.isHere(tab)) throw gone()
    },
    signOut() {
      isSignedOut = true
    },
    isSignedOut: () => isSignedOut,
    async leave(handled = [], signedOut) {
      if (!isActive()) return
      if (signedOut) parts.sends?.kept?.clear()
      // Before what the tab has not handled is given to others.
      outbox.handled(handled)
      tabs.forget(tab)
      await parts.records.remove(tab)
    },
  }
}
