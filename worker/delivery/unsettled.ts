import type { Gap } from '../../shared/status'
import type { EventId } from '../../shared/wire'
import type { RoomEvent } from './event'

/** What a tab still has to handle. A later worker must go on from there, and needs no earlier event. */
export interface Unsettled {
  /** The oldest event of each queue. */
  readonly oldest: readonly EventId[]
  /** When the oldest of them came, or the earliest time that a gap begins. */
  readonly since: number
  /** Whether a gap is still to be reported to the tab. */
  readonly isBehind: boolean
}

/** Sums up a tab's queues, each oldest first, and its gaps. Returns `undefined` where all are empty. */
export function unsettledOf(
  queues: readonly (readonly RoomEvent[])[],
  gaps: readonly Gap[],
): Unsettled | undefined {
  const oldest = queues.flatMap((events) => events.slice(0, 1))
  if (oldest.length + gaps.length === 0) return undefined
  return {
    oldest: oldest.map(({ id }) => id),
    since: Math.min(...oldest.map(({ at }) => at), ...gaps.map(({ from }) => from)),
    isBehind: gaps.length > 0,
  }
}
