import { callSafely } from './emitter'
import {
  type Had,
  keyOf,
  type PanelRef,
  type PanelStatus,
  type RoomReport,
  type RoomState,
  type WireEvent,
} from './protocol'

/** How many panels a tab remembers. */
const MOST = 400

/** A panel as a page names it. */
export type Named = string | readonly string[]

/** An event with the panel as it was subscribed. */
export type Heard = Omit<WireEvent, 'id'> & { readonly panel: Named; readonly replayed: boolean }

interface Subscriber {
  readonly panel: Named
  readonly listener: (event: Heard) => void
  /** The subscribe call it waits for; 0 before one was sent. */
  call: number
  /** Whether the worker has carried that call out: nothing is heard earlier. */
  open: boolean
}

interface Watch {
  readonly ref: PanelRef
  readonly subscribers: Set<Subscriber>
  rooms: Map<string, RoomReport>
  /** Whether the worker has opened it, or `false` if only an earlier one has: then what came in between is missing. */
  isOpen?: boolean
  /** Set while a gap may still be told of: until then this page has everything, whatever else it hears. */
  stuckAt?: number | undefined
  lastAt?: number
}

export interface PanelsParts {
  readonly subscribe: (ref: PanelRef, call: number, since?: number) => void
  readonly unsubscribe: (ref: PanelRef) => void
  /** What `status` says of some panel may be different now. */
  readonly changed: () => void
}

export interface Panels {
  add(panel: Named, listener: (event: Heard) => void): () => void
  /** The tab's last page had got so far. */
  inherit(had: Had): void
  /** How far the tab has got: this page, or the last one with panels that this one has not opened. */
  had(): Had
  /** The worker is new, or has forgotten: everything is to be asked for again. */
  resume(): void
  /** The first so many of the events are last values, kept for latecomers. */
  opened(
    ref: PanelRef,
    call: number,
    rooms: readonly RoomReport[],
    events: readonly WireEvent[],
    replays: number,
  ): void
  rooms(reports: readonly RoomReport[]): void
  hear(events: readonly WireEvent[]): void
  wanting(room: string): readonly Named[]
  status(panel: Named): PanelStatus
}

const WORST: readonly RoomState[] = ['denied', 'stale', 'joining', 'live']

export const refOf = (panel: Named): PanelRef => [panel].flat() as readonly string[] as PanelRef

/** Which panels this page shows, who listens to them, and how each is doing. */
export function createPanels(parts: PanelsParts): Panels {
  const watches = new Map<string, Watch>()
  /** Panels whose subscribers changed in this tick, and whether the worker knows of them. */
  const dirty = new Set<string>()
  const told = new Map<string, PanelRef>()
  /** What the tab's last page had of panels that are still to be opened. */
  const left = new Map<string, Had[number]>()
  let calls = 0
  /** Events come in order: when this one came, the page had everything before it. */
  let heardAt = Date.now()

  /** One tick's changes are told together: a component that is mounted anew costs nothing. */
  function mark(key: string) {
    if (dirty.size === 0) queueMicrotask(settle)
    dirty.add(key)
  }

  function settle() {
    // Subscribes first: a room that moves from one panel to another is never without a panel.
    const isWanted = (key: string) => (watches.get(key)?.subscribers.size ?? 0) > 0
    const keys = [...dirty].sort((a, b) => Number(isWanted(b)) - Number(isWanted(a)))
    dirty.clear()
    for (const key of keys) {
      const watch = watches.get(key)
      if (watch && isWanted(key)) {
        tell(key, watch)
        continue
      }
      watches.delete(key)
      const ref = told.get(key)
      told.delete(key)
      if (ref) parts.unsubscribe(ref)
      parts.changed()
    }
  }

  function tell(key: string, { ref, subscribers }: Watch, since?: number) {
    const fresh = [...subscribers].filter((subscriber) => subscriber.call === 0)
    if (fresh.length === 0 && since === undefined) return
    calls += 1
    for (const subscriber of fresh) subscriber.call = calls
    told.set(key, ref)
    parts.subscribe(ref, calls, since)
  }

  /** A gap is told of once a room is live. */
  function review(watch: Watch) {
    const isWhole = [...watch.rooms.values()].every(([, state]) => state === 'live' || state === 'denied')
    if (isWhole) watch.stuckAt = undefined
    else watch.stuckAt ??= heardAt
  }

  /** The hot path: whatever it allocates, it allocates for each event in each tab. */
  function deliver(watch: Watch, event: WireEvent, replayed: boolean, call?: number) {
    const { room, name, data, at } = event
    heardAt = Math.max(heardAt, at)
    watch.lastAt = Math.max(watch.lastAt ?? 0, at)
    // A set may change under way: who subscribes now is not open yet, and who unsubscribed is passed over.
    for (const subscriber of watch.subscribers) {
      const { panel, listener, open } = subscriber
      if (call === undefined ? open : subscriber.call === call) {
        callSafely(listener, { panel, room, name, data, at, replayed })
      }
    }
  }

  return {
    add(panel, listener) {
      const ref = refOf(panel)
      const key = keyOf(ref)
      const watch = watches.get(key) ?? { ref, subscribers: new Set(), rooms: new Map() }
      const subscriber: Subscriber = { panel, listener, call: 0, open: false }
      watches.set(key, watch)
      watch.subscribers.add(subscriber)
      mark(key)
      return () => {
        if (watch.subscribers.delete(subscriber) && watch.subscribers.size === 0) mark(key)
      }
    },
    inherit(had) {
      for (const each of had) left.set(keyOf(each[0]), each)
    },
    had: () =>
      [...watches.values()]
        .filter(({ isOpen, subscribers }) => isOpen !== undefined && subscribers.size > 0)
        .map(({ ref, stuckAt = heardAt }): Had[number] => [ref, stuckAt])
        .concat([...left.values()])
        .slice(0, MOST),
    resume() {
      told.clear()
      dirty.clear()
      for (const [key, watch] of watches) {
        if (watch.subscribers.size === 0) {
          watches.delete(key)
          continue
        }
        // What was kept for the panel comes before anything else of it.
        for (const subscriber of watch.subscribers) {
          subscriber.call = 0
          subscriber.open = false
        }
        if (watch.isOpen !== undefined) {
          watch.isOpen = false
          watch.stuckAt ??= heardAt
        }
        tell(key, watch, watch.stuckAt)
      }
    },
    opened(ref, call, rooms, events, replays) {
      const key = keyOf(ref)
      const watch = watches.get(key)
      if (!watch) return
      watch.rooms = new Map(rooms.map((report) => [report[0], report]))
      if (watch.isOpen === undefined) watch.stuckAt = left.get(key)?.[1]
      watch.isOpen = true
      left.delete(key)
      review(watch)
      for (const subscriber of watch.subscribers) if (subscriber.call === call) subscriber.open = true
      for (const [index, event] of events.entries()) deliver(watch, event, index < replays, call)
      parts.changed()
    },
    rooms(reports) {
      for (const watch of watches.values()) {
        for (const report of reports) if (watch.rooms.has(report[0])) watch.rooms.set(report[0], report)
        if (watch.isOpen) review(watch)
      }
      parts.changed()
    },
    hear(events) {
      for (const event of events) {
        for (const watch of watches.values()) if (watch.rooms.has(event.room)) deliver(watch, event, false)
      }
      parts.changed()
    },
    wanting: (room) =>
      [...watches.values()].flatMap(({ rooms, subscribers }) => {
        const [first] = subscribers
        return rooms.has(room) && first ? [first.panel] : []
      }),
    status(panel) {
      const watch = watches.get(keyOf(refOf(panel)))
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
