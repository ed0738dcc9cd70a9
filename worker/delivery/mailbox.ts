import type { Gap, GapCause } from '../../shared/status'
import type { EventId, ToTab } from '../../shared/wire'
import type { Backlog } from './backlog'
import {
  type Channel,
  type ChannelParts,
  createChannel,
  type One,
  type PanelOpening,
  type PostToTab,
} from './channel'
import type { RoomEvent } from './event'
import { postsOf } from './post'
import { createStateMessages } from './state-messages'
import { createTabPanels, type TabPanels } from './tab-panels'
import { type Queue, type Unsettled, unsettledOf } from './unsettled'

/** A batch of this many characters does not wait for more events. Neither does one that fills the queue. */
const BULK_SIZE = 400_000

export interface MailboxParts extends ChannelParts {
  /** The most events that may wait for the tab. */
  readonly queue: number
  /** Whether events may come that a page has had from the worker before this one. */
  readonly mayRepeat: () => boolean
  /** Makes a backlog that reports this cause for events that do not fit. */
  readonly newBacklog: (cause: GapCause) => Backlog
  /**
   * Opens the window in which events after a batch wait for others; there may be none, depending on how many posts are
   * unanswered. Returns what closes it.
   */
  readonly openWindow: (unanswered: number, onEnd: () => void) => (() => void) | undefined
}

/** What waits for one tab, and when it is posted. */
export interface Mailbox {
  readonly panels: TabPanels
  /** A page of the tab is here. It has had the events with these ids. */
  attach(post: PostToTab, seen: readonly EventId[]): void
  /** The page left: what it has not answered is kept for the next one. */
  detach(): void
  /** Returns the events that the page has not had. */
  unseen(events: readonly RoomEvent[]): readonly RoomEvent[]
  give(event: RoomEvent): void
  /** Posts what waits, then the gaps of these panels, then each panel with its events. */
  open(openings: readonly PanelOpening[]): void
  /** Posts a message after what waits. A message about a state may wait itself, until the page answers. */
  post(message: ToTab): void
  /** Posts an event that this tab alone gets, after what waits. */
  postOne(head: One, event: RoomEvent): void
  miss(gap: Gap): void
  /** `true`: holds events back. `false`: posts the last one per room and name of those, and then all events again. */
  background(lastOnly: boolean): void
  /** The page has handled this many posts. */
  took(posts: number): void
  /** How many events wait. */
  waiting(): number
  /** How many posts are unanswered. */
  unanswered(): number
  /** What the tab still has to handle, in these queues too; `undefined` where there is nothing. */
  unsettled(others: readonly Queue[]): Unsettled | undefined
  dispose(): void
}

