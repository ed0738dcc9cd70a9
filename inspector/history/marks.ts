import type { Snapshot } from '../../shared/snapshot'
import { describeEntry, describeGap, describeOutage, type MarkKind } from './descriptions'
import { type History, isPoll, type ReceivedGap } from './history'

/** Something that happened at one moment. */
export interface Mark {
  readonly kind: MarkKind
  readonly at: number
  readonly text: string
}

/** The worker and this tab record the same gap at most this many ms apart. */
const TOLERANCE = 2000

const mark = (at: number, [kind, text]: readonly [MarkKind, string]): Mark => ({ kind, at, text })

/** Whether the worker's timeline also has a gap that this tab received. */
const isInTimeline = ({ at, gap }: ReceivedGap, { timeline }: Snapshot) =>
  gap.rooms.every((room) =>
    timeline.some(
      (entry) =>
        entry.what === 'gap' &&
        entry.cause === gap.cause &&
        entry.rooms.includes(room) &&
        Math.abs(entry.at - at) < TOLERANCE,
    ),
  )

/** The marks of a snapshot and of the history, each once, the oldest first. */
export function marksOf(snapshot: Snapshot, { polls, gaps }: Pick<History, 'polls' | 'gaps'>): Mark[] {
  const { startedAt, link, timeline } = snapshot
  const known = new Set(timeline.filter(isPoll).map(({ at }) => at))
  const entries = [...timeline, ...polls.filter(({ at }) => !known.has(at))]
  return [
    ...(timeline.some(({ what }) => what === 'took-over')
      ? []
      : [mark(startedAt, ['start', 'Worker started'])]),
    ...link.outages.map((outage) => mark(outage.at, describeOutage(outage))),
    ...gaps
      .filter((received) => !isInTimeline(received, snapshot))
      .map(({ at, gap }) => mark(at, ['gap', describeGap(gap)])),
    ...entries.flatMap((entry) =>
      entry.what === 'state-changed' ? [] : [mark(entry.at, describeEntry(entry))],
    ),
  ].sort((a, b) => a.at - b.at)
}
