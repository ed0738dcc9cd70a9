import { keyOf, type PanelRef } from '../../shared/names'
import type { PanelStatus, RoomState } from '../../shared/status'
import type { Had, Switchboard } from '../../shared/switchboard'
import type { Brief, Listens, RoomReport } from '../../shared/wire'
import { callSafely } from '../emitter'
import type { WorkerClock } from '../tab/worker-clock'
import { type PanelName, refOf } from './panel-name'
import type { UntypedEvent } from './untyped-line'

/** The progress of how many panels a tab saves. */
const MAX_PANELS = 400

interface Subscriber {
  readonly panel: PanelName
  readonly listener: (event: UntypedEvent) => void
  /** Whether it shares the panel's events with other tabs: one of them gets each. */
  readonly isOne: boolean
  /** The number of the subscribe call it waits for; `UNSENT` before the call is sent, `OPEN` or `ONE` once the worker has opened the panel. */
  call: number
}

const UNSENT = 0
const OPEN = -1
/** For a subscriber that `isOne`. */
const ONE = -2

/** A panel that this page shows, with all its subscribers. */
interface Subscription {
  /** As the first subscriber named it. */
  readonly panel: PanelName
  readonly subscribers: Set<Subscriber>
  /** Empty until the worker has opened the panel once. After that, events that come while no worker has the panel are missing. */
  rooms: Map<string, RoomReport>
  /** Who listens, as the current worker was told with the last subscribe call. */
  sentAs?: Listens | undefined
  /** Set while a gap may still be reported: the page has all events up to this time, though it may receive later ones. */
  gapFrom?: number | undefined
  lastAt?: number
}

/** Calls the worker. Does nothing if there is none. */
export type CallWorker = <Name extends 'subscribe' | 'unsubscribe'>(
  name: Name,
  ...args: Parameters<Switchboard[Name]>
) => void

export interface Panels {
  /** Returns an unsubscriber, which may be called twice. */
  add(panel: PanelName, listener: (event: UntypedEvent) => void, isOne?: boolean): () => void
  /** Takes over the progress of the tab's previous page. */
  claim(progress: Had): void
  /** The progress of this page, and that of the previous page for panels that this one has not opened yet. */
  progress(): Had
  /** The worker ended: `live` rooms become `stale`, and no panel is open. The progress does not change. */
  down(): void
  /** A worker that does not know this page has answered hello: subscribes to all panels again. */
  up(incarnation: string): void
  /** The worker has opened a panel. The first `replays` of the events are last values. */
  opened(
    ref: PanelRef,
    call: number,
    rooms: readonly RoomReport[],
    events: readonly Brief[],
    replays: number,
  ): void
  rooms(reports: readonly RoomReport[]): void
  events(events: readonly Brief[]): void
  /** This tab alone has got an event of the panel. Returns whether there was a subscriber for it. */
  one(ref: PanelRef, event: Brief): boolean
  /** The panels that have this room. */
  withRoom(room: string): readonly PanelName[]
  status(panel: PanelName): PanelStatus
}

const WORST_FIRST: readonly RoomState[] = ['denied', 'stale', 'joining', 'live']

const idOf = (panel: PanelName) => keyOf(refOf(panel))

function listensOf({ subscribers }: Subscription): Listens {
  const ones = [...subscribers].filter(({ isOne }) => isOne).length
  if (ones === 0) return 'all'
  return ones === subscribers.size ? 'one' : 'both'
}

/** Whether the worker is to be told of new subscribers, or of others than before. */
const hasUnsent = (subscription: Subscription) => {
  const { subscribers, sentAs } = subscription
  if (subscribers.size === 0) return false
  return sentAs !== listensOf(subscription) || [...subscribers].some(({ call }) => call === UNSENT)
}

/**
 * The panels that this page shows: their subscribers, their states and their progress.
 *
 * @param onChange Called when the status of a panel may have changed.
 */