export function createMailbox({ queue, mayRepeat, newBacklog, openWindow, ...parts }: MailboxParts): Mailbox {
  const { count } = parts
  const panels = createTabPanels(newBacklog)
  /** Set while a page of the tab is here. */
  let channel: Channel | undefined
  let waiting = newBacklog('queue')
  let states = createStateMessages()
  /** The events held back while the tab is in the background and wants only the last one per room and name. */
  let lastOnly: Map<string, RoomEvent> | undefined
  /** The events that the page had before this worker knew it. */
  let seen: ReadonlySet<EventId> = new Set()
  /** Closes the window after the last batch, while it is open. */
  let closeWindow: (() => void) | undefined

  /** Sends what waits, whether or not the page has answered. */
  function flush() {
    if (!channel) return
    const posts = postsOf(waiting)
    if (posts.length === 0) return
    waiting = newBacklog('queue')
    for (const { events, gap } of posts) {
      if (gap) channel.sendGap(gap)
      else channel.sendEvents(events)
    }
  }

  const isBulk = () => waiting.size >= BULK_SIZE || waiting.events.length >= queue

  /** Sends the first event after a quiet time at once, and the others of a window together, or once they are many. */
  function pump() {
    if (!channel || channel.isFull() || waiting.events.length === 0 || (closeWindow && !isBulk())) return
    endWindow()
    flush()
    closeWindow = openWindow(channel.posts.length, () => {
      closeWindow = undefined
      pump()
    })
  }

  function endWindow() {
    closeWindow?.()
    closeWindow = undefined
  }

  function conflate(latest: Map<string, RoomEvent>, event: RoomEvent) {
    const key = JSON.stringify([event.room, event.name])
    if (latest.delete(key)) count('conflated')
    latest.set(key, event)
    const [oldest] = latest
    if (latest.size <= queue || !oldest) return
    const [name, { room, at }] = oldest
    latest.delete(name)
    count('dropped')
    waiting.miss({ rooms: [room], from: at, to: at, cause: 'queue' })
  }

  /** Moves the events held back for a tab in the background behind those that wait. */
  function releaseLatest() {
    lastOnly?.forEach(waiting.add)
    lastOnly?.clear()
  }

  function post(message: ToTab) {
    if (!channel || (channel.isFull() && states.hold(message))) return
    flush()
    channel.sendMessage(message)
  }

  const unseen = (events: readonly RoomEvent[]) => (seen.size === 0 ? events : afterSeen(events, seen))

  return {
    panels,
    attach(next, ids) {
      channel = createChannel(next, parts)
      states = createStateMessages()
      seen = new Set(ids)
      panels.skipSeen(unseen)
    },
    detach() {
      releaseLatest()
      lastOnly = undefined
      endWindow()
      panels.close([...(channel?.posts ?? []), ...postsOf(waiting)])
      channel = undefined
      waiting = newBacklog('queue')
    },
    unseen,
    give(event) {
      if (mayRepeat() && seen.has(event.id)) return
      panels.add(event)
      if (!panels.isHeard(event.room)) return
      if (lastOnly) return conflate(lastOnly, event)
      waiting.add(event)
      pump()
    },
    open(openings) {
      // Merged with those that wait, so that each cause is reported once.
      for (const { backlog } of openings) backlog.gaps.forEach(waiting.miss)
      releaseLatest()
      flush()
      for (const { head, replays, backlog } of openings) channel?.sendEvents(backlog.events, head, replays)
    },
    post,
    postOne(head, event) {
      flush()
      channel?.sendOne(head, event)
    },
    miss(gap) {
      panels.miss(gap)
      const rooms = gap.rooms.filter(panels.isOpen)
      if (!channel || rooms.length === 0) return
      if (!channel.isFull()) flush()
      const send = channel.isFull() ? waiting.miss : channel.sendGap
      send({ ...gap, rooms })
    },
    background(isLastOnly) {
      if (isLastOnly) {
        lastOnly ??= new Map()
        return
      }
      releaseLatest()
      lastOnly = undefined
      pump()
    },
    took(posts) {
      if (!channel) return
      channel.answer(posts)
      if (channel.isFull()) return
      const messages = states.take()
      if (messages.length > 0 || waiting.gaps.length > 0) flush()
      messages.forEach(post)
      pump()
    },
    waiting: () => [waiting, ...panels.backlogs()].reduce((sum, { events }) => sum + events.length, 0),
    unanswered: () => channel?.posts.length ?? 0,
    unsettled(others) {
      const posts = channel?.posts ?? []
      return unsettledOf([
        { events: posts.flatMap(({ events }) => events), gaps: posts.flatMap(({ gap }) => gap ?? []) },
        { events: [...(lastOnly?.values() ?? [])], gaps: [] },
        waiting,
        ...panels.backlogs(),
        ...others,
      ])
    },
    dispose: endWindow,
  }
}

/** The events of each room that come after its last seen one. Those before it were not meant for the page. */
function afterSeen(events: readonly RoomEvent[], seen: ReadonlySet<EventId>): readonly RoomEvent[] {
  const done = new Set<string>()
  return [...events]
    .reverse()
    .filter(({ id, room }) => {
      if (seen.has(id)) done.add(room)
      return !done.has(room)
    })
    .reverse()
}
