import type { Counter } from '../../shared/snapshot'
import type { Gap } from '../../shared/status'
import { createGaps, type Gaps } from '../merged-gaps'
import { type RoomEvent, sizeOf } from './event'

export interface LastValuesParts {
  /** How many values to keep of each room. */
  readonly retain: number
  /** How many characters to keep of all rooms together. */
  readonly characters: number
  readonly count: (what: Counter, by?: number) => void
}

/** The last values of each room, for panels that are subscribed to later. */
export interface LastValues {
  add(event: RoomEvent): void
  of(room: string): readonly RoomEvent[]
  /** The last values of all rooms, except rooms with a gap after their last value. */
  all(): readonly RoomEvent[]
  /** Events may be missing after the last values of these rooms. */
  miss(gap: Gap): void
  /** The gaps after a room's last value. */
  gaps(room: string): readonly Gap[]
  forget(room: string): void
  forgetAll(): void
}

/** When there are too many characters, the rooms that have been quiet for longest lose their values. */
export function createLastValues({ retain, characters, count }: LastValuesParts): LastValues {
  /** Ordered by each room's last event, the latest at the end. */
  const values = new Map<string, readonly RoomEvent[]>()
  const gaps = new Map<string, Gaps>()
  let size = 0

  const of = (room: string) => values.get(room) ?? []

  function forget(room: string) {
    size -= sizeOf(of(room))
    values.delete(room)
    gaps.delete(room)
  }

  return {
    add(event) {
      if (retain === 0) return
      const latest = [...of(event.room), event].slice(-retain)
      forget(event.room)
      values.set(event.room, latest)
      size += sizeOf(latest)
      for (const [room, events] of values) {
        if (size <= characters) return
        count('evicted', events.length)
        forget(room)
      }
    },
    of,
    all: () => [...values].flatMap(([room, events]) => (gaps.has(room) ? [] : events)),
    miss({ rooms, from, to, cause }) {
      for (const room of rooms) {
        if (!values.has(room)) continue
        const own = gaps.get(room) ?? createGaps()
        gaps.set(room, own)
        own.add([room], from, to, cause)
      }
    },
    gaps: (room) => gaps.get(room)?.all ?? [],
    forget,
    forgetAll() {
      values.clear()
      gaps.clear()
      size = 0
    },
  }
}
