import { PartylineError } from '../../shared/errors'
import { keyOf, type PanelRef } from '../../shared/names'
import type { ClockLead, Had, Welcome } from '../../shared/switchboard'
import type { Nudge, RoomReport, ToTab, ToWorker } from '../../shared/wire'
import { now } from '../clock'
import type { Call, Subscribed } from '../delivery/outbox'

/** The most panels of one tab. */
const PANELS = 200
/** How long panels wait for those that the page said it opens with them, in ms. Perhaps they fail. */
const TOGETHER = 20
/** The most rooms of one tab. */
const ROOMS = 500

/** What a page that said hello may ask for. Rejects with `unregistered` once the tab is taken for gone. */
export interface Registration {
  readonly welcome: Promise<Welcome>
  heard(message: ToWorker): void
  /** Keeps a panel's events until the page subscribes to it, and owns up to those its tab has missed. */
  keep(panel: PanelRef): void
  /** `isMore`: the page opens others with it. */
  subscribe(panel: PanelRef, call: Call, isMore?: boolean): Promise<void>
  unsubscribe(panel: PanelRef): Promise<void>
  /** Throws `unregistered` once the tab is taken for gone. */
  expectHere(): void
  leave(): Promise<void>
}

export interface RegistrationParts {
  readonly tab: string
  readonly welcome: Welcome
  /** Resolves once this worker holds its lock, or is refused it. */
  readonly locked: Promise<void>
  /** How far the tab had got when the page said hello. */
  readonly had: Had | undefined
  readonly clock: ClockLead | undefined
  /** Since when this worker keeps what comes. */
  readonly startedAt: number
  /** Whether this page speaks for its tab: no later page does, and the tab is here. */
  readonly speaks: () => boolean
  readonly isHere: () => boolean
  /** Settles when what earlier workers left is taken up. */
  readonly ready: () => Promise<unknown>
  readonly roomsOf: (ref: PanelRef) => readonly string[]
  readonly outbox: {
    isKept(tab: string, ref: PanelRef): boolean
    keep(tab: string, ref: PanelRef, rooms: readonly string[]): void
    open(tab: string, panels: readonly Subscribed[]): void
    shut(tab: string, ref: PanelRef): void
    panels(tab: string): readonly PanelRef[]
    rooms(tab: string): readonly string[]
    post(tab: string, message: ToTab): void
    gapFor(tab: string, rooms: readonly string[], from: number, cause: 'worker' | 'away'): void
  }
  readonly rooms: {
    hold(holder: string, rooms: Iterable<string>): void
    miss(room: string, from: number, cause: 'worker' | 'away'): boolean
    report(rooms: Iterable<string>): readonly RoomReport[]
    reason(room: string): string | undefined
    isUnanswered(room: string): boolean
  }
  /** What a tab is told of a room whose join is not answered. */
  readonly unanswered: (room: string) => ToTab
  /** The tab's panels changed. Resolves once that is written down. */
  readonly changed: () => Promise<void>
  readonly took: (count: number) => void
  readonly alive: () => void
  readonly bye: () => void
  readonly nudged: (why: Nudge) => void
  readonly answered: (call: number, answer: unknown) => void
  readonly left: () => Promise<void>
}

/** Speaks for one page of a tab. */
export function createRegistration(parts: RegistrationParts): Registration {
  const { tab, outbox, rooms, startedAt, welcome } = parts
  const [owner, ahead] = parts.clock ?? [welcome.incarnation, 0]
  /** Whether the page's times are by another worker's clock: that worker was heard before this one. */
  const isForeign = owner !== welcome.incarnation
  /** What is still to be kept, or owned up to. */
  const had = new Map(parts.had?.map(([ref, since]) => [keyOf(ref), isForeign ? since - ahead : since]))
  /** Panels that wait for those that the page opens with them. */
  let opening: Omit<Subscribed, 'reports'>[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  const unregistered = () =>
    new PartylineError('unregistered', 'The worker does not know this tab; say hello again.')

  function expectSpeaker() {
    if (!parts.speaks()) throw unregistered()
  }

  /** What came since then, while this worker did not keep it, is missing. */
  function ownUp(names: readonly string[], from: number, isKept: boolean) {
    // The machine's clock may have been set back by more than the page could tell.
    const since = Math.min(from, isForeign ? startedAt : now())
    const isOlder = isForeign || since < startedAt
    if (isKept && !isOlder) return
    const cause = isOlder ? 'worker' : 'away'
    const untold = names.filter((name) => !rooms.miss(name, since, cause))
    if (!isKept && untold.length > 0) outbox.gapFor(tab, untold, since, cause)
  }

  function expectRoom(names: readonly string[]) {
    const all = new Set([...outbox.rooms(tab), ...names])
    if (outbox.panels(tab).length < PANELS && all.size <= ROOMS) return
    throw new PartylineError('limit', `A tab has ${PANELS} panels and ${ROOMS} rooms at most.`)
  }

  function keep(ref: PanelRef, names: readonly string[], lived?: number) {
    const since = lived ?? had.get(keyOf(ref))
    had.delete(keyOf(ref))
    const isKept = outbox.isKept(tab, ref)
    if (!isKept) expectRoom(names)
    outbox.keep(tab, ref, names)
    rooms.hold(tab, outbox.rooms(tab))
    if (since !== undefined) ownUp(names, since, isKept)
  }

  /** Panels are opened together, so that what is missing of all of them is told once. */
  function open() {
    clearTimeout(timer)
    timer = undefined
    const all = opening
    opening = []
    if (all.length === 0 || !parts.speaks()) return
    outbox.open(
      tab,
      all.map((each) => ({ ...each, reports: rooms.report(each.rooms) })),
    )
    for (const name of all.flatMap((each) => each.rooms)) {
      const reason = rooms.reason(name)
      if (reason !== undefined) outbox.post(tab, { type: 'denied', room: name, reason })
      if (rooms.isUnanswered(name)) outbox.post(tab, parts.unanswered(name))
    }
  }

  return {
    welcome: parts.locked.then(() => parts.welcome),
    heard(message) {
      if (!parts.speaks()) return
      parts.alive()
      switch (message.type) {
        case 'took':
          return parts.took(message.count)
        case 'bye':
          return parts.bye()
        case 'nudge':
          return parts.nudged(message.why)
        case 'token':
          return parts.answered(message.call, message.answer)
      }
    },
    keep: (ref) => keep(ref, parts.roomsOf(ref)),
    async subscribe(ref, call, isMore) {
      await parts.ready()
      expectSpeaker()
      const names = parts.roomsOf(ref)
      keep(ref, names, call.since)
      opening.push({ ref, rooms: names, ...call })
      if (isMore) timer ??= setTimeout(open, TOGETHER)
      else open()
      await parts.changed()
    },
    async unsubscribe(ref) {
      await parts.ready()
      expectSpeaker()
      open()
      outbox.shut(tab, ref)
      await parts.changed()
    },
    expectHere() {
      if (!parts.isHere()) throw unregistered()
    },
    async leave() {
      if (parts.speaks()) await parts.left()
    },
  }
}
