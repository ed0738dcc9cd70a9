import {
  type Counter,
  type EventId,
  type Gap,
  type GapCause,
  keyOf,
  type PanelRef,
  type RoomReport,
  type ToTab,
} from '../src/protocol'
import { type Backlog, createBacklog, type Parcel } from './backlog'
import { createLasts } from './lasts'

/** After an event that went out at once, those of so many ms go out together: posts are what costs. */
const WINDOW = 8
/** Posts a tab may have unanswered before it is left alone. */
const CREDITS = 4
/** Bytes a tab may have unanswered before it is left alone. */
const CREDIT_BYTES = 1_000_000
/** Bytes that may wait for a tab. */
const QUEUE_BYTES = 8_000_000
/** Bytes kept as last values of all rooms. */
const RETAIN_BYTES = 16_000_000

interface Panel {
  readonly ref: PanelRef
  readonly rooms: readonly string[]
  /** Set until the page subscribes to the panel. */
  kept?: Backlog
}

/** What is posted of a backlog. Until the page answers, it may never have got it. */
interface Post {
  readonly events: readonly Parcel[]
  readonly gap?: Gap
}

interface Box {
  deliver: ((message: ToTab) => void) | undefined
  readonly panels: Map<string, Panel>
  /** Rooms of the panels that are subscribed to. */
  open: ReadonlySet<string>
  waiting: Backlog
  /** Set while the tab is in the background and wants only the last value per room and name, when it is shown. */
  lastOnly?: Map<string, Parcel>
  unanswered: Post[]
  /** The bytes among them. */
  flight: number
  /** News for a tab that does not answer: the latest of each kind. */
  readonly held: Map<string, ToTab>
  /** Events its page had before this worker knew it. */
  seen: ReadonlySet<EventId>
  /** Runs while the window after the last batch is open. */
  window?: ReturnType<typeof setTimeout>
}

/** What a tab still has to take: nothing before it is needed any more. */
export interface Unsettled {
  readonly tab: string
  /** The oldest event of each queue. */
  readonly oldest: readonly EventId[]
  /** When the oldest of them came, or since when something is missing. */
  readonly since: number
  /** Whether something is missing already. */
  readonly isBehind: boolean
}

export interface OutboxParts {
  readonly retain: number
  readonly queue: number
  readonly count: (what: Counter, by?: number) => void
}

export interface Outbox {
  /** A tab is here: what is posted goes this way. Its page had the events of those ids already. */
  attach(tab: string, deliver: (message: ToTab) => void, seen: readonly EventId[]): void
  /** A tab went: its panels are kept, and what comes for them. */
  detach(tab: string): void
  remove(tab: string): void
  /** Keeps a panel's events until the tab subscribes to it. `missing`: since when it may have missed some. */
  keep(tab: string, ref: PanelRef, rooms: readonly string[], missing?: number): void
  /** Gives up on panels the tab had and did not subscribe to again. */
  settle(tab: string): void
  /** The tab subscribed: tells it the panel's rooms, and hands over what was kept. */
  open(tab: string, ref: PanelRef, rooms: readonly string[], call: Call, reports: readonly RoomReport[]): void
  shut(tab: string, ref: PanelRef): void
  /** From now on the tab gets only the last value per room and name; `false`: it gets those, and then everything. */
  background(tab: string, lastOnly: boolean): void
  /** The tab has handled a post. */
  took(tab: string): void
  publish(event: Parcel): void
  /** What came while there was no connection, all at once: a page that had some of it already gets the rest. */
  catchUp(events: readonly Parcel[]): void
  post(tab: string, message: ToTab): void
  postAll(message: ToTab): void
  /** Tells each tab about those of the rooms that it wants. */
  postRooms(reports: readonly RoomReport[]): void
  postWatchers(room: string, message: ToTab): void
  /** Events of a room may be missing: those who are here are told, those who are away will be. */
  gap(room: string, from: number, cause: GapCause): void
  /** Events of some rooms may be missing for one tab alone. */
  gapFor(tab: string, rooms: readonly string[], from: number, cause: GapCause): void
  /** Forgets a room's last values. */
  forget(room: string): void
  /** Forgets the last values of all rooms. */
  forgetAll(): void
  panels(tab: string): readonly PanelRef[]
  rooms(tab: string): readonly string[]
  waiting(tab: string): number
  /** Whether a panel's events are kept for the tab until it subscribes. */
  isKept(tab: string, ref: PanelRef): boolean
  unsettled(): readonly Unsettled[]
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
  const lasts = createLasts({ retain, bytes: RETAIN_BYTES, count })

