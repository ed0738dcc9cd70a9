import {
  type Counter,
  type GapCause,
  keyOf,
  type PanelRef,
  type RoomReport,
  type ToTab,
  type WireEvent,
} from '../src/protocol'

/** After an event that went out at once, those of so many ms go out together: posts are what costs. */
const WINDOW = 8
/** Batches a tab may have unanswered before it is left alone. */
const CREDITS = 4

/** Events kept for later: for a tab that is away or slow, or for a panel that is not subscribed to again yet. */
interface Backlog {
  events: WireEvent[]
  /** What did not fit. */
  missed?: { readonly rooms: Set<string>; readonly from: number; to: number }
}

interface Panel {
  readonly ref: PanelRef
  readonly rooms: readonly string[]
  /** Set until the page subscribes to the panel. */
  kept?: Backlog
}

interface Box {
  deliver: ((message: ToTab) => void) | undefined
  readonly panels: Map<string, Panel>
  /** Rooms of the panels that are subscribed to. */
  open: ReadonlySet<string>
  waiting: Backlog
  /** Set while the tab is in the background and wants only the last value per room and name, when it is shown. */
  lastOnly?: Map<string, WireEvent>
  unanswered: number
  /** Runs while the window after the last batch is open. */
  window?: ReturnType<typeof setTimeout>
}

export interface OutboxParts {
  readonly retain: number
  readonly queue: number
  readonly count: (what: Counter, by?: number) => void
}

export interface Outbox {
  /** A tab is here: what is posted goes this way. */
  attach(tab: string, deliver: (message: ToTab) => void): void
  /** A tab went: its panels are kept, and what comes for them. */
  detach(tab: string): void
  remove(tab: string): void
  /** Keeps a panel's events until the tab subscribes to it. */
  keep(tab: string, ref: PanelRef, rooms: readonly string[]): void
  /** Gives up on panels the tab had and did not subscribe to again. */
  dropKept(tab: string): void
  /** The tab subscribed: tells it the panel's rooms, and hands over what was kept. */
  open(tab: string, ref: PanelRef, rooms: readonly string[], call: Call, reports: readonly RoomReport[]): void
  shut(tab: string, ref: PanelRef): void
  /** From now on the tab gets only the last value per room and name; `false`: it gets those, and then everything. */
  background(tab: string, lastOnly: boolean): void
  /** The tab has handled a batch. */
  took(tab: string): void
  publish(event: Omit<WireEvent, 'replayed'>): void
  post(tab: string, message: ToTab): void
  postAll(message: ToTab): void
  /** Tells each tab about those of the rooms that it wants. */
  postRooms(reports: readonly RoomReport[]): void
  postWatchers(room: string, message: ToTab): void
  /** Events of a room may be missing: those who are here are told, those who are away will be. */
  gap(room: string, from: number, cause: GapCause): void
  /** Forgets a room's last values. */
  forget(room: string): void
  /** Forgets the last values of all rooms. */
  forgetAll(): void
  panels(tab: string): readonly PanelRef[]
  rooms(tab: string): readonly string[]
  waiting(tab: string): number
}

export interface Call {
  readonly call: number
  /** The page went on living while the worker did not know it: it has everything up to then, last values included. */
  readonly since: number | undefined
}

