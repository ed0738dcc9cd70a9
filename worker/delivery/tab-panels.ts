import { keyOf, type PanelRef } from '../../shared/names'
import type { Gap, GapCause } from '../../shared/status'
import type { Listens } from '../../shared/wire'
import type { Backlog } from './backlog'
import type { RoomEvent } from './event'
import { type Post, postsOf } from './post'

export interface TabPanel {
  readonly ref: PanelRef
  readonly rooms: readonly string[]
  /** Who listens to the panel. Absent while no page has subscribed to it. */
  readonly listens?: Listens
  /** The events to hand over when a page subscribes to the panel. Absent once it has. */
  backlog?: Backlog
  /**
   * Whether the last page left without subscribing to the panel. Then a page may have seen events of its rooms, but only in
   * other panels, so none of them is taken out of the backlog.
   */
  isUnopened?: boolean
}

/** The panels of one tab, and the backlogs of those that its page has not subscribed to yet. */
export interface TabPanels {
  readonly byKey: ReadonlyMap<string, TabPanel>
  /** Sets, replaces or (without one) removes a panel. */
  set(ref: PanelRef, panel?: TabPanel): void
  /** Whether any panel shows the room. */
  wants(room: string): boolean
  /** Whether a panel of the room is subscribed to. */
  isOpen(room: string): boolean
  /** Whether subscribers of a panel get all events of the room. */
  isHeard(room: string): boolean
  backlogs(): readonly Backlog[]
  /** Adds an event to the backlogs of its room. */
  add(event: RoomEvent): void
  /** Adds a gap to the backlogs of its rooms. */
  miss(gap: Gap): void
  /** The page left. Its posts, unanswered or unsent, go to the backlogs of the panels that it had open. */
  close(posts: readonly Post[]): void
  /** A page is here. `unseen` picks the events that it has not had. */
  skipSeen(unseen: (events: readonly RoomEvent[]) => readonly RoomEvent[]): void
}

export function createTabPanels(newBacklog: (cause: GapCause) => Backlog): TabPanels {
  const panels = new Map<string, TabPanel>()
  let wanted: ReadonlySet<string> = new Set()
  let open: ReadonlySet<string> = new Set()
  let heard: ReadonlySet<string> = new Set()

  function update() {
    const all = [...panels.values()]
    wanted = new Set(all.flatMap(({ rooms }) => rooms))
    const opened = all.filter(({ backlog }) => !backlog)
    open = new Set(opened.flatMap(({ rooms }) => rooms))
    heard = new Set(opened.flatMap(({ rooms, listens }) => (listens === 'one' ? [] : rooms)))
  }

  function addGap({ backlog, rooms }: TabPanel, gap: Gap) {
    const own = gap.rooms.filter((room) => rooms.includes(room))
    if (own.length > 0) backlog?.miss({ ...gap, rooms: own })
  }

  function addEvent({ backlog, rooms }: TabPanel, event: RoomEvent) {
    if (rooms.includes(event.room)) backlog?.add(event)
  }

  /**
   * Gives a panel a new backlog of what the posts have for its rooms. Skips the events of posts before the one that opened this panel,
   * which repeats them, and of posts that opened other panels.
   */
  function fill(panel: TabPanel, posts: readonly Post[]) {
    const own = keyOf(panel.ref)
    const opening = posts.map(({ opens }) => opens).lastIndexOf(own)
    panel.backlog = newBacklog('away')
    for (const [place, { events, gap, opens = own }] of posts.entries()) {
      if (gap) addGap(panel, gap)
      if (place >= opening && opens === own) for (const event of events) addEvent(panel, event)
    }
  }

  return {
    byKey: panels,
    set(ref, panel) {
      if (panel) panels.set(keyOf(ref), panel)
      else panels.delete(keyOf(ref))
      update()
    },
    wants: (room) => wanted.has(room),
    isOpen: (room) => open.has(room),
    isHeard: (room) => heard.has(room),
    backlogs: () => [...panels.values()].flatMap(({ backlog }) => backlog ?? []),
    add(event) {
      for (const panel of panels.values()) addEvent(panel, event)
    },
    miss(gap) {
      for (const panel of panels.values()) addGap(panel, gap)
    },
    close(posts) {
      for (const panel of panels.values()) {
        if (panel.backlog) panel.isUnopened = true
        else fill(panel, posts)
      }
      update()
    },
    skipSeen(unseen) {
      for (const panel of panels.values()) {
        const { backlog, isUnopened } = panel
        if (backlog && !isUnopened)
          fill(panel, postsOf({ events: unseen(backlog.events), gaps: backlog.gaps }))
      }
    },
  }
}
