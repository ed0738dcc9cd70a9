import { keyOf, type PanelRef } from '../../shared/names'
import type { Counter } from '../../shared/snapshot'
import type { GapCause } from '../../shared/status'
import type { EventId, RoomReport, ToTab } from '../../shared/wire'
import { now } from '../clock'
import type { Warn } from '../warnings'
import { createBatcher, type RoomEvent } from './event'
import { createLastValues } from './last-values'
import { createMailbox, type Delivery, type Mailbox, type Opening, type Unsettled } from './mailbox'
import { createWindows } from './windows'

/** Characters kept as last values of all rooms. */
const RETAIN_SIZE = 16_000_000
/** Posts are what costs, and each tab has its own: the more there are, the longer events wait for others, in ms. */
const WINDOW_PER_TAB = 2
const WINDOW = 7
/** A tab alone waits for nothing while it has no more than so many posts to answer. */
const QUICK = 8

export interface OutboxParts {
  readonly retain: number
  readonly queue: number
  readonly count: (what: Counter, by?: number) => void
  readonly warn: Warn
}

export interface Outbox {
  /** A tab is here: what is posted goes this way. Its page had the events of those ids already. */
  attach(tab: string, deliver: Delivery, seen: readonly EventId[]): void
  /** A tab went: its panels are kept, and what comes for them. */
  detach(tab: string): void
  remove(tab: string): void
  /** Keeps a panel's events until the tab subscribes to it. `missing`: since when it may have missed some. */
  keep(tab: string, ref: PanelRef, rooms: readonly string[], missing?: number): void
  /** Gives up on panels the tab had and did not subscribe to again. */
  settle(tab: string): void
  /** The tab subscribed: tells it the panels' rooms, and hands over what was kept. */
  open(tab: string, panels: readonly Subscribed[]): void
  shut(tab: string, ref: PanelRef): void
  /** From now on the tab gets only the last value per room and name; `false`: it gets those, and then everything. */
  background(tab: string, lastOnly: boolean): void
  /** The tab has handled so many messages. */
  took(tab: string, count?: number): void
  publish(event: RoomEvent): void
  /** What came while there was no connection, all at once: a page that had some of it already gets the rest. */
  catchUp(events: readonly RoomEvent[]): void
  post(tab: string, message: ToTab): void
  postAll(message: ToTab): void
  /** Tells each tab about those of the rooms that it wants. */
  postRooms(reports: readonly RoomReport[]): void
  postWatchers(room: string, message: ToTab): void
  /** Events of these rooms may be missing: those who are here are told, those who are away will be. */
  gap(rooms: readonly string[], from: number, cause: GapCause): void
  /** Events of some rooms may be missing for one tab alone. */
  gapFor(tab: string, rooms: readonly string[], from: number, cause: GapCause): void
  /** Forgets a room's last values. */
  forget(room: string): void
  /** Forgets the last values of all rooms. */
  forgetAll(): void
  panels(tab: string): readonly PanelRef[]
  rooms(tab: string): readonly string[]
  waiting(tab: string): number
  unanswered(tab: string): number
  /** Whether a panel's events are kept for the tab until it subscribes. */
  isKept(tab: string, ref: PanelRef): boolean
  /** What tabs still have to take. */
  unsettled(): readonly (Unsettled & { readonly tab: string })[]
}

export interface Call {
  readonly call: number
  /** The page went on living while the worker did not know it: it has everything up to then, last values included. */
  readonly since: number | undefined
}

/** A panel that a page subscribed to, its rooms and how they are doing. */
export interface Subscribed extends Call {
  readonly ref: PanelRef
  readonly rooms: readonly string[]
  readonly reports: readonly RoomReport[]
}

