import type { Counter } from '../../shared/snapshot'
import type { Gap } from '../../shared/status'
import { createGaps, type Gaps } from '../gaps'
import { type RoomEvent, sizeOf } from './event'

export interface LastValuesParts {
  /** How many are kept of each room. */
  readonly retain: number
  /** How many characters are kept of all rooms. */
  readonly characters: number
  readonly count: (what: Counter, by?: number) => void
}

/** The last values of each room, for tabs that come late. */
export interface LastValues {
  add(event: RoomEvent): void
  of(room: string): readonly RoomEvent[]
  /** Something may be missing after the last values of these rooms. */
  miss(gap: Gap): void
  /** What may be missing after a room's last value. */
  holes(room: string): readonly Gap[]
  forget(room: string): void
  forgetAll(): void
}

/** When there are too many characters, the rooms that were quiet for longest lose theirs. */
export function createLastValues({ retain, characters, count }: LastValuesParts): LastValues {
  /** The room that spoke last stands last. */
  const lasts = new Map<string, readonly RoomEvent[]>()
  const holes = new Map<string, Gaps>()
  let size = 0

  function forget(room: string) {
    size -= sizeOf(lasts.get(room) ?? [])
    lasts.delete(room)
    holes.delete(room)
  }

  return {
    add(event) {
      if (retain === 0) return
      const kept = [...(lasts.get(event.room) ?? []), event].slice(-retain)
      forget(event.room)
      lasts.set(event.room, kept)
      size += sizeOf(kept)
      for (const [room, events] of lasts) {
        if (size <= characters) return
        count('evicted', events.length)
        forget(room)
      }
    },
    of: (room) => lasts.get(room) ?? [],
    miss({ rooms, from, to, cause }) {
      for (const room of rooms) {
        if (!lasts.has(room)) continue
        const gaps = holes.get(room) ?? createGaps()
        holes.set(room, gaps)
        gaps.add([room], from, to, cause)
      }
    },
    holes: (room) => holes.get(room)?.all ?? [],
    forget,
    forgetAll() {
      lasts.clear()
      holes.clear()
      size = 0
    },
  }
}
