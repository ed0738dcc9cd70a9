import type { Counter } from '../../shared/snapshot'
import type { Gap, GapCause } from '../../shared/status'
import { createGaps } from '../merged-gaps'
import type { RoomEvent } from './event'

/** Events stored for later: for a tab that is away or slow, or for a panel that its page has not subscribed to yet. */
export interface Backlog {
  readonly events: readonly RoomEvent[]
  /** The sum of their characters. */
  readonly size: number
  /** What is missing among them: at most one gap per cause. */
  readonly gaps: readonly Gap[]
  add(event: RoomEvent): void
  miss(gap: Gap): void
  /** Replaces the events without a position that came until `until` by a gap. */
  skip(until: number): void
}

export interface Limits {
  /** The most events. */
  readonly queue: number
  /** The most characters. */
  readonly characters: number
  /** The cause of the gap for events that do not fit. */
  readonly cause: GapCause
  readonly count: (what: Counter, by?: number) => void
}

/** A backlog with limits. When it is full, it keeps only the last value of each room, and has a gap for the others. */
export function createBacklog({ queue, characters, cause, count }: Limits): Backlog {
  let events: RoomEvent[] = []
  let size = 0
  const gaps = createGaps()

  const isOver = () => events.length > queue || size > characters

  function drop(isDropped: (event: RoomEvent) => boolean) {
    const dropped = events.filter(isDropped)
    events = events.filter((event) => !isDropped(event))
    for (const { room, at, size: length } of dropped) {
      size -= length
      gaps.add([room], at, at, cause)
    }
    count('dropped', dropped.length)
  }

  return {
    get events() {
      return events
    },
    get size() {
      return size
    },
    get gaps() {
      return gaps.all
    },
    add(event) {
      events.push(event)
      size += event.size
      if (!isOver()) return
      const newest = new Map(events.map((each) => [each.room, each]))
      drop((each) => newest.get(each.room) !== each)
      // Last values, too, where there are more rooms than the queue holds, or events are large.
      while (isOver()) {
        const [oldest] = events
        drop((each) => each === oldest)
      }
    },
    miss: ({ rooms, from, to, cause }) => gaps.add(rooms, from, to, cause),
    skip: (until) => drop(({ id, at }) => typeof id === 'number' && at <= until),
  }
}
