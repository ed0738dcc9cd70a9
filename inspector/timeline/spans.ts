import type { Snapshot } from '../../shared/snapshot'
import type { State } from '../../shared/status'
import { isPoll, type Poll } from './history'

/**
 * - `polling`: offline, and the version endpoint has been heard of since
 * - `idle`: hung up, because no tab was left
 */
export type Phase = Exclude<State, 'closed'> | 'polling' | 'idle'

/** The link was in one phase for a time. */
export interface Span {
  readonly phase: Phase
  readonly from: number
  readonly to: number
  /** What the worker said of it. */
  readonly why?: string
  /** When attempts failed. */
  readonly retries: readonly number[]
}

interface Turn {
  readonly at: number
  readonly phase: Phase
  readonly why?: string
}

/** What an entry tells of the link's state. */
const turnsIn = (timeline: Snapshot['timeline']): Turn[] =>
  timeline.flatMap((entry) => {
    if (entry.what !== 'state-changed') return []
    const { at, state, reason } = entry
    return [{ at, phase: state, ...(reason !== undefined && { why: reason }) }]
  })

/** What the timeline has no room for any more, as far as the outages tell. */
function earlier({ link, status, counters, startedAt }: Snapshot, first: number): Turn[] {
  const turns: Turn[] = link.outages
    .filter(({ at }) => at < first)
    .flatMap(({ at, reason, hungUp, for: length }): Turn[] => [
      hungUp ? { at, phase: hungUp } : { at, phase: 'offline', why: reason },
      ...(length !== undefined && at + length < first ? [{ at: at + length, phase: 'online' as const }] : []),
    ])
  // Something was lost, so something was up; since when is known while no outage was left out.
  if (turns.length > 0 && counters.drops === link.outages.length)
    turns.unshift({ at: startedAt, phase: 'online' })
  if (turns.length === 0 && status.since < first && status.state !== 'closed')
    turns.push({ at: status.since, phase: status.state })
  return turns
}

/** The link's phases, one after the other, up to now. */
export function spansOf(snapshot: Snapshot, polls: readonly Poll[], now: number): Span[] {
  const { timeline } = snapshot
  const turns = turnsIn(timeline)
  const all = [...earlier(snapshot, turns[0]?.at ?? now), ...turns]
  const runs = all.filter(({ phase }, index) => phase !== all[index - 1]?.phase)
  const failed = timeline.filter(({ what }) => what === 'attempt-failed').map(({ at }) => at)
  const polled = [...timeline.filter(isPoll), ...polls].map(({ at }) => at)
  return runs.flatMap((run, index) => {
    const { at: from, phase } = run
    const to = runs[index + 1]?.at ?? now
    const during = (times: readonly number[]) => times.filter((at) => at > from && at <= to)
    const span: Span = { ...run, from, to, retries: during(failed) }
    const heardAt = phase === 'offline' ? Math.min(...during(polled)) : Number.POSITIVE_INFINITY
    if (heardAt >= to) return [span]
    return [
      { ...span, to: heardAt, retries: span.retries.filter((at) => at < heardAt) },
      { ...span, phase: 'polling', from: heardAt, retries: span.retries.filter((at) => at >= heardAt) },
    ]
  })
}
