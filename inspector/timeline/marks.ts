import type { Snapshot } from '../../shared/snapshot'
import { isPoll, type ToldGap, type Witness } from './history'
import { type Kind, tell, tellGap, tellOutage } from './sentences'

/** Something that happened at one moment. */
export interface Mark {
  readonly kind: Kind
  readonly at: number
  readonly text: string
}

/** Two records of one gap are at most so far apart, in ms. */
const SAME = 2000

const mark = (at: number, [kind, text]: readonly [Kind, string]): Mark => ({ kind, at, text })

/** Whether the worker's timeline has a gap that this tab was told of. */
const isNoted = ({ at, gap }: ToldGap, { timeline }: Snapshot) =>
  gap.rooms.every((room) =>
    timeline.some(
      (entry) =>
        entry.what === 'gap' &&
        entry.cause === gap.cause &&
        entry.rooms.includes(room) &&
        Math.abs(entry.at - at) < SAME,
    ),
  )

/** What is to be marked, earliest first: what the snapshot has, and what was witnessed beside it. */
export function marksOf(snapshot: Snapshot, { polls, gaps }: Pick<Witness, 'polls' | 'gaps'>): Mark[] {
  const { startedAt, link, timeline } = snapshot
  const noted = new Set(timeline.filter(isPoll).map(({ at }) => at))
  const entries = [...timeline, ...polls.filter(({ at }) => !noted.has(at))]
  return [
    mark(startedAt, ['start', 'Worker started']),
    ...link.outages.map((outage) => mark(outage.at, tellOutage(outage))),
    ...gaps.filter((told) => !isNoted(told, snapshot)).map(({ at, gap }) => mark(at, ['gap', tellGap(gap)])),
    ...entries.flatMap((entry) => (entry.what === 'state-changed' ? [] : [mark(entry.at, tell(entry))])),
  ].sort((a, b) => a.at - b.at)
}
