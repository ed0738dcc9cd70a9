import { keyOf, type PanelRef } from '../../shared/names'
import type { Counter } from '../../shared/snapshot'
import type { GapCause } from '../../shared/status'
import type { Did, EventId, Listens, Mark, RoomReport, ToTab } from '../../shared/wire'
import { now } from '../clock'
import type { Warn } from '../warnings'
import { createBacklog } from './backlog'
import type { PanelOpening, PostToTab } from './channel'
import { createDuties } from './duties'
import type { TabOrder } from './duty'
import { createBatcher, isPostable, type RoomEvent } from './event'
import { createLastValues } from './last-values'
import { createMailbox, type Mailbox } from './mailbox'
import type { TabPanel } from './tab-panels'
import type { Unsettled } from './unsettled'
import { createWindows } from './windows'

/** The most characters kept as last values of all rooms. */
const RETAIN_SIZE = 16_000_000
/** The most characters that may wait for one tab. */
const QUEUE_SIZE = 8_000_000
/** How long events wait for others, in ms: longer with more tabs, because each tab costs a post. */
const WINDOW_PER_TAB = 2
/** The longest such wait. */
const WINDOW = 7
/** If there is only one tab, its events are posted at once while it has at most this many unacknowledged posts. */
const QUICK = 8

export interface OutboxParts {
  readonly retain: number
  readonly queue: number
  readonly count: (what: Counter, by?: number) => void
  readonly warn: Warn
  readonly order: TabOrder
}

/** Hands events and messages to the tabs that want them, in order, and keeps what a tab cannot take yet. */
export interface Outbox {
  /** A page of the tab is here. It has had the events with these ids. */
  attach(tab: string, post: PostToTab, seen: readonly EventId[]): void
  /** The tab went away: its panels stay, and their events are kept. */
  detach(tab: string): void
  remove(tab: string): void
  /** Keeps a panel's events until the tab subscribes to it. `missing`: since when it may have missed events. */
  keep(tab: string, ref: PanelRef, rooms: readonly string[], missing?: number): void
  /**
   * Another worker served the tab until `until` while this one kept the panel's events. Each worker gives an event without a
   * position its own id, so repeats cannot be recognized: these events are removed, and the tab gets a gap.
   */
  skip(tab: string, ref: PanelRef, until: number): void
  /** The gaps that an earlier worker has left in a panel's kept events begin at `from` at the latest. */
  widen(tab: string, ref: PanelRef, from: number): void
  /** Removes the panels that the tab had and did not subscribe to again. */
  settle(tab: string): void
  /** The tab subscribed to these panels: posts the state of their rooms, and the events kept for them. */
  open(tab: string, panels: readonly Subscribed[]): void
  shut(tab: string, ref: PanelRef): void
  /** With `lastOnly`, the tab's events are held back. When that ends, the tab gets the last one per room and name of those, and then every new event. */
  background(tab: string, lastOnly: boolean): void
  /** The tab has handled this many posts. */
  took(tab: string, posts?: number): void
  /** The tab has done this with an event that it alone got. */
  answerOne(tab: string, call: number, did: Did): void
  /** Tabs have handled these events for all, and all earlier ones of their panels. */
  handled(marks: readonly Mark[]): void
  /** The tab's page is not frozen. */
  awake(tab: string): void
  /** Publishes an event. Until `endRepeats`, a page does not get it if it has had it. */
  publish(event: RoomEvent): void
  /** The session of the worker before this one is over: its events do not come again. */
  endRepeats(): void
  /** Publishes what came while there was no connection. A page gets only the events that it has not had. */
  catchUp(events: readonly RoomEvent[]): void
  post(tab: string, message: ToTab): void
  postAll(message: ToTab): void
  /** Posts to each tab the reports about the rooms that it has open. */
  postRooms(reports: readonly RoomReport[]): void
  /** Posts to the tabs that have the room open. Returns whether there is one. */
  postWatchers(room: string, message: ToTab): boolean
  /** Events of these rooms may be missing. Tabs that are away are told when they return. */
  gap(rooms: readonly string[], from: number, cause: GapCause): void
  /** Events of these rooms may be missing for one tab alone. */
  gapFor(tab: string, rooms: readonly string[], from: number, cause: GapCause): void
  /** Forgets the last values of a room. */
  forget(room: string): void
  /** Forgets the last values of all rooms. */
  forgetAll(): void
  panels(tab: string): readonly PanelRef[]
  rooms(tab: string): readonly string[]
  waiting(tab: string): number
  unanswered(tab: string): number
  /** Whether a panel's events are kept until the tab subscribes to it. */
  isKept(tab: string, ref: PanelRef): boolean
  /** The last values of all rooms, for another worker: without those that cannot be posted, and those with a gap after them. */
  values(): readonly RoomEvent[]
  /** Takes over the last values of an earlier worker. */
  restoreValues(events: readonly RoomEvent[]): void
  /** A tab's panels, with the rooms of each. */
  panelRooms(tab: string): readonly (readonly [PanelRef, readonly string[]])[]
  /** Removes all tabs. Nothing is posted after this. */
  dispose(): void
  /** What the tabs still have to handle. */
  unsettled(): readonly (Unsettled & { readonly tab: string })[]
}

