import { keyOf } from '../../shared/names'
import type { Counter } from '../../shared/snapshot'
import type { Gap } from '../../shared/status'
import type { ToTab } from '../../shared/wire'
import { createGaps, type Gaps } from '../merged-gaps'
import type { Warn } from '../warnings'
import type { Backlog } from './backlog'
import { type Batcher, isPostable, type RoomEvent } from './event'
import type { Post } from './post'
import { createUnanswered, type Unanswered } from './unanswered'

/** Posts a message to a page. */
export interface PostToTab {
  (message: ToTab): void
  /** Whether the page reads batches of events as text. */
  readonly readsText?: boolean
}

/** A message with an event for one tab alone, without the event. */
export type One = Omit<Extract<ToTab, { readonly type: 'one' }>, 'type' | 'events'>

type Opened = Extract<ToTab, { readonly type: 'opened' }>

/** A panel that a page subscribed to: the state and the last values of its rooms, and its backlog. */
export interface PanelOpening {
  readonly head: Pick<Opened, 'panel' | 'call' | 'rooms'>
  readonly replays: readonly RoomEvent[]
  readonly backlog: Pick<Backlog, 'events' | 'gaps'>
}

export interface ChannelParts {
  readonly count: (what: Counter, by?: number) => void
  readonly warn: Warn
  readonly batch: Batcher['of']
}

/** Sends messages to one page of a tab, and remembers those that the page has not answered. */
export interface Channel extends Pick<Unanswered, 'posts' | 'answer' | 'isFull'> {
  /** Sends a message without events. One that cannot be posted is dropped. */
  sendMessage(message: ToTab): void
  sendGap(gap: Gap): void
  /** Sends events. With `head`, they open a panel and come after the last values of its rooms. */
  sendEvents(events: readonly RoomEvent[], head?: PanelOpening['head'], replays?: readonly RoomEvent[]): void
  /** Sends an event that this tab alone gets. */
  sendOne(head: One, event: RoomEvent): void
}

/** Counts an event that cannot be posted, warns of it, and adds it to the gaps. */
export function reportUnposted(
  { name, room, at }: RoomEvent,
  gaps: Pick<Gaps, 'add'>,
  { count, warn }: Pick<ChannelParts, 'count' | 'warn'>,
): void {
  count('malformed')
  gaps.add([room], at, at, 'queue')
  warn(
    `unposted ${name}`,
    `structuredClone cannot copy the data of event "${name}", so no tab gets it. Correct "event" of the dialect, or the schema of the room, in the worker file.`,
  )
}

export function createChannel(post: PostToTab, { count, warn, batch }: ChannelParts): Channel {
  const unanswered = createUnanswered()

  /** Returns whether the message could be posted. A failure does not disturb other tabs. */
  function send(message: ToTab, contents: Post = { events: [] }): boolean {
    // First, because the page may answer within the call.
    unanswered.add(contents)
    try {
      post(message)
      return true
    } catch {
      unanswered.undo()
      return false
    }
  }

  function sendGap(gap: Gap) {
    count('gaps')
    send({ type: 'gap', gap }, { events: [], gap })
  }

  function sendEvents(
    events: readonly RoomEvent[],
    head?: PanelOpening['head'],
    replays: readonly RoomEvent[] = [],
  ) {
    const all = head ? [...replays, ...events] : events
    const content = batch(all, post.readsText === true)
    const message: ToTab = head
      ? { type: 'opened', ...head, replays: replays.length, events: content }
      : { type: 'events', events: content }
    if (send(message, { events, ...(head && { opens: keyOf(head.panel) }) })) {
      count('delivered', events.length)
      count('replayed', replays.length)
      return
    }
    const faulty = all.filter((event) => !isPostable(event))
    const lost = faulty.length > 0 ? faulty : all
    if (lost.length === 0) return
    const gaps = createGaps()
    for (const event of lost) reportUnposted(event, gaps, { count, warn })
    gaps.all.forEach(sendGap)
    const isPosted = (event: RoomEvent) => !lost.includes(event)
    const others = events.filter(isPosted)
    if (head || others.length > 0) sendEvents(others, head, replays.filter(isPosted))
  }

  return {
    ...unanswered,
    sendMessage: send,
    sendGap,
    sendEvents,
    sendOne(head, event) {
      if (send({ type: 'one', ...head, events: batch([event], post.readsText === true) })) count('delivered')
    },
  }
}