/** Fan-out: who gets what, in order. */
export function createOutbox({ retain, queue, count, warn }: OutboxParts): Outbox {
  const mailboxes = new Map<string, Mailbox>()
  /** Room → the mailboxes that want it, so that an event looks at no other. */
  const interest = new Map<string, Set<Mailbox>>()
  const lasts = createLastValues({ retain, characters: RETAIN_SIZE, count })
  const batcher = createBatcher()
  const windows = createWindows()

  function openWindow(unanswered: number, ended: () => void) {
    if (mailboxes.size === 1 && unanswered <= QUICK) return undefined
    return windows.open(Math.min(WINDOW, WINDOW_PER_TAB * mailboxes.size), ended)
  }

  function mailboxOf(tab: string): Mailbox {
    const mailbox = mailboxes.get(tab) ?? createMailbox({ queue, count, warn, batch: batcher.of, openWindow })
    mailboxes.set(tab, mailbox)
    return mailbox
  }

  const roomsOf = (mailbox: Mailbox) => new Set([...mailbox.panels.values()].flatMap(({ rooms }) => rooms))

  /** Carries out a change to a box's panels, and brings what follows from them up to date. */
  function change(mailbox: Mailbox, act: () => void) {
    const before = roomsOf(mailbox)
    act()
    for (const room of before) {
      const watchers = interest.get(room)
      if (!mailbox.wants(room) && watchers?.delete(mailbox) && watchers.size === 0) interest.delete(room)
    }
    for (const room of roomsOf(mailbox)) {
      const watchers = interest.get(room)
      if (watchers) watchers.add(mailbox)
      else interest.set(room, new Set([mailbox]))
    }
  }

  function openingOf(mailbox: Mailbox, { ref, rooms, call, since, reports }: Subscribed): Opening {
    const kept = mailbox.panels.get(keyOf(ref))?.kept ?? mailbox.kept()
    const heard = new Set(kept.events.map((event) => event.room))
    const silent = since === undefined ? rooms.filter((room) => !heard.has(room)) : []
    const replays = silent.flatMap(lasts.of).sort((a, b) => a.at - b.at)
    for (const { rooms, from, to, cause } of silent.flatMap(lasts.holes)) kept.miss(rooms, from, to, cause)
    return { head: { panel: ref, call, rooms: reports }, replays, kept }
  }

  return {
    attach: (tab, deliver, seen) => mailboxOf(tab).attach(deliver, seen),
    detach: (tab) => mailboxes.get(tab)?.detach(),
    remove(tab) {
      const mailbox = mailboxes.get(tab)
      if (!mailbox) return
      mailbox.dispose()
      change(mailbox, () => {
        for (const { ref } of [...mailbox.panels.values()]) mailbox.setPanel(ref, undefined)
      })
      mailboxes.delete(tab)
    },
    keep(tab, ref, rooms, missing) {
      const mailbox = mailboxOf(tab)
      if (mailbox.panels.has(keyOf(ref))) return
      const kept = mailbox.kept()
      if (missing !== undefined) kept.miss(rooms, missing, now(), 'worker')
      change(mailbox, () => mailbox.setPanel(ref, { ref, rooms, kept }))
    },
    settle(tab) {
      const mailbox = mailboxes.get(tab)
      if (!mailbox) return
      change(mailbox, () => {
        for (const { ref, kept } of [...mailbox.panels.values()]) if (kept) mailbox.setPanel(ref, undefined)
      })
    },
    open(tab, subscribed) {
      const mailbox = mailboxOf(tab)
      const openings: Opening[] = []
      change(mailbox, () => {
        for (const panel of subscribed) {
          openings.push(openingOf(mailbox, panel))
          mailbox.setPanel(panel.ref, { ref: panel.ref, rooms: panel.rooms })
        }
      })
      mailbox.open(openings)
    },
    shut(tab, ref) {
      const mailbox = mailboxes.get(tab)
      if (mailbox) change(mailbox, () => mailbox.setPanel(ref, undefined))
    },
    background: (tab, lastOnly) => mailboxes.get(tab)?.background(lastOnly),
    took: (tab, count = 1) => mailboxes.get(tab)?.took(count),
    publish(event) {
      lasts.add(event)
      for (const mailbox of interest.get(event.room) ?? []) mailbox.give(event)
    },
    catchUp(events) {
      for (const event of events) lasts.add(event)
      for (const mailbox of mailboxes.values()) {
        for (const event of mailbox.unseen(events)) if (mailbox.wants(event.room)) mailbox.give(event)
      }
    },
    post: (tab, message) => mailboxes.get(tab)?.post(message),
    postAll(message) {
      for (const mailbox of mailboxes.values()) mailbox.post(message)
    },
    postRooms(reports) {
      for (const mailbox of mailboxes.values()) {
        const rooms = reports.filter(([room]) => mailbox.isOpen(room))
        if (rooms.length > 0) mailbox.post({ type: 'rooms', rooms })
      }
    },
    postWatchers(room, message) {
      for (const mailbox of interest.get(room) ?? []) if (mailbox.isOpen(room)) mailbox.post(message)
    },
    gap(rooms, from, cause) {
      lasts.miss({ rooms, from, to: now(), cause })
      const watchers = new Set(rooms.flatMap((room) => [...(interest.get(room) ?? [])]))
      for (const mailbox of watchers) mailbox.miss(rooms, from, cause)
    },
    gapFor: (tab, rooms, from, cause) => mailboxes.get(tab)?.miss(rooms, from, cause),
    forget: lasts.forget,
    forgetAll() {
      lasts.forgetAll()
      batcher.forget()
    },
    panels: (tab) => [...(mailboxes.get(tab)?.panels.values() ?? [])].map(({ ref }) => ref),
    rooms(tab) {
      const mailbox = mailboxes.get(tab)
      return mailbox ? [...roomsOf(mailbox)] : []
    },
    waiting: (tab) => mailboxes.get(tab)?.waiting() ?? 0,
    unanswered: (tab) => mailboxes.get(tab)?.unanswered() ?? 0,
    isKept: (tab, ref) => mailboxes.get(tab)?.panels.get(keyOf(ref))?.kept !== undefined,
    unsettled: () =>
      [...mailboxes].flatMap(([tab, mailbox]) => {
        const unsettled = mailbox.unsettled()
        return unsettled ? [{ tab, ...unsettled }] : []
      }),
  }
}