export function createPanels(callWorker: CallWorker, onChange: () => void, clock: WorkerClock): Panels {
  const subscriptions = new Map<string, Subscription>()
  /** The progress of the previous page for panels that this page has not opened yet. */
  const claimed = new Map<string, Had[number]>()
  let calls = 0
  let isScheduled = false
  /** The time of the last event, by the worker's clock as all times here. Events come in order: the page has all earlier ones. */
  let lastEventAt = Date.now()

  /** Sends the changes of one tick together, so that a component that is remounted causes no calls. */
  function schedule() {
    if (!isScheduled) queueMicrotask(sendChanges)
    isScheduled = true
  }

  /** Subscribes before it unsubscribes: a room that moves from one panel to another is not left in between. */
  function sendChanges(isAgain = false) {
    isScheduled = false
    const unsent = [...subscriptions.values()].filter(hasUnsent)
    for (const [index, subscription] of unsent.entries()) {
      sendSubscribe(subscription, isAgain, unsent.length - 1 - index)
    }
    for (const [id, { panel, subscribers, sentAs }] of subscriptions) {
      if (subscribers.size > 0) continue
      subscriptions.delete(id)
      if (sentAs) callWorker('unsubscribe', refOf(panel))
      onChange()
    }
  }

  function sendSubscribe(subscription: Subscription, isAgain: boolean, more: number) {
    calls += 1
    let isNew = false
    for (const subscriber of subscription.subscribers) {
      if (subscriber.call !== UNSENT) continue
      subscriber.call = calls
      isNew = true
    }
    const listens = listensOf(subscription)
    subscription.sentAs = listens
    // Without a new subscriber, nobody needs the last values.
    const since = isAgain || !isNew ? (subscription.gapFrom ?? (isNew ? undefined : lastEventAt)) : undefined
    const { panel, rooms } = subscription
    const had = isAgain && rooms.size > 0 ? [...rooms.keys()] : undefined
    callWorker('subscribe', refOf(panel), calls, since, more, had, listens)
  }

  /** The worker reports the gap of a room before it reports the room as live. */
  function updateProgress(subscription: Subscription) {
    const isComplete = [...subscription.rooms.values()].every(
      ([, state]) => state === 'live' || state === 'denied',
    )
    if (isComplete) subscription.gapFrom = undefined
    else subscription.gapFrom ??= lastEventAt
  }

  /** The hot path: what it allocates, it allocates for each event in each tab. */
  function deliver(subscription: Subscription, event: Brief, replayed: boolean, to: number) {
    const [, room, name, at, payload, part] = event
    const data = part === undefined ? payload : (payload as Record<string, unknown>)[part]
    lastEventAt = Math.max(lastEventAt, at)
    subscription.lastAt = Math.max(subscription.lastAt ?? 0, at)
    // A listener may change the set: a new subscriber waits for its own call, and a removed one is skipped.
    for (const { panel, listener, call } of subscription.subscribers) {
      if (call === to) callSafely(listener, { panel, room, name, data, at, replayed })
    }
  }

  return {
    add(panel, listener, isOne = false) {
      const id = idOf(panel)
      const subscription = subscriptions.get(id) ?? { panel, subscribers: new Set(), rooms: new Map() }
      const subscriber = { panel, listener, isOne, call: UNSENT }
      subscriptions.set(id, subscription)
      subscription.subscribers.add(subscriber)
      schedule()
      return () => {
        if (subscription.subscribers.delete(subscriber)) schedule()
      }
    },
    claim(progress) {
      for (const each of progress) claimed.set(keyOf(each[0]), each)
    },
    progress: () =>
      [...subscriptions.values()]
        .filter(({ rooms, subscribers }) => rooms.size > 0 && subscribers.size > 0)
        .map(({ panel, gapFrom = lastEventAt }): Had[number] => [refOf(panel), gapFrom])
        .concat([...claimed.values()])
        .slice(0, MAX_PANELS),
    down() {
      let hasChanged = false
      for (const { rooms, subscribers } of subscriptions.values()) {
        for (const [name, [, state]] of rooms) {
          if (state !== 'live') continue
          rooms.set(name, [name, 'stale', Date.now()])
          hasChanged = true
        }
        // The next worker's events of a panel are ignored until it has opened the panel.
        for (const subscriber of subscribers) subscriber.call = UNSENT
      }
      if (hasChanged) onChange()
    },
    up(incarnation) {
      const excess = clock.follow(incarnation)
      lastEventAt -= excess
      for (const [id, [ref, since]] of claimed) claimed.set(id, [ref, since - excess])
      for (const subscription of subscriptions.values()) {
        subscription.sentAs = undefined
        if (subscription.lastAt !== undefined && excess > 0) {
          subscription.lastAt = Math.min(subscription.lastAt, Date.now())
        }
        if (subscription.gapFrom !== undefined) subscription.gapFrom -= excess
        else if (subscription.rooms.size > 0) subscription.gapFrom = lastEventAt
        // Events that the worker kept for the panel come first, so newer ones are ignored until it has opened the panel.
        for (const subscriber of subscription.subscribers) subscriber.call = UNSENT
      }
      sendChanges(true)
    },
    opened(ref, call, rooms, events, replays) {
      const id = idOf(ref)
      const subscription = subscriptions.get(id)
      if (!subscription) return
      if (subscription.rooms.size === 0) subscription.gapFrom = claimed.get(id)?.[1]
      claimed.delete(id)
      subscription.rooms = new Map(rooms.map((report) => [report[0], report]))
      updateProgress(subscription)
      const opened = [...subscription.subscribers].filter((subscriber) => subscriber.call === call)
      for (const subscriber of opened) if (subscriber.isOne) subscriber.call = ONE
      for (const [index, event] of events.entries()) deliver(subscription, event, index < replays, call)
      for (const subscriber of opened) if (!subscriber.isOne) subscriber.call = OPEN
      onChange()
    },
    rooms(reports) {
      for (const subscription of subscriptions.values()) {
        for (const report of reports)
          if (subscription.rooms.has(report[0])) subscription.rooms.set(report[0], report)
        if ([...subscription.subscribers].some(({ call }) => call < UNSENT)) updateProgress(subscription)
      }
      onChange()
    },
    events(events) {
      for (const event of events) {
        for (const subscription of subscriptions.values())
          if (subscription.rooms.has(event[1])) deliver(subscription, event, false, OPEN)
      }
      clock.observe(lastEventAt)
      onChange()
    },
    one(ref, event) {
      const subscription = subscriptions.get(idOf(ref))
      const isTaken = [...(subscription?.subscribers ?? [])].some(({ call }) => call === ONE)
      if (subscription && isTaken) {
        deliver(subscription, event, false, ONE)
        clock.observe(lastEventAt)
        onChange()
      }
      return isTaken
    },
    withRoom: (room) =>
      [...subscriptions.values()].filter(({ rooms }) => rooms.has(room)).map(({ panel }) => panel),
    status(panel) {
      const subscription = subscriptions.get(idOf(panel))
      const rooms = [...(subscription?.rooms.values() ?? [])]
      const state = WORST_FIRST.find((worst) => rooms.some(([, own]) => own === worst)) ?? 'joining'
      const since = Math.max(0, ...rooms.map(([, own, time]) => (own === state ? time : 0)))
      return {
        state,
        rooms: Object.fromEntries(rooms),
        since,
        ...(subscription?.lastAt !== undefined && { lastAt: subscription.lastAt }),
      }
    },
  }
}
