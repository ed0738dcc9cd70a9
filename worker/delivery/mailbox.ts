import { keyOf, type PanelRef } from '../../shared/names'
import type { Counter } from '../../shared/snapshot'
import type { Gap, GapCause } from '../../shared/status'
import type { EventId, ToTab } from '../../shared/wire'
import { now } from '../clock'
import { createGaps } from '../gaps'
import type { Warn } from '../warnings'
import { type Backlog, createBacklog } from './backlog'
import { type Batcher, isPostable, type RoomEvent, sizeOf } from './event'

/** Posts a tab may have unanswered before it is left alone: more than a page answers together. */
const CREDITS = 32
/** Characters a tab may have unanswered before it is left alone. */
const CREDIT_SIZE = 1_000_000
/** A batch of so many characters does not wait for others; neither does one that fills the queue. */
const BULK_SIZE = 400_000
/** Characters that may wait for a tab. */
const QUEUE_SIZE = 8_000_000

/** Where a tab's messages go. */
export interface Delivery {
  (message: ToTab): void
  /** Whether it reads batches as text. */
  readonly readsText?: boolean
}

export interface Panel {
  readonly ref: PanelRef
  readonly rooms: readonly string[]
  /** Set until the page subscribes to the panel. */
  kept?: Backlog
  /** The last page went without it: what that page has seen of its rooms, it has seen in other panels. */
  isUnopened?: boolean
}

type Opened = Extract<ToTab, { readonly type: 'opened' }>

/** A panel that a page subscribed to: how its rooms are doing, their last values, and what was kept for it. */
export interface Opening {
  readonly head: Pick<Opened, 'panel' | 'call' | 'rooms'>
  readonly replays: readonly RoomEvent[]
  readonly kept: Pick<Backlog, 'events' | 'gaps'>
}

/** What is posted of a backlog. Until the page answers, it may never have got it. */
interface Post {
  readonly events: readonly RoomEvent[]
  readonly gap?: Gap
}

export interface MailboxParts {
  readonly queue: number
  readonly count: (what: Counter, by?: number) => void
  readonly warn: Warn
  readonly batch: Batcher['of']
  /** Opens the window in which events after a batch wait for others, where so many posts are unanswered. Returns what closes it. */
  readonly openWindow: (unanswered: number, ended: () => void) => (() => void) | undefined
}

/** One tab's post: what it wants, what waits for it, and what it has not answered. */
export interface Mailbox {
  readonly panels: ReadonlyMap<string, Panel>
  /** Sets, replaces or (without one) removes a panel. */
  setPanel(ref: PanelRef, panel: Panel | undefined): void
  wants(room: string): boolean
  /** Whether a panel of the room is subscribed to. */
  isOpen(room: string): boolean
  /** The tab is here. Its page had the events of those ids already. */
  attach(deliver: Delivery, seen: readonly EventId[]): void
  /** The tab went: what it did not take is kept for its return. */
  detach(): void
  /** Of some events, those its page has not had. */
  unseen(events: readonly RoomEvent[]): readonly RoomEvent[]
  give(event: RoomEvent): void
  /** Posts what waits, then that panels are open: what is missing of all of them, and what there is for each. */
  open(openings: readonly Opening[]): void
  /** Posts news: at once, or the latest of its kind once the tab answers again. */
  post(message: ToTab): void
  /** Events of these rooms may be missing until now. */
  miss(rooms: readonly string[], from: number, cause: GapCause): void
  background(lastOnly: boolean): void
  took(count: number): void
  kept(): Backlog
  /** How many events wait. */
  waiting(): number
  /** How many posts are unanswered. */
  unanswered(): number
  /** What it still has to take; `undefined` where there is nothing. */
  unsettled(): Unsettled | undefined
  dispose(): void
}

/** What a tab still has to take: nothing before it is needed any more. */
export interface Unsettled {
  /** The oldest event of each queue. */
  readonly oldest: readonly EventId[]
  /** When the oldest of them came, or since when something is missing. */
  readonly since: number
  /** Whether something is missing already. */
  readonly isBehind: boolean
}

