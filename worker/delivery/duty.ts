import type { PanelRef } from '../../shared/names'
import type { Gap } from '../../shared/status'
import type { Did } from '../../shared/wire'
import { createGaps } from '../merged-gaps'
import { type ChannelParts, type One, reportUnposted } from './channel'
import { isPostable, type RoomEvent } from './event'
import type { Queue } from './unsettled'

/** How long a page may take to begin with an event, in ms. It declines an event that it gets later. */
const PATIENCE = 2000
/** How much longer the worker waits before it gives the event to another tab, in ms. */
const MARGIN = 500
/** How long a new worker waits for the pages of the last one, in ms: after that, they decline what the last one gave them. */
export const RETURN_WAIT = PATIENCE + MARGIN
/** A timer that runs this much too late, in ms, shows that the worker was blocked or the machine slept: answers may wait. */
const LATE = 100
/** How long an event that a page has declined waits, in ms, so that page and worker do not keep each other busy. */
const REST = 50

/** Which tabs are here, and in which order they are chosen. */
export interface TabOrder {
  /** Of these tabs, the visible one that was in front last; without a visible one, the one that was in front last. */
  first(tabs: Iterable<string>): string | undefined
  isVisible(tab: string): boolean
  /** Whether the tab was here when the worker before this one ended, and has not come back. */
  isMissing(tab: string): boolean
}

export interface DutyParts extends Pick<ChannelParts, 'count' | 'warn'> {
  readonly order: TabOrder
  /** The most events that may wait. */
  readonly queue: number
  /** The most characters of events that may wait. */
  readonly characters: number
  /** When the worker started, by `performance.now()`. */
  readonly startedAt: number
  /** The tabs in the background that have let an event lie: they may be frozen. */
  readonly asleep: Set<string>
  readonly nextCall: () => number
  /** Whether a tab may have handled this event in a worker before, which gave it another time. */
  readonly mayRepeat: (event: RoomEvent) => boolean
  readonly give: (tab: string, head: One, event: RoomEvent) => void
  /** Reports a gap to a tab. */
  readonly miss: (tab: string, gap: Gap) => void
}

/**
 * Gives each event of a panel to one of the tabs that have subscribed to it with `tab: 'one'`, one event after another.
 *
 * - The next event is given when the last one was handled. So a tab that has handled an event proves that all earlier ones were.
 * - A tab that goes, declines its event, or lets it lie in the background loses it to the tab that is first then.
 * - A page declines an event that it gets after `until`. So from a moment after that on, the event may be given to another tab,
 *   unless the page has said that it has begun.
 */
export interface Duty {
  rooms: readonly string[]
  /** For a tab that has the panel: the events that no tab has handled, and what is missing before them. */
  unsettled(tab: string): readonly Queue[]
  /** The tab has the panel. `isListening`: its page takes events now. */
  enter(tab: string, isListening: boolean): void
  /** The tab's page is gone. */
  depart(tab: string): void
  /** The tab does not want the panel any more. Its page still answers for the event that it has. Returns whether no tab is left. */
  leave(tab: string): boolean
  /** Adds events. If one of them was handled already, all before it were. */
  add(events: readonly RoomEvent[], isHandled?: (event: RoomEvent) => boolean): void
  /** Removes what waits up to the last event that was handled. */
  skip(isHandled: (event: RoomEvent) => boolean): void
  answer(tab: string, call: number, did: Did): void
  /** Gives the next event, if none is given and there is a tab for it. */
  pump(): void
  dispose(): void
}

