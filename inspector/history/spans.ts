import type { Snapshot } from '../../shared/snapshot'
import type { State } from '../../shared/status'
import { isPoll, type Poll } from './history'

/**
 * A state of the connection, and two more:
 * - `polling`: offline, and the version endpoint has been polled since
 * - `idle`: disconnected because no tab was left
 */
export type Phase = Exclude<State, 'closed'> | 'polling' | 'idle'

/** A time during which the connection was in one phase. */
export interface Span {
  readonly phase: Phase
  readonly from: number
  readonly to: number
  /** The worker's reason for the phase. */
  readonly reason?: string
  /** The times of failed attempts. */
  readonly retries: readonly number[]
}

type PhaseChange = Pick<Span, 'phase' | 'reason'> & { readonly at: number }

const changesIn = (timeline: Snapshot['timeline']): PhaseChange[] =>
  timeline.flatMap((entry) => {
    if (entry.what !== 'state-changed') return []
    const { at, state, reason } = entry
    return [{ at, phase: state, ...(reason !== undefined && { reason }) }]
  })

/** Changes before the timeline's first one, from the outages: the timeline holds a limited number of entries. */
function changesBefore(first: number, { link, status, counters, startedAt }: Snapshot): PhaseChange[] {
  const changes: PhaseChange[] = link.outages
    .filter(({ at }) => at < first)
    .flatMap(({ at, reason, hungUp, for: length }): PhaseChange[] => [
      hungUp ? { at, phase: hungUp } : { at, phase: 'offline', reason },
      ...(length !== undefined && at + length < first ? [{ at: at + length, phase: 'online' as const }] : []),
    ])
  // If the list has every outage, the connection was up from the start to the first of them.
  if (changes.length > 0 && counters.drops === link.outages.length)
    changes.unshift({ at: startedAt, phase: 'online' })
  if (changes.length === 0 && status.since < first && status.state !== 'closed')
    changes.push({ at: status.since, phase: status.state })
  return changes
}

/** The phases of the connection in order, without a break, up to now. */
export function spansOf(snapshot: Snapshot, polls: readonly Poll[], now: number): Span[] {
  const { timeline } = snapshot
  const recent = changesIn(timeline)
  const changes = [...changesBefore(recent[0]?.at ?? now, snapshot), ...recent].filter(
    ({ phase }, index, all) => phase !== all[index - 1]?.phase,
  )
  const failed = timeline.filter(({ what }) => what === 'attempt-failed').map(({ at }) => at)
  const polled = [...timeline.filter(isPoll), ...polls].map(({ at }) => at)
  return changes.flatMap((change, index) => {
    const { at: from, phase } = change
    const to = changes[index + 1]?.at ?? now
    const during = (times: readonly number[]) => times.filter((at) => at > from && at <= to)
    const span: Span = { ...change, from, to, retries: during(failed) }
    const firstPoll = phase === 'offline' ? Math.min(...during(polled)) : Number.POSITIVE_INFINITY
    if (firstPoll >= to) return [span]
    return [
      { ...span, to: firstPoll, retries: span.retries.filter((at) => at < firstPoll) },
      { ...span, phase: 'polling', from: firstPoll, retries: span.retries.filter((at) => at >= firstPoll) },
    ]
  })
}