/** Fan-out: who gets what, in order, in few posts, with a bound for those who do not take it. */
export function createOutbox({ retain, queue, count }: OutboxParts): Outbox {
  const boxes = new Map<string, Box>()
  /** Room → the boxes that want it, so that an event looks at no other. */
  const interest = new Map<string, Set<Box>>()
  const lasts = new Map<string, WireEvent[]>()

  const wantedBy = (box: Box) => new Set([...box.panels.values()].flatMap((panel) => panel.rooms))

  /** Carries out a change to a box's panels, and brings what follows from them up to date. */
  function change(box: Box, act: () => void) {
    const before = wantedBy(box)
    act()
    const after = wantedBy(box)
    box.open = new Set([...box.panels.values()].flatMap((panel) => (panel.kept ? [] : panel.rooms)))
    for (const room of before) {
      const watchers = interest.get(room)
      if (!after.has(room) && watchers?.delete(box) && watchers.size === 0) interest.delete(room)
    }
    for (const room of after) {
      const watchers = interest.get(room)
      if (watchers) watchers.add(box)
      else interest.set(room, new Set([box]))
    }
  }

  function boxOf(tab: string): Box {
    let box = boxes.get(tab)
    if (!box) {
      box = { deliver: undefined, panels: new Map(), open: new Set(), waiting: { events: [] }, unanswered: 0 }
      boxes.set(tab, box)
    }
    return box
  }

  /** Adds to a backlog. When it is full, all but the last value of each room goes, and is owned up to as a gap. */
  function add(backlog: Backlog, event: WireEvent) {
    backlog.events.push(event)
    if (backlog.events.length <= queue) return
    const newest = new Map(backlog.events.map((each) => [each.room, each]))
    const dropped = backlog.events.filter((each) => newest.get(each.room) !== each)
    // With more rooms than the queue holds, even last values have to go.
    const kept = [...newest.values()].sort((a, b) => a.at - b.at)
    const excess = kept.splice(0, Math.max(0, kept.length - queue))
    backlog.events = kept
    for (const { room, at } of [...dropped, ...excess]) miss(backlog, [room], at, at)
    count('dropped', dropped.length + excess.length)
  }

  function miss(backlog: Backlog, rooms: Iterable<string>, from: number, to: number) {
    backlog.missed ??= { rooms: new Set(), from, to }
    backlog.missed.to = Math.max(backlog.missed.to, to)
    for (const room of rooms) backlog.missed.rooms.add(room)
  }

  function announce(box: Box, { missed }: Backlog, cause: GapCause) {
    if (!missed) return
    count('gaps')
    box.deliver?.({ type: 'gap', gap: { rooms: [...missed.rooms], from: missed.from, to: missed.to, cause } })
  }

  function conflate({ lastOnly, waiting }: Box, event: WireEvent) {
    if (!lastOnly) return
    const key = JSON.stringify([event.room, event.name])
    if (lastOnly.delete(key)) count('conflated')
    lastOnly.set(key, event)
    const [oldest] = lastOnly
    if (lastOnly.size <= queue || !oldest) return
    lastOnly.delete(oldest[0])
    count('dropped')
    miss(waiting, [oldest[1].room], oldest[1].at, oldest[1].at)
  }

  /** What was held back for a tab in the background takes its place among what waits. */
  function bringForward(box: Box) {
    for (const event of box.lastOnly?.values() ?? []) add(box.waiting, event)
    box.lastOnly?.clear()
  }

  function flush(box: Box) {
    const { waiting } = box
    if (!box.deliver || waiting.events.length === 0) return
    box.waiting = { events: [] }
    box.unanswered += 1
    announce(box, waiting, 'queue')
    count('delivered', waiting.events.length)
    box.deliver({ type: 'events', events: waiting.events })
  }

  /** The first event after quiet goes at once, the rest of a window together. */
  function pump(box: Box) {
    if (box.window !== undefined || box.unanswered >= CREDITS || box.waiting.events.length === 0) return
    flush(box)
    box.window = setTimeout(() => {
      delete box.window
      pump(box)
    }, WINDOW)
  }

  function post(box: Box | undefined, message: ToTab) {
    if (!box?.deliver) return
    // What came before is told before.
    flush(box)
    box.deliver(message)
  }

  return {
    attach(tab, deliver) {
      const box = boxOf(tab)
      box.deliver = deliver
      box.unanswered = 0
    },
    detach(tab) {
      const box = boxes.get(tab)
      if (!box) return
      bringForward(box)
      delete box.lastOnly
      clearTimeout(box.window)
      delete box.window
      box.deliver = undefined
      const { events, missed } = box.waiting
      box.waiting = { events: [] }
      change(box, () => {
        for (const panel of box.panels.values()) {
          if (panel.kept) continue
          const mine = (room: string) => panel.rooms.includes(room)
          panel.kept = { events: events.filter(({ room }) => mine(room)) }
          const rooms = new Set([...(missed?.rooms ?? [])].filter(mine))
          if (missed && rooms.size > 0) panel.kept.missed = { ...missed, rooms }
        }
      })
    },
    remove(tab) {
      const box = boxes.get(tab)
      if (!box) return
      clearTimeout(box.window)
      change(box, () => box.panels.clear())
      boxes.delete(tab)
    },
    keep(tab, ref, rooms) {
      const box = boxOf(tab)
      const key = keyOf(ref)
      if (!box.panels.has(key)) change(box, () => box.panels.set(key, { ref, rooms, kept: { events: [] } }))
    },
    dropKept(tab) {
      const box = boxes.get(tab)
      if (!box) return
      change(box, () => {
        for (const [key, panel] of box.panels) if (panel.kept) box.panels.delete(key)
      })
    },
    open(tab, ref, rooms, { call, since }, reports) {
      const box = boxOf(tab)
      const key = keyOf(ref)
      const kept = box.panels.get(key)?.kept
      change(box, () => box.panels.set(key, { ref, rooms }))
      const heard = new Set(kept?.events.map((event) => event.room))
      const replays =
        since !== undefined ? [] : rooms.flatMap((room) => (heard.has(room) ? [] : (lasts.get(room) ?? [])))
      count('replayed', replays.length)
      count('delivered', kept?.events.length)
      const events = [...replays.map((event) => ({ ...event, replayed: true })), ...(kept?.events ?? [])]
      bringForward(box)
      flush(box)
      if (kept) announce(box, kept, 'away')
      box.deliver?.({
        type: 'opened',
        panel: ref,
        call,
        rooms: reports,
        events: events.sort((a, b) => a.at - b.at),
      })
    },
    shut(tab, ref) {
      const box = boxes.get(tab)
      if (box) change(box, () => box.panels.delete(keyOf(ref)))
    },
    background(tab, lastOnly) {
      const box = boxes.get(tab)
      if (!box) return
      if (lastOnly) {
        box.lastOnly ??= new Map()
        return
      }
      bringForward(box)
      delete box.lastOnly
      pump(box)
    },
    took(tab) {
      const box = boxes.get(tab)
      if (!box) return
      box.unanswered = Math.max(0, box.unanswered - 1)
      pump(box)
    },
    publish(fresh) {
      const event: WireEvent = { ...fresh, replayed: false }
      if (retain > 0) {
        const last = lasts.get(event.room) ?? []
        lasts.set(event.room, [...last.slice(Math.max(0, last.length + 1 - retain)), event])
      }
      for (const box of interest.get(event.room) ?? []) {
        for (const { kept, rooms } of box.panels.values()) {
          if (kept && rooms.includes(event.room)) add(kept, event)
        }
        if (!box.open.has(event.room)) continue
        if (box.lastOnly) {
          conflate(box, event)
          continue
        }
        add(box.waiting, event)
        pump(box)
      }
    },
    post: (tab, message) => post(boxes.get(tab), message),
    postAll(message) {
      for (const box of boxes.values()) post(box, message)
    },
    postRooms(reports) {
      for (const box of boxes.values()) {
        const rooms = reports.filter(([room]) => box.open.has(room))
        if (rooms.length > 0) post(box, { type: 'rooms', rooms })
      }
    },
    postWatchers(room, message) {
      for (const box of interest.get(room) ?? []) if (box.open.has(room)) post(box, message)
    },
    gap(room, from, cause) {
      const to = Date.now()
      for (const box of interest.get(room) ?? []) {
        for (const { kept, rooms } of box.panels.values())
          if (kept && rooms.includes(room)) miss(kept, [room], from, to)
        if (!box.open.has(room)) continue
        count('gaps')
        post(box, { type: 'gap', gap: { rooms: [room], from, to, cause } })
      }
    },
    forget: (room) => void lasts.delete(room),
    forgetAll: () => lasts.clear(),
    panels: (tab) => [...(boxes.get(tab)?.panels.values() ?? [])].map((panel) => panel.ref),
    rooms(tab) {
      const box = boxes.get(tab)
      return box ? [...wantedBy(box)] : []
    },
    waiting(tab) {
      const box = boxes.get(tab)
      if (!box) return 0
      return [...box.panels.values()].reduce(
        (sum, { kept }) => sum + (kept?.events.length ?? 0),
        box.waiting.events.length,
      )
    },
  }
}
