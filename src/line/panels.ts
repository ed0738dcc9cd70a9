import { keyOf, type PanelRef } from '../../shared/names'
import type { PanelStatus, RoomState } from '../../shared/status'
import type { Had, Switchboard } from '../../shared/switchboard'
import type { Brief, RoomReport, WireEvent } from '../../shared/wire'
import { callSafely } from '../emitter'
import type { WorkerClock } from '../tab/worker-clock'

/** How many panels a tab remembers. */
const MOST = 400

/** A panel as a page names it. */
export type Named = string | readonly string[]

/** An event with the panel as it was subscribed. */
export type Heard = Omit<WireEvent, 'id'> & { readonly panel: Named; readonly replayed: boolean }

interface Subscriber {
  readonly panel: Named
  readonly listener: (event: Heard) => void
  /** The subscribe call it waits for, `NONE` before one was sent, `OPEN` once it was carried out. */
  call: number
}

/** Nothing is heard before the worker has carried out the call that asks for it. */
const NONE = 0
const OPEN = -1

interface Watch {
  /** As it was first named. */
  readonly panel: Named
  readonly subscribers: Set<Subscriber>
  /** None before it was first open; from then on, what comes while no worker knows of it is missing. */
  rooms: Map<string, RoomReport>
  /** Whether the worker knows of it. */
  isTold?: boolean
  /** Set while a gap may still be told of: until then this page has everything, whatever else it hears. */
  stuckAt?: number | undefined
  lastAt?: number
}

/** Asks the worker, which need not be there. */
export type Ask = <Name extends 'subscribe' | 'unsubscribe'>(
  name: Name,
  ...args: Parameters<Switchboard[Name]>
) => void

export interface Panels {
  add(panel: Named, listener: (event: Heard) => void): () => void
  /** The tab's last page had got so far. */
  inherit(had: Had): void
  /** How far the tab has got: this page, or the last one with panels that this one has not opened. */
  had(): Had
  /** There is no worker: nothing is live any more, and nothing is open. What decides about gaps stays as it is. */
  lost(): void
  /** The worker is new, or has forgotten: everything is to be asked for again. */
  resume(incarnation: string): void
  /** The first so many of the events are last values, kept for latecomers. */
  opened(
    ref: PanelRef,
    call: number,
    rooms: readonly RoomReport[],
    events: readonly Brief[],
    replays: number,
  ): void
  rooms(reports: readonly RoomReport[]): void
  hear(events: readonly Brief[]): void
  wanting(room: string): readonly Named[]
  status(panel: Named): PanelStatus
}

const WORST: readonly RoomState[] = ['denied', 'stale', 'joining', 'live']

const refOf = (panel: Named): PanelRef => [panel].flat() as readonly string[] as PanelRef

/** Whether somebody listens whom the worker does not know of. */
const isFresh = ({ subscribers }: Watch) => [...subscribers].some(({ call }) => call === NONE)

const idOf = (panel: Named) => keyOf(refOf(panel))

/**
 * Which panels this page shows, who listens to them, and how each is doing: `changed` is called when that may be
 * different now.
 */