export function createMailbox({ queue, count, warn, batch, openWindow }: MailboxParts): Mailbox {
  const panels = new Map<string, Panel>()
  let wanted: ReadonlySet<string> = new Set()
  let open: ReadonlySet<string> = new Set()
  let deliver: Delivery | undefined
  let waiting = backlog('queue')
  /** Set while the tab is in the background and wants only the last value per room and name, when it is shown. */
  let lastOnly: Map<string, RoomEvent> | undefined
  let unanswered: Post[] = []
  /** The characters among them. */
  let flight = 0
  /** News for a tab that does not answer: the latest of each kind. */
  const held = new Map<string, ToTab>()
  /** Events its page had before this worker knew it. */
  let seen: ReadonlySet<EventId> = new Set()
  /** Closes the window after the last batch, while it is open. */
  let closeWindow: (() => void) | undefined

  function backlog(cause: GapCause): Backlog {
    return createBacklog({ queue, characters: QUEUE_SIZE, cause, count })
  }

  function survey() {
    const all = [...panels.values()]
    wanted = new Set(all.flatMap(({ rooms }) => rooms))
    open = new Set(all.flatMap(({ rooms, kept }) => (kept ? [] : rooms)))
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

  const isChoked = () => unanswered.length >= CREDITS || flight >= CREDIT_SIZE

  /** Returns whether it could be posted. One tab's failure is none of another's. */
  function push(message: ToTab, post: Post = { events: [] }): boolean {
    if (!deliver) return false
    const size = sizeOf(post.events)
    unanswered.push(post)
    flight += size
    try {
      deliver(message)
      return true
    } catch {
      unanswered.pop()
      flight -= size
      return false
    }
  }

  /** Posts events, after last values where they open a panel. Those that cannot be posted are a gap. */
  function pushEvents(
    events: readonly RoomEvent[],
    head?: Opening['head'],
    replays: readonly RoomEvent[] = [],
  ) {
    if (!deliver) return
    const all = head ? [...replays, ...events] : events
    const content = batch(all, deliver.readsText === true)
    const message: ToTab = head
      ? { type: 'opened', ...head, replays: replays.length, events: content }
      : { type: 'events', events: content }
    if (push(message, { events })) {
      count('delivered', events.length)
      count('replayed', replays.length)
      return
    }
    const faulty = all.filter((event) => !isPostable(event))
    const lost = faulty.length > 0 ? faulty : all
    if (lost.length === 0) return
    count('malformed', lost.length)
    for (const { name } of lost) {
      warn(
        `unposted ${name}`,
        `The data of event "${name}" cannot be posted to a tab, so nobody gets it. Data must be what structuredClone ` +
          'can copy: correct "event" of the dialect in the worker file.',
      )
    }
    const gap = createGaps()
    for (const { room, at } of lost) gap.add([room], at, at, 'queue')
    gap.all.forEach(tellGap)
    const isLeft = (event: RoomEvent) => !lost.includes(event)
    const left = events.filter(isLeft)
    if (head || left.length > 0) pushEvents(left, head, replays.filter(isLeft))
  }

  function tellGap(gap: Gap) {
    count('gaps')
    push({ type: 'gap', gap }, { events: [], gap })
  }

  /** What was held back for a tab in the background takes its place among what waits. */
  function bringForward() {
    for (const event of lastOnly?.values() ?? []) waiting.add(event)
    lastOnly?.clear()
  }

  function flush() {
    const posts = deliver ? postsOf(waiting) : []
    if (!deliver || posts.length === 0) return
    waiting = backlog('queue')
    for (const { events, gap } of posts) {
      if (gap) tellGap(gap)
      if (events.length > 0) pushEvents(events)
    }
  }

  const isBulk = () => waiting.size >= BULK_SIZE || waiting.events.length >= queue

  /** The first event after quiet goes at once, the rest of a window together, or in bulk. */
  function pump() {
    if (isChoked() || waiting.events.length === 0 || (closeWindow && !isBulk())) return
    shut()
    flush()
    closeWindow = openWindow(unanswered.length, () => {
      closeWindow = undefined
      pump()
    })
  }

  function shut() {
    closeWindow?.()
    closeWindow = undefined
  }

  function conflate(events: Map<string, RoomEvent>, event: RoomEvent) {
    const key = JSON.stringify([event.room, event.name])
    if (events.delete(key)) count('conflated')
    events.set(key, event)
    const [oldest] = events
    if (events.size <= queue || !oldest) return
    events.delete(oldest[0])
    count('dropped')
    waiting.miss([oldest[1].room], oldest[1].at, oldest[1].at, 'queue')
  }

  function post(message: ToTab) {
    if (!deliver) return
    const kind = newsKind(message)
    if (kind !== undefined && isChoked()) {
      held.set(kind, merge(held.get(kind), message))
      return
    }
    // What came before is told before.
    flush()
    push(message)
  }

  function unseen(events: readonly RoomEvent[]) {
    return seen.size === 0 ? events : after(events, seen)
  }

  return {
    panels,
    setPanel(ref, panel) {
      if (panel) panels.set(keyOf(ref), panel)
      else panels.delete(keyOf(ref))
      survey()
    },
    wants: (room) => wanted.has(room),
    isOpen: (room) => open.has(room),
    attach(next, ids) {
      deliver = next
      unanswered = []
      flight = 0
      held.clear()
      seen = new Set(ids)
      for (const panel of panels.values()) {
        if (!panel.kept || panel.isUnopened) continue
        const { events, gaps } = panel.kept
        delete panel.kept
        keepFor(panel, postsOf({ events: unseen(events), gaps }))
      }
      survey()
    },
    detach() {
      bringForward()
      lastOnly = undefined
      shut()
      deliver = undefined
      // What its page did not answer, it may not have handled: that is for the next one to say.
      const posts = [...unanswered, ...postsOf(waiting)]
      unanswered = []
      flight = 0
      held.clear()
      waiting = backlog('queue')
      for (const panel of panels.values()) {
        if (panel.kept) panel.isUnopened = true
        else keepFor(panel, posts)
      }
      survey()
    },
    unseen,
    give(event) {
      for (const { kept, rooms } of panels.values()) if (kept && rooms.includes(event.room)) kept.add(event)
      if (!open.has(event.room)) return
      if (lastOnly) return conflate(lastOnly, event)
      waiting.add(event)
      pump()
    },
    open(openings) {
      // What is missing for one cause is told once.
      for (const { rooms, from, to, cause } of openings.flatMap(({ kept }) => kept.gaps))
        waiting.miss(rooms, from, to, cause)
      bringForward()
      flush()
      for (const { head, replays, kept } of openings) pushEvents(kept.events, head, replays)
    },
    post,
    miss(rooms, from, cause) {
      const to = now()
      for (const { kept, rooms: own } of panels.values()) {
        const mine = rooms.filter((room) => own.includes(room))
        if (mine.length > 0) kept?.miss(mine, from, to, cause)
      }
      const told = rooms.filter((room) => open.has(room))
      if (told.length === 0) return
      if (!isChoked()) flush()
      if (isChoked()) waiting.miss(told, from, to, cause)
      else tellGap({ rooms: told, from, to, cause })
    },
    background(only) {
      if (only) {
        lastOnly ??= new Map()
        return
      }
      bringForward()
      lastOnly = undefined
      pump()
    },
    took(count) {
      for (const { events } of unanswered.splice(0, count)) flight -= sizeOf(events)
      if (isChoked()) return
      const news = [...held.values()]
      held.clear()
      if (news.length > 0 || waiting.gaps.length > 0) flush()
      for (const message of news) post(message)
      pump()
    },
    kept: () => backlog('away'),
    waiting: () =>
      [...panels.values()].reduce((sum, { kept }) => sum + (kept?.events.length ?? 0), waiting.events.length),
    unanswered: () => unanswered.length,
    unsettled() {
      const backlogs = [waiting, ...[...panels.values()].flatMap(({ kept }) => kept ?? [])]
      const queues = [
        unanswered.flatMap(({ events }) => events.slice(0, 1)),
        [...(lastOnly?.values() ?? [])],
        ...backlogs.map(({ events }) => events),
      ]
      const oldest = queues.flatMap((events) => events.slice(0, 1))
      const gaps = [...unanswered.flatMap(({ gap }) => gap ?? []), ...backlogs.flatMap((each) => each.gaps)]
      if (oldest.length + gaps.length === 0) return undefined
      const since = Math.min(...oldest.map(({ at }) => at), ...gaps.map(({ from }) => from))
      return { oldest: oldest.map(({ id }) => id), since, isBehind: gaps.length > 0 }
    },
    dispose: shut,
  }
}

/** A backlog as it is posted: what is missing is told first. */
const postsOf = ({ events, gaps }: Pick<Backlog, 'events' | 'gaps'>): Post[] => [
  ...gaps.map((gap) => ({ events: [], gap })),
  ...(events.length > 0 ? [{ events }] : []),
]

/** Of each room, what comes after the last event that was seen: earlier ones were not for that page. */
function after(events: readonly RoomEvent[], seen: ReadonlySet<EventId>): readonly RoomEvent[] {
  const had = new Set<string>()
  return [...events]
    .reverse()
    .filter(({ id, room }) => {
      if (seen.has(id)) had.add(room)
      return !had.has(room)
    })
    .reverse()
}

/** News of which only the latest counts; anything else cannot wait. */
function newsKind(message: ToTab): string | undefined {
  if (message.type === 'denied') return `denied ${message.room}`
  return message.type === 'status' || message.type === 'rooms' ? message.type : undefined
}

function merge(before: ToTab | undefined, message: ToTab): ToTab {
  if (before?.type !== 'rooms' || message.type !== 'rooms') return message
  const latest = new Map([...before.rooms, ...message.rooms].map((report) => [report[0], report]))
  return { type: 'rooms', rooms: [...latest.values()] }
}
