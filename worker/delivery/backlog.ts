import type { Counter } from '../../shared/snapshot'
import type { Gap, GapCause } from '../../shared/status'
import { createGaps } from '../gaps'
import type { RoomEvent } from './event'

/** Events kept for later: for a tab that is away or slow, or for a panel that is not subscribed to again yet. */
export interface Backlog {
  readonly events: readonly RoomEvent[]
  /** Their characters. */
  readonly size: number
  /** What is missing among them: at most one gap per cause. */
  readonly gaps: readonly Gap[]
  add(event: RoomEvent): void
  miss(rooms: Iterable<string>, from: number, to: number, cause: GapCause): void
}

export interface Limits {
  /** The most events, and the most characters. */
  readonly queue: number
  readonly characters: number
  /** Why events go that do not fit. */
  readonly cause: GapCause
  readonly count: (what: Counter, by?: number) => void
}

/** A backlog with a limit. When it is full, all but the last value of each room goes, and is owned up to as a gap. */
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
      // With more rooms than the queue holds, or larger events, even last values have to go.
      while (isOver()) {
        const [oldest] = events
        drop((each) => each === oldest)
      }
    },
    miss: gaps.add,
  }
}