export function createPanels(ask: Ask, changed: () => void, clock: WorkerClock): Panels {
  const watches = new Map<string, Watch>()
  /** What the tab's last page had of panels that are still to be opened. */
  const left = new Map<string, Had[number]>()
  let calls = 0
  let isDue = false
  /** Events come in order: when this one came, the page had everything before it. By the worker's clock, as all times here. */
  let heardAt = Date.now()

  /** One tick's changes are told together: a component that is mounted anew costs nothing. */
  function mark() {
    if (!isDue) queueMicrotask(settle)
    isDue = true
  }

  /** Subscribes first: a room that moves from one panel to another is never without a panel. */
  function settle(isAgain = false) {
    isDue = false
    const fresh = [...watches.values()].filter(isFresh)
    for (const [index, watch] of fresh.entries()) tell(watch, isAgain, fresh.length - 1 - index)
    for (const [id, { panel, subscribers, isTold }] of watches) {
      if (subscribers.size > 0) continue
      watches.delete(id)
      if (isTold) ask('unsubscribe', refOf(panel))
      changed()
    }
  }

  function tell(watch: Watch, isAgain: boolean, more: number) {
    calls += 1
    for (const subscriber of watch.subscribers) if (subscriber.call === NONE) subscriber.call = calls
    watch.isTold = true
    ask('subscribe', refOf(watch.panel), calls, isAgain ? watch.stuckAt : undefined, more)
  }

  /** A gap is told of once a room is live. */
  function review(watch: Watch) {
    const isWhole = [...watch.rooms.values()].every(([, state]) => state === 'live' || state === 'denied')
    if (isWhole) watch.stuckAt = undefined
    else watch.stuckAt ??= heardAt
  }

  /** The hot path: whatever it allocates, it allocates for each event in each tab. */
  function deliver(watch: Watch, event: Brief, replayed: boolean, to: number) {
    const [, room, name, at, payload, part] = event
    const data = part === undefined ? payload : (payload as Record<string, unknown>)[part]
    heardAt = Math.max(heardAt, at)
    watch.lastAt = Math.max(watch.lastAt ?? 0, at)
    // A set may change under way: who subscribes now waits for a call, and who unsubscribed is passed over.
    for (const { panel, listener, call } of watch.subscribers) {
      if (call === to) callSafely(listener, { panel, room, name, data, at, replayed })
    }
  }

  return {
    add(panel, listener) {
      const id = idOf(panel)
      const watch = watches.get(id) ?? { panel, subscribers: new Set(), rooms: new Map() }
      const subscriber = { panel, listener, call: NONE }
      watches.set(id, watch)
      watch.subscribers.add(subscriber)
      mark()
      return () => {
        if (watch.subscribers.delete(subscriber)) mark()
      }
    },
    inherit(had) {
      for (const each of had) left.set(keyOf(each[0]), each)
    },
    had: () =>
      [...watches.values()]
        .filter(({ rooms, subscribers }) => rooms.size > 0 && subscribers.size > 0)
        .map(({ panel, stuckAt = heardAt }): Had[number] => [refOf(panel), stuckAt])
        .concat([...left.values()])
        .slice(0, MOST),
    lost() {
      let isNews = false
      for (const { rooms, subscribers } of watches.values()) {
        for (const [name, [, state]] of rooms) {
          if (state !== 'live') continue
          rooms.set(name, [name, 'stale', Date.now()])
          isNews = true
        }
        // What the next worker says of a panel does not count before it has opened it.
        for (const subscriber of subscribers) subscriber.call = NONE
      }
      if (isNews) changed()
    },
    resume(incarnation) {
      const excess = clock.follow(incarnation)
      heardAt -= excess
      for (const [id, [ref, since]] of left) left.set(id, [ref, since - excess])
      for (const watch of watches.values()) {
        watch.isTold = false
        if (watch.lastAt !== undefined && excess > 0) watch.lastAt = Math.min(watch.lastAt, Date.now())
        if (watch.stuckAt !== undefined) watch.stuckAt -= excess
        else if (watch.rooms.size > 0) watch.stuckAt = heardAt
        // What was kept for the panel comes before anything else of it.
        for (const subscriber of watch.subscribers) subscriber.call = NONE
      }
      settle(true)
    },
    opened(ref, call, rooms, events, replays) {
      const id = idOf(ref)
      const watch = watches.get(id)
      if (!watch) return
      if (watch.rooms.size === 0) watch.stuckAt = left.get(id)?.[1]
      left.delete(id)
      watch.rooms = new Map(rooms.map((report) => [report[0], report]))
      review(watch)
      for (const [index, event] of events.entries()) deliver(watch, event, index < replays, call)
      for (const subscriber of watch.subscribers) if (subscriber.call === call) subscriber.call = OPEN
      changed()
    },
    rooms(reports) {
      for (const watch of watches.values()) {
        for (const report of reports) if (watch.rooms.has(report[0])) watch.rooms.set(report[0], report)
        if ([...watch.subscribers].some(({ call }) => call === OPEN)) review(watch)
      }
      changed()
    },
    hear(events) {
      for (const event of events) {
        for (const watch of watches.values())
          if (watch.rooms.has(event[1])) deliver(watch, event, false, OPEN)
      }
      clock.observe(heardAt)
      changed()
    },
    wanting: (room) => [...watches.values()].filter(({ rooms }) => rooms.has(room)).map(({ panel }) => panel),
    status(panel) {
      const watch = watches.get(idOf(panel))
      const rooms = [...(watch?.rooms.values() ?? [])]
      const state = WORST.find((worst) => rooms.some(([, own]) => own === worst)) ?? 'joining'
      const since = Math.max(0, ...rooms.map(([, own, time]) => (own === state ? time : 0)))
      return {
        state,
        rooms: Object.fromEntries(rooms),
        since,
        ...(watch?.lastAt !== undefined && { lastAt: watch.lastAt }),
      }
    },
  }
}
