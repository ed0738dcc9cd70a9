import type { EventId } from '../../shared/wire'
import type { Backlog } from './backlog'

/** Events that wait, the oldest first, and what is missing among them. */
export type Queue = Pick<Backlog, 'events' | 'gaps'>

/** What a tab still has to handle. A later worker must go on from there, and needs no earlier event. */
export interface Unsettled {
  /** The oldest event of each queue. */
  readonly oldest: readonly EventId[]
  /** When the oldest of them came, or the earliest time that a gap begins. */
  readonly since: number
  /** Whether a gap is still to be reported to the tab. */
  readonly isBehind: boolean
}

/** Sums up a tab's queues. Returns `undefined` where all are empty. */
export function unsettledOf(queues: readonly Queue[]): Unsettled | undefined {
  const oldest = queues.flatMap(({ events }) => events.slice(0, 1))
  const gaps = queues.flatMap((queue) => queue.gaps)
  if (oldest.length + gaps.length === 0) return undefined
  return {
    oldest: oldest.map(({ id }) => id),
    since: Math.min(...oldest.map(({ at }) => at), ...gaps.map(({ from }) => from)),
    isBehind: gaps.length > 0,
  }
}
