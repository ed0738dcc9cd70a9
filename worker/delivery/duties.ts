import { keyOf, type PanelRef } from '../../shared/names'
import type { Did, EventId, Mark } from '../../shared/wire'
import { createDuty, type Duty, type DutyParts } from './duty'
import type { RoomEvent } from './event'
import type { Queue } from './unsettled'

/** The most marks that are remembered. */
const MARKS = 1000

/** The panels that tabs have subscribed to with `tab: 'one'`: each of their events goes to one tab. */
export interface Duties {
  /** The tab has the panel, and its page may subscribe to it with `tab: 'one'`: from now on the panel's events wait. */
  expect(tab: string, ref: PanelRef, rooms: readonly string[]): void
  /** The tab's page has subscribed to the panel. */
  enter(tab: string, ref: PanelRef, rooms: readonly string[], isOne: boolean): void
  leave(tab: string, ref: PanelRef): void
  /** The tab's page is gone: what it has not handled is given to another. */
  depart(tab: string): void
  /** Events came. */
  add(events: readonly RoomEvent[]): void
  /** Tabs have handled these events, and all earlier ones of their panels. */
  handled(marks: readonly Mark[]): void
  /** Events do not come again from now on. */
  endRepeats(): void
  answer(tab: string, call: number, did: Did): void
  /** The tab's page is not frozen. */
  awake(tab: string): void
  /** The events of the tab's panels that no tab has handled, and what is missing. */
  unsettled(tab: string): readonly Queue[]
  dispose(): void
}

export function createDuties(
  parts: Omit<DutyParts, 'startedAt' | 'asleep' | 'nextCall' | 'mayRepeat'>,
): Duties {
  const duties = new Map<string, Duty>()
  /** What was handled, as long as events may come again. */
  const marks = new Set<string>()
  /** The events that came while they could come again. Their times by the worker before were others. */
  const repeats = new WeakSet<RoomEvent>()
  const asleep = new Set<string>()
  const startedAt = performance.now()
  let mayRepeat = true
  let calls = 0

  function dutyOf(ref: PanelRef, rooms: readonly string[]): Duty {
    const duty =
      duties.get(keyOf(ref)) ??
      createDuty(ref, {
        ...parts,
        startedAt,
        asleep,
        nextCall: () => ++calls,
        mayRepeat: (event) => repeats.has(event),
      })
    duties.set(keyOf(ref), duty)
    duty.rooms = rooms
    return duty
  }

  function leave(tab: string, ref: PanelRef) {
    const duty = duties.get(keyOf(ref))
    if (!duty?.leave(tab)) return
    duty.dispose()
    duties.delete(keyOf(ref))
  }

  return {
    expect: (tab, ref, rooms) => dutyOf(ref, rooms).enter(tab, false),
    enter(tab, ref, rooms, isOne) {
      if (isOne) dutyOf(ref, rooms).enter(tab, true)
      else leave(tab, ref)
    },
    leave,
    depart(tab) {
      asleep.delete(tab)
      for (const duty of duties.values()) duty.depart(tab)
    },
    add(events) {
      for (const [panel, duty] of duties) {
        const own = events.filter(({ room }) => duty.rooms.includes(room))
        if (own.length === 0) continue
        if (mayRepeat) for (const event of own) repeats.add(event)
        duty.add(own, marks.size > 0 ? ({ room, id }) => marks.has(markOf(panel, room, id)) : undefined)
      }
    },
    handled(all) {
      if (all.length === 0) return
      const told = new Set<string>()
      for (const [ref, room, id, at] of all) {
        const mark = markOf(keyOf(ref), room, id)
        told.add(mark).add(markOf(keyOf(ref), room, id, at))
        if (mayRepeat) marks.add(mark)
      }
      for (const mark of marks) if (marks.size > MARKS) marks.delete(mark)
      for (const [panel, duty] of duties)
        duty.skip((event) => {
          const { room, id, at } = event
          return told.has(markOf(panel, room, id, repeats.has(event) ? undefined : at))
        })
    },
    endRepeats() {
      mayRepeat = false
      marks.clear()
    },
    answer(tab, call, did) {
      for (const duty of duties.values()) duty.answer(tab, call, did)
    },
    awake(tab) {
      if (asleep.delete(tab)) for (const duty of duties.values()) duty.pump()
    },
    unsettled: (tab) => [...duties.values()].flatMap((duty) => duty.unsettled(tab)),
    dispose() {
      for (const duty of duties.values()) duty.dispose()
      duties.clear()
    },
  }
}

/** With `at`, a later event to which the server gives the same id has another mark. */
const markOf = (panel: string, room: string, id: EventId, at?: number) =>
  JSON.stringify([panel, room, id, at])
