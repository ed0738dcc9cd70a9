import type { GapCause } from '../../shared/status'
import type { RoomReport } from '../../shared/wire'
import { now } from '../clock'
import { createGaps } from '../merged-gaps'
import { type Room, reportOf, setState } from './room'

/** How long joined rooms with a gap wait for the remaining join answers, so that all of them are one gap, in ms. */
const TOGETHER = 100

export interface PendingGapsParts {
  /** Whether the server may soon answer about other rooms. */
  readonly areJoinsOpen: () => boolean
  /** Events may be missing from these rooms. Called before `changed` reports the rooms as live. */
  readonly gap: (rooms: readonly string[], from: number, cause: GapCause) => void
  readonly changed: (rooms: readonly RoomReport[]) => void
}

/** Joined rooms with a gap to report. They become live together, so that one gap per cause covers all of them. */
export interface PendingGaps {
  readonly rooms: Map<string, Room>
  /** Drops all rooms without a report. */
  clear(): void
  /** Reports once all joins are answered, or after a moment. */
  reportSoon(): void
  /** Reports at once where one of these rooms is among them. */
  reportWith(names: readonly string[]): void
}

export function createPendingGaps({ areJoinsOpen, gap, changed }: PendingGapsParts): PendingGaps {
  const waiting = new Map<string, Room>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function clear() {
    clearTimeout(timer)
    timer = undefined
    waiting.clear()
  }

  function report() {
    const to = now()
    const gaps = createGaps()
    const reports: RoomReport[] = []
    for (const [name, room] of waiting) {
      setState(room, 'live')
      if (room.missed) gaps.add([name], room.missed.from, to, room.missed.cause)
      delete room.missed
      reports.push(reportOf(name, room))
    }
    clear()
    for (const { rooms, from, cause } of gaps.all) gap(rooms, from, cause)
    if (reports.length > 0) changed(reports)
  }

  return {
    rooms: waiting,
    clear,
    reportSoon() {
      if (!areJoinsOpen()) report()
      else if (waiting.size > 0) timer ??= setTimeout(report, TOGETHER)
    },
    reportWith(names) {
      if (names.some((name) => waiting.has(name))) report()
    },
  }
}