export interface Call {
  readonly call: number
  /** The page has all events up to this time, last values included. Set if an earlier worker served the page. */
  readonly since: number | undefined
  /** Who listens to the panel in the tab. @default 'all' */
  readonly listens?: Listens | undefined
}

/** A panel that a page subscribed to, its rooms and their states. */
export interface Subscribed extends Call {
  readonly ref: PanelRef
  readonly rooms: readonly string[]
  readonly reports: readonly RoomReport[]
}

export function createOutbox({ retain, queue, count, warn, order }: OutboxParts): Outbox {
  const mailboxes = new Map<string, Mailbox>()
  /** Room → the mailboxes that want it, so that an event visits no other. */
  const watchers = new Map<string, Set<Mailbox>>()
  const lastValues = createLastValues({ retain, characters: RETAIN_SIZE, count })
  const batcher = createBatcher()
  const windows = createWindows()
  let mayRepeat = true
  const duties = createDuties({
    count,
    warn,
    order,
    queue,
    characters: QUEUE_SIZE,
    give: (tab, head, event) => mailboxes.get(tab)?.postOne(head, event),
    miss: (tab, gap) => mailboxes.get(tab)?.miss(gap),
  })

  const newBacklog = (cause: GapCause) => createBacklog({ queue, characters: QUEUE_SIZE, cause, count })

  function openWindow(unanswered: number, onEnd: () => void) {
    if (mailboxes.size === 1 && unanswered <= QUICK) return undefined
    return windows.open(Math.min(WINDOW, WINDOW_PER_TAB * mailboxes.size), onEnd)
  }

  function mailboxOf(tab: string): Mailbox {
    const mailbox =
      mailboxes.get(tab) ??
      createMailbox({
        queue,
        count,
        warn,
        batch: batcher.of,
        mayRepeat: () => mayRepeat,
        newBacklog,
        openWindow,
      })
    mailboxes.set(tab, mailbox)
    return mailbox
  }

  const panelsOf = (mailbox: Mailbox | undefined) => [...(mailbox?.panels.byKey.values() ?? [])]
  const backlogOf = (tab: string, ref: PanelRef) => mailboxes.get(tab)?.panels.byKey.get(keyOf(ref))?.backlog
  const roomsOf = (mailbox: Mailbox | undefined) => new Set(panelsOf(mailbox).flatMap(({ rooms }) => rooms))
  const watchersOf = (room: string) => watchers.get(room) ?? new Set()

  /** Changes a mailbox's panels, and updates the watchers of their rooms. */
  function change(mailbox: Mailbox, act: () => void) {
    const before = roomsOf(mailbox)
    act()
    for (const room of before) {
      const others = watchersOf(room)
      if (!mailbox.panels.wants(room) && others.delete(mailbox) && others.size === 0) watchers.delete(room)
    }
    for (const room of roomsOf(mailbox)) watchers.set(room, watchersOf(room).add(mailbox))
  }

  function removePanels(tab: string, isRemoved: (panel: TabPanel) => boolean) {
    const mailbox = mailboxes.get(tab)
    if (!mailbox) return
    change(mailbox, () => {
      for (const panel of panelsOf(mailbox)) {
        if (!isRemoved(panel)) continue
        mailbox.panels.set(panel.ref)
        duties.leave(tab, panel.ref)
      }
    })
  }

  function openingOf(
    mailbox: Mailbox,
    { ref, rooms, call, since, reports, listens }: Subscribed,
  ): PanelOpening {
    const backlog = mailbox.panels.byKey.get(keyOf(ref))?.backlog ?? newBacklog('away')
    const heard = new Set(backlog.events.map(({ room }) => room))
    const silent = since === undefined ? rooms.filter((room) => !heard.has(room)) : []
    const replays = silent.flatMap(lastValues.of).sort((a, b) => a.at - b.at)
    silent.flatMap(lastValues.gaps).forEach(backlog.miss)
    const head = { panel: ref, call, rooms: reports }
    if (listens === 'one') return { head, replays: [], backlog: { events: [], gaps: backlog.gaps } }
    return { head, replays, backlog }
  }

  return {
    attach: (tab, post, seen) => mailboxOf(tab).attach(post, seen),
    detach(tab) {
      mailboxes.get(tab)?.detach()
      duties.depart(tab)
    },
    remove(tab) {
      duties.depart(tab)
      removePanels(tab, () => true)
      mailboxes.get(tab)?.dispose()
      mailboxes.delete(tab)
    },
    keep(tab, ref, rooms, missing) {
      const mailbox = mailboxOf(tab)
      if (mailbox.panels.byKey.has(keyOf(ref))) return
      const backlog = newBacklog('away')
      if (missing !== undefined) backlog.miss({ rooms, from: missing, to: now(), cause: 'worker' })
      change(mailbox, () => mailbox.panels.set(ref, { ref, rooms, backlog }))
      duties.expect(tab, ref, rooms)
    },
    skip: (tab, ref, until) => backlogOf(tab, ref)?.skip(until),
    widen(tab, ref, from) {
      const backlog = backlogOf(tab, ref)
      for (const gap of backlog?.gaps ?? []) if (gap.cause === 'worker') backlog?.miss({ ...gap, from })
    },
    settle: (tab) => removePanels(tab, ({ backlog }) => backlog !== undefined),
    open(tab, subscribed) {
      const mailbox = mailboxOf(tab)
      const openings: PanelOpening[] = []
      change(mailbox, () => {
        for (const panel of subscribed) {
          const { ref, rooms, listens = 'all' } = panel
          openings.push(openingOf(mailbox, panel))
          mailbox.panels.set(ref, { ref, rooms, listens })
        }
      })
      mailbox.open(openings)
      for (const { ref, rooms, listens = 'all' } of subscribed)
        duties.enter(tab, ref, rooms, listens !== 'all')
    },
    shut(tab, ref) {
      const mailbox = mailboxes.get(tab)
      if (mailbox) change(mailbox, () => mailbox.panels.set(ref))
      duties.leave(tab, ref)
    },
    background: (tab, lastOnly) => mailboxes.get(tab)?.background(lastOnly),
    took: (tab, posts = 1) => mailboxes.get(tab)?.took(posts),
    answerOne: duties.answer,
    handled: duties.handled,
    awake: duties.awake,
    publish(event) {
      lastValues.add(event)
      for (const mailbox of watchersOf(event.room)) mailbox.give(event)
      duties.add([event])
    },
    endRepeats() {
      mayRepeat = false
      duties.endRepeats()
    },
    catchUp(events) {
      events.forEach(lastValues.add)
      for (const mailbox of mailboxes.values()) {
        for (const event of mailbox.unseen(events)) if (mailbox.panels.wants(event.room)) mailbox.give(event)
      }
      duties.add(events)
    },
    post: (tab, message) => mailboxes.get(tab)?.post(message),
    postAll(message) {
      for (const mailbox of mailboxes.values()) mailbox.post(message)
    },
    postRooms(reports) {
      for (const mailbox of mailboxes.values()) {
        const rooms = reports.filter(([room]) => mailbox.panels.isOpen(room))
        if (rooms.length > 0) mailbox.post({ type: 'rooms', rooms })
      }
    },
    postWatchers(room, message) {
      const open = [...watchersOf(room)].filter((mailbox) => mailbox.panels.isOpen(room))
      for (const mailbox of open) mailbox.post(message)
      return open.length > 0
    },
    gap(rooms, from, cause) {
      const gap = { rooms, from, to: now(), cause }
      lastValues.miss(gap)
      for (const mailbox of new Set(rooms.flatMap((room) => [...watchersOf(room)]))) mailbox.miss(gap)
    },
    gapFor: (tab, rooms, from, cause) => mailboxes.get(tab)?.miss({ rooms, from, to: now(), cause }),
    forget: lastValues.forget,
    forgetAll() {
      lastValues.forgetAll()
      batcher.forget()
    },
    panels: (tab) => panelsOf(mailboxes.get(tab)).map(({ ref }) => ref),
    rooms: (tab) => [...roomsOf(mailboxes.get(tab))],
    waiting: (tab) => mailboxes.get(tab)?.waiting() ?? 0,
    unanswered: (tab) => mailboxes.get(tab)?.unanswered() ?? 0,
    isKept: (tab, ref) => backlogOf(tab, ref) !== undefined,
    values: () => lastValues.all().filter(isPostable),
    restoreValues: (events) => events.forEach(lastValues.add),
    panelRooms: (tab) => panelsOf(mailboxes.get(tab)).map(({ ref, rooms }) => [ref, rooms]),
    dispose() {
      duties.dispose()
      for (const mailbox of mailboxes.values()) mailbox.dispose()
      mailboxes.clear()
      watchers.clear()
    },
    unsettled: () =>
      [...mailboxes].flatMap(([tab, mailbox]) => {
        const unsettled = mailbox.unsettled(duties.unsettled(tab))
        return unsettled ? [{ tab, ...unsettled }] : []
      }),
  }
}
