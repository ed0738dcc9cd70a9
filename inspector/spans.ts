import type { Snapshot, State } from '../src'
import type { Poll } from './witness'

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

const TURN = /^(connecting|online|offline|unauthorized|paused|idle)(?:: (.*))?$/s

/** The phase that a line of the worker's timeline tells of, and why. */
export function phaseIn(what: string): Omit<Turn, 'at'> | undefined {
  const [, phase, why] = TURN.exec(what) ?? []
  return phase === undefined ? undefined : { phase: phase as Phase, ...(why !== undefined && { why }) }
}

/** What else the worker's timeline tells of the link begins so. */
export const FAILED = /^attempt \d+ failed/
export const POLLED = /^version endpoint: /

const noted = (timeline: Snapshot['timeline']): Turn[] =>
  timeline.flatMap(({ at, what }) => {
    const turn = phaseIn(what)
    return turn ? [{ at, ...turn }] : []
  })

/** What the timeline has no room for any more, as far as the outages tell. */
function earlier({ link, status, counters, startedAt }: Snapshot, first: number): Turn[] {
  const turns: Turn[] = link.outages
    .filter(({ at }) => at < first)
    .flatMap(({ at, reason, for: length }) => [
      { at, ...(HUNG_UP[reason] ? { phase: HUNG_UP[reason] } : { phase: 'offline', why: reason }) } as Turn,
      ...(length !== undefined && at + length < first ? [{ at: at + length, phase: 'online' } as const] : []),
    ])
  // Something was lost, so something was up; since when is known while no outage was left out.
  if (turns.length > 0 && counters.drops === link.outages.length)
    turns.unshift({ at: startedAt, phase: 'online' })
  if (turns.length === 0 && status.since < first && status.state !== 'closed')
    turns.push({ at: status.since, phase: status.state })
  return turns
}

/** What the link says of itself where it was hung up on purpose. */
export const HUNG_UP: Partial<Readonly<Record<string, Phase>>> = { paused: 'paused', connecting: 'idle' }

/** The link's phases, one after the other, up to now. */
export function spansOf(snapshot: Snapshot, polls: readonly Poll[], now: number): Span[] {
  const { timeline } = snapshot
  const turns = noted(timeline)
  const all = [...earlier(snapshot, turns[0]?.at ?? now), ...turns]
  const runs = all.filter(({ phase }, index) => phase !== all[index - 1]?.phase)
  const failed = timeline.filter(({ what }) => FAILED.test(what)).map(({ at }) => at)
  const polled = [...timeline.filter(({ what }) => POLLED.test(what)), ...polls].map(({ at }) => at)
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