export function createDuty(panel: PanelRef, parts: DutyParts): Duty {
  const { order, asleep } = parts
  /** The tabs that have the panel, and whether their pages take events now. */
  const tabs = new Map<string, boolean>()
  /** The first of them is the one that is given. */
  const waiting: RoomEvent[] = []
  let size = 0
  let gaps = createGaps()
  let given: { readonly tab: string; readonly call: number; readonly until: number } | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  /** When the timer should run, by the wall clock. */
  let due = 0

  const first = () => order.first([...tabs.keys()].filter((tab) => tabs.get(tab) && !asleep.has(tab)))

  function wait(ms: number) {
    clearTimeout(timer)
    due = Date.now() + ms
    timer = setTimeout(() => (given ? expire(given) : pump()), ms)
  }

  function takeBack() {
    clearTimeout(timer)
    given = undefined
  }

  function remove(start: number, count: number): readonly RoomEvent[] {
    const removed = waiting.splice(start, count)
    for (const event of removed) size -= event.size
    return removed
  }

  /** The page has not begun in time. A visible one is waited for while it is the first: it is busy, and not frozen. */
  function expire({ tab, until }: NonNullable<typeof given>) {
    // The wall clock may have been set back.
    const left = until + MARGIN - Date.now()
    if (left > 0) return wait(left)
    if (Date.now() - due > LATE) return wait(MARGIN)
    if (!order.isVisible(tab)) asleep.add(tab)
    if (first() === tab) return wait(PATIENCE)
    takeBack()
    pump()
  }

  /** While a tab of the worker before this one has not come back, it may be handling an event that has come again. */
  const leftToWait = () =>
    [...tabs.keys()].some(order.isMissing) ? parts.startedAt + RETURN_WAIT - performance.now() : 0

  function pump() {
    if (given || (waiting.length === 0 && gaps.all.length === 0)) return
    const tab = first()
    if (tab === undefined) return
    const left = leftToWait()
    if (left > 0) return wait(left)
    while (waiting[0] && !isPostable(waiting[0]))
      for (const each of remove(0, 1)) reportUnposted(each, gaps, parts)
    const missing = gaps.all
    gaps = createGaps()
    for (const gap of missing) for (const each of tabs.keys()) parts.miss(each, gap)
    const [event] = waiting
    if (!event) return
    const until = Date.now() + PATIENCE
    const call = parts.nextCall()
    given = { tab, call, until }
    wait(PATIENCE + MARGIN)
    parts.give(tab, { panel, call, until, mayRepeat: parts.mayRepeat(event) }, event)
  }

  /** The first events that wait were handled. */
  function removeFirst(count: number) {
    if (count === 0) return
    remove(0, count)
    takeBack()
  }

  return {
    rooms: [],
    unsettled: (tab) => (tabs.has(tab) ? [{ events: waiting, gaps: gaps.all }] : []),
    enter(tab, isListening) {
      tabs.set(tab, isListening)
      pump()
    },
    depart(tab) {
      if (tabs.has(tab)) tabs.set(tab, false)
      if (given?.tab === tab) takeBack()
      pump()
    },
    leave(tab) {
      tabs.delete(tab)
      return tabs.size === 0
    },
    add(events, isHandled = () => false) {
      const handled = countHandled(events, isHandled)
      if (handled > 0) removeFirst(waiting.length)
      for (const event of events.slice(handled)) {
        waiting.push(event)
        size += event.size
      }
      pump()
      const start = given ? 1 : 0
      while (waiting.length > start && (waiting.length > parts.queue || size > parts.characters)) {
        // For tabs that are away, their backlogs count it.
        if ([...tabs.values()].includes(true)) parts.count('dropped')
        for (const { room, at } of remove(start, 1)) gaps.add([room], at, at, 'queue')
      }
    },
    skip(isHandled) {
      removeFirst(countHandled(waiting, isHandled))
      pump()
    },
    answer(tab, call, did) {
      if (given?.tab !== tab || given.call !== call) return
      clearTimeout(timer)
      if (did === 'begun') return
      given = undefined
      if (did === 'declined') return wait(REST)
      remove(0, 1)
      pump()
    },
    pump,
    dispose: () => clearTimeout(timer),
  }
}

const countHandled = (events: readonly RoomEvent[], isHandled: (event: RoomEvent) => boolean) =>
  events.map(isHandled).lastIndexOf(true) + 1
