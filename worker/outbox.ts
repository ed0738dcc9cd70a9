import {
  type Counter,
  type EventId,
  type GapCause,
  keyOf,
  type PanelRef,
  type RoomReport,
  type ToTab,
} from '../src/protocol'
import { type Box, createBox, type Delivery, type Opening, type Unsettled } from './box'
import { now } from './clock'
import { createLasts } from './lasts'
import { createBatcher, type Parcel } from './parcel'
import type { Warn } from './warnings'
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
  publish(event: Parcel): void
  /** What came while there was no connection, all at once: a page that had some of it already gets the rest. */
  catchUp(events: readonly Parcel[]): void
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
  const boxes = new Map<string, Box>()
  /** Room → the boxes that want it, so that an event looks at no other. */
  const interest = new Map<string, Set<Box>>()
  const lasts = createLasts({ retain, characters: RETAIN_SIZE, count })
  const batcher = createBatcher()
  const windows = createWindows()

  function openWindow(unanswered: number, ended: () => void) {
    if (boxes.size === 1 && unanswered <= QUICK) return undefined
    return windows.open(Math.min(WINDOW, WINDOW_PER_TAB * boxes.size), ended)
  }

  function boxOf(tab: string): Box {
    const box = boxes.get(tab) ?? createBox({ queue, count, warn, batch: batcher.of, openWindow })
    boxes.set(tab, box)
    return box
  }

  const roomsOf = (box: Box) => new Set([...box.panels.values()].flatMap(({ rooms }) => rooms))

  /** Carries out a change to a box's panels, and brings what follows from them up to date. */
  function change(box: Box, act: () => void) {
    const before = roomsOf(box)
    act()
    for (const room of before) {
      const watchers = interest.get(room)
      if (!box.wants(room) && watchers?.delete(box) && watchers.size === 0) interest.delete(room)
    }
    for (const room of roomsOf(box)) {
      const watchers = interest.get(room)
      if (watchers) watchers.add(box)
      else interest.set(room, new Set([box]))
    }
  }

  function openingOf(box: Box, { ref, rooms, call, since, reports }: Subscribed): Opening {
    const kept = box.panels.get(keyOf(ref))?.kept ?? box.kept()
    const heard = new Set(kept.events.map((event) => event.room))
    const silent = since === undefined ? rooms.filter((room) => !heard.has(room)) : []
    const replays = silent.flatMap(lasts.of).sort((a, b) => a.at - b.at)
    for (const { rooms, from, to, cause } of silent.flatMap(lasts.holes)) kept.miss(rooms, from, to, cause)
    return { head: { panel: ref, call, rooms: reports }, replays, kept }
  }

  return {
    attach: (tab, deliver, seen) => boxOf(tab).attach(deliver, seen),
    detach: (tab) => boxes.get(tab)?.detach(),
    remove(tab) {
      const box = boxes.get(tab)
      if (!box) return
      box.dispose()
      change(box, () => {
        for (const { ref } of [...box.panels.values()]) box.setPanel(ref, undefined)
      })
      boxes.delete(tab)
    },
    keep(tab, ref, rooms, missing) {
      const box = boxOf(tab)
      if (box.panels.has(keyOf(ref))) return
      const kept = box.kept()
      if (missing !== undefined) kept.miss(rooms, missing, now(), 'worker')
      change(box, () => box.setPanel(ref, { ref, rooms, kept }))
    },
    settle(tab) {
      const box = boxes.get(tab)
      if (!box) return
      change(box, () => {
        for (const { ref, kept } of [...box.panels.values()]) if (kept) box.setPanel(ref, undefined)
      })
    },
    open(tab, subscribed) {
      const box = boxOf(tab)
      const openings: Opening[] = []
      change(box, () => {
        for (const panel of subscribed) {
          openings.push(openingOf(box, panel))
          box.setPanel(panel.ref, { ref: panel.ref, rooms: panel.rooms })
        }
      })
      box.open(openings)
    },
    shut(tab, ref) {
      const box = boxes.get(tab)
      if (box) change(box, () => box.setPanel(ref, undefined))
    },
    background: (tab, lastOnly) => boxes.get(tab)?.background(lastOnly),
    took: (tab, count = 1) => boxes.get(tab)?.took(count),
    publish(event) {
      lasts.add(event)
      for (const box of interest.get(event.room) ?? []) box.give(event)
    },
    catchUp(events) {
      for (const event of events) lasts.add(event)
      for (const box of boxes.values()) {
        for (const event of box.unseen(events)) if (box.wants(event.room)) box.give(event)
      }
    },
    post: (tab, message) => boxes.get(tab)?.post(message),
    postAll(message) {
      for (const box of boxes.values()) box.post(message)
    },
    postRooms(reports) {
      for (const box of boxes.values()) {
        const rooms = reports.filter(([room]) => box.isOpen(room))
        if (rooms.length > 0) box.post({ type: 'rooms', rooms })
      }
    },
    postWatchers(room, message) {
      for (const box of interest.get(room) ?? []) if (box.isOpen(room)) box.post(message)
    },
    gap(rooms, from, cause) {
      lasts.miss({ rooms, from, to: now(), cause })
      const watchers = new Set(rooms.flatMap((room) => [...(interest.get(room) ?? [])]))
      for (const box of watchers) box.miss(rooms, from, cause)
    },
    gapFor: (tab, rooms, from, cause) => boxes.get(tab)?.miss(rooms, from, cause),
    forget: lasts.forget,
    forgetAll() {
      lasts.forgetAll()
      batcher.forget()
    },
    panels: (tab) => [...(boxes.get(tab)?.panels.values() ?? [])].map(({ ref }) => ref),
    rooms(tab) {
      const box = boxes.get(tab)
      return box ? [...roomsOf(box)] : []
    },
    waiting: (tab) => boxes.get(tab)?.waiting() ?? 0,
    unanswered: (tab) => boxes.get(tab)?.unanswered() ?? 0,
    isKept: (tab, ref) => boxes.get(tab)?.panels.get(keyOf(ref))?.kept !== undefined,
    unsettled: () =>
      [...boxes].flatMap(([tab, box]) => {
        const unsettled = box.unsettled()
        return unsettled ? [{ tab, ...unsettled }] : []
      }),
  }
}