  const backlog = (cause: GapCause) => createBacklog({ queue, bytes: QUEUE_BYTES, cause, count })

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
      box = {
        deliver: undefined,
        panels: new Map(),
        open: new Set(),
        waiting: backlog('queue'),
        unanswered: [],
        flight: 0,
        held: new Map(),
        seen: new Set(),
      }
      boxes.set(tab, box)
    }
    return box
  }

  /** Keeps for a panel what of some posts is the panel's. */
  function keepFor(panel: Panel, posts: readonly Post[]) {
    const kept = panel.kept ?? backlog('away')
    panel.kept = kept
    const isMine = (room: string) => panel.rooms.includes(room)
    for (const { events, gap } of posts) {
      const rooms = gap?.rooms.filter(isMine) ?? []
      if (gap && rooms.length > 0) kept.miss(rooms, gap.from, gap.to, gap.cause)
      for (const event of events) if (isMine(event.room)) kept.add(event)
    }
  }

  /** A backlog as it is posted: what is missing is told first. */
  const postsOf = ({ events, gaps }: Pick<Backlog, 'events' | 'gaps'>): Post[] => [
    ...gaps.map((gap) => ({ events: [], gap })),
    ...(events.length > 0 ? [{ events }] : []),
  ]

  const isChoked = ({ unanswered, flight }: Box) => unanswered.length >= CREDITS || flight >= CREDIT_BYTES

  function deliver(box: Box, message: ToTab, post: Post = { events: [] }) {
    if (!box.deliver) return
    box.unanswered.push(post)
    box.flight += sizeOf(post.events)
    box.deliver(message)
  }

  function tellGap(box: Box, gap: Gap) {
    count('gaps')
    deliver(box, { type: 'gap', gap }, { events: [], gap })
  }

  function conflate({ lastOnly, waiting }: Box, event: Parcel) {
    if (!lastOnly) return
    const key = JSON.stringify([event.room, event.name])
    if (lastOnly.delete(key)) count('conflated')
    lastOnly.set(key, event)
    const [oldest] = lastOnly
    if (lastOnly.size <= queue || !oldest) return
    lastOnly.delete(oldest[0])
    count('dropped')
    waiting.miss([oldest[1].room], oldest[1].at, oldest[1].at, 'queue')
  }

  /** What was held back for a tab in the background takes its place among what waits. */
  function bringForward(box: Box) {
    for (const event of box.lastOnly?.values() ?? []) box.waiting.add(event)
    box.lastOnly?.clear()
  }

  function flush(box: Box) {
    if (!box.deliver) return
    const posts = postsOf(box.waiting)
    if (posts.length === 0) return
    box.waiting = backlog('queue')
    for (const { events, gap } of posts) {
      if (gap) tellGap(box, gap)
      if (events.length === 0) continue
      count('delivered', events.length)
      deliver(box, { type: 'events', events: events.map(unsized) }, { events })
    }
  }

  /** The first event after quiet goes at once, the rest of a window together. */
  function pump(box: Box) {
    if (box.window !== undefined || isChoked(box) || box.waiting.events.length === 0) return
    flush(box)
    box.window = setTimeout(() => {
      delete box.window
      pump(box)
    }, WINDOW)
  }

  function give(box: Box, event: Parcel) {
    for (const { kept, rooms } of box.panels.values()) {
      if (kept && rooms.includes(event.room)) kept.add(event)
    }
    if (!box.open.has(event.room)) return
    if (box.lastOnly) return conflate(box, event)
    box.waiting.add(event)
    pump(box)
  }

  /** Posts news: at once, or the latest of its kind once the tab answers again. */
  function post(box: Box | undefined, message: ToTab) {
    if (!box?.deliver) return
    const kind = newsKind(message)
    if (kind !== undefined && isChoked(box)) {
      box.held.set(kind, merge(box.held.get(kind), message))
      return
    }
    // What came before is told before.
    flush(box)
    deliver(box, message)
  }

  function miss(box: Box, rooms: readonly string[], from: number, cause: GapCause) {
    const to = Date.now()
    for (const { kept, rooms: own } of box.panels.values()) {
      const mine = rooms.filter((room) => own.includes(room))
      if (mine.length > 0) kept?.miss(mine, from, to, cause)
    }
    const open = rooms.filter((room) => box.open.has(room))
    if (open.length === 0) return
    if (!isChoked(box)) flush(box)
    if (isChoked(box)) box.waiting.miss(open, from, to, cause)
    else tellGap(box, { rooms: open, from, to, cause })
  }

  return {
    attach(tab, send, seen) {
      const box = boxOf(tab)
      box.deliver = send
      box.unanswered = []
      box.flight = 0
      box.held.clear()
      box.seen = new Set(seen)
      for (const panel of box.panels.values()) {
        if (!panel.kept || box.seen.size === 0) continue
        const { events, gaps } = panel.kept
        const unseen = after(events, box.seen)
        delete panel.kept
        keepFor(panel, postsOf({ events: unseen, gaps }))
      }
    },
    detach(tab) {
      const box = boxes.get(tab)
      if (!box) return
      bringForward(box)
      delete box.lastOnly
      clearTimeout(box.window)
      delete box.window
      box.deliver = undefined
      // What its page did not answer, it may not have handled: that is for the next one to say.
      const posts = [...box.unanswered, ...postsOf(box.waiting)]
      box.unanswered = []
      box.flight = 0
      box.held.clear()
      box.waiting = backlog('queue')
      change(box, () => {
        for (const panel of box.panels.values()) if (!panel.kept) keepFor(panel, posts)
      })
    },
    remove(tab) {
      const box = boxes.get(tab)
      if (!box) return
      clearTimeout(box.window)
      change(box, () => box.panels.clear())
      boxes.delete(tab)
    },
    keep(tab, ref, rooms, missing) {
      const box = boxOf(tab)
      const key = keyOf(ref)
      if (box.panels.has(key)) return
      const kept = backlog('away')
      if (missing !== undefined) kept.miss(rooms, missing, Date.now(), 'worker')
      change(box, () => box.panels.set(key, { ref, rooms, kept }))
    },
    settle(tab) {
      const box = boxes.get(tab)
      if (!box) return
      box.seen = new Set()
      change(box, () => {
        for (const [key, panel] of box.panels) if (panel.kept) box.panels.delete(key)
      })
    },
    open(tab, ref, rooms, { call, since }, reports) {
      const box = boxOf(tab)
      const key = keyOf(ref)
      const kept = box.panels.get(key)?.kept
      change(box, () => box.panels.set(key, { ref, rooms }))
      const events = kept?.events ?? []
      const heard = new Set(events.map((event) => event.room))
      const replays =
        since !== undefined ? [] : rooms.flatMap((room) => (heard.has(room) ? [] : lasts.of(room)))
      count('replayed', replays.length)
      count('delivered', events.length)
      bringForward(box)
      flush(box)
      for (const gap of kept?.gaps ?? []) tellGap(box, gap)
      for (const room of new Set(replays.map((event) => event.room))) {
        const hole = lasts.hole(room)
        if (hole) tellGap(box, hole)
      }
      const past = replays.map((event) => ({ ...event, replayed: true })).sort((a, b) => a.at - b.at)
      const all = [...past, ...events].map(unsized)
      deliver(box, { type: 'opened', panel: ref, call, rooms: reports, events: all }, { events })
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
      box.flight -= sizeOf(box.unanswered.shift()?.events ?? [])
      if (isChoked(box)) return
      const news = [...box.held.values()]
      box.held.clear()
      if (news.length > 0 || box.waiting.gaps.length > 0) flush(box)
      for (const message of news) post(box, message)
      pump(box)
    },
    publish(event) {
      lasts.add(event)
      for (const box of interest.get(event.room) ?? []) give(box, event)
    },
    catchUp(events) {
      for (const event of events) lasts.add(event)
      for (const box of boxes.values()) {
        for (const event of after(events, box.seen)) if (interest.get(event.room)?.has(box)) give(box, event)
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
      lasts.miss({ rooms: [room], from, to: Date.now(), cause })
      for (const box of interest.get(room) ?? []) miss(box, [room], from, cause)
    },
    gapFor(tab, rooms, from, cause) {
      const box = boxes.get(tab)
      if (box) miss(box, rooms, from, cause)
    },
    forget: lasts.forget,
    forgetAll: lasts.forgetAll,
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
    isKept: (tab, ref) => boxes.get(tab)?.panels.get(keyOf(ref))?.kept !== undefined,
    unsettled: () =>
      [...boxes].flatMap(([tab, box]) => {
        const kept = [...box.panels.values()].flatMap((panel) => panel.kept ?? [])
        const queues = [
          box.unanswered.flatMap(({ events }) => events.slice(0, 1)),
          box.lastOnly ? [...box.lastOnly.values()] : [],
          ...[box.waiting, ...kept].map(({ events }) => events),
        ]
        const oldest = queues.flatMap((events) => events.slice(0, 1))
        const gaps = [
          ...box.unanswered.flatMap(({ gap }) => gap ?? []),
          ...[box.waiting, ...kept].flatMap((each) => each.gaps),
        ]
        if (oldest.length + gaps.length === 0) return []
        const since = Math.min(...oldest.map(({ at }) => at), ...gaps.map(({ from }) => from))
        return [{ tab, oldest: oldest.map(({ id }) => id), since, isBehind: gaps.length > 0 }]
      }),
  }
}

/** Of each room, what comes after the last event that was seen: earlier ones were not for that page. */
function after(events: readonly Parcel[], seen: ReadonlySet<EventId>): readonly Parcel[] {
  if (seen.size === 0) return events
  const had = new Set<string>()
  return [...events]
    .reverse()
    .filter(({ id, room }) => {
      if (seen.has(id)) had.add(room)
      return !had.has(room)
    })
    .reverse()
}

const sizeOf = (events: readonly Parcel[]) => events.reduce((sum, event) => sum + event.size, 0)

/** The wire does not carry sizes. */
const unsized = ({ size: _, ...event }: Parcel) => event

/** News of which only the latest counts; anything else cannot wait. */
function newsKind(message: ToTab): string | undefined {
  if (message.type === 'denied') return `denied ${message.room}`
  return message.type === 'status' || message.type === 'rooms' ? message.type : undefined
}

function merge(before: ToTab | undefined, message: ToTab): ToTab {
  if (before?.type !== 'rooms' || message.type !== 'rooms') return message
  return {
    type: 'rooms',
    rooms: [...new Map([...before.rooms, ...message.rooms].map((each) => [each[0], each])).values()],
  }
}
