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
  /** When attempts began. */
  readonly retries: readonly number[]
}

interface Turn {
  readonly at: number
  readonly phase: Phase
  readonly why?: string
}
interface Run extends Turn {
  /** Every turn to the phase it was in already. */
  readonly again: number[]
}

const WANTED: ReadonlySet<string> = new Set(['online', 'offline', 'unauthorized'])

const TURN = /^(connecting|online|offline|unauthorized|paused)(?:: (.*))?$/s

/** The phase that a line of the worker's timeline tells of, and why. */
export function phaseIn(what: string): Omit<Turn, 'at'> | undefined {
  const [, phase, why] = TURN.exec(what) ?? []
  return phase === undefined ? undefined : { phase: phase as Phase, ...(why !== undefined && { why }) }
}

function noted(timeline: Snapshot['timeline']): Turn[] {
  const turns: Turn[] = []
  for (const { at, what } of timeline) {
    const turn = phaseIn(what)
    if (!turn) continue
    const before = turns.at(-1)?.phase
    // A link that was up, or wanted to be, connects again for a reason; without one nobody is left.
    const isIdle = turn.phase === 'connecting' && turn.why === undefined && WANTED.has(before ?? '')
    turns.push({ at, ...turn, ...(isIdle && { phase: 'idle' }) })
  }
  return turns
}

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

function runsOf(turns: readonly Turn[]): Run[] {
  const runs: Run[] = []
  for (const turn of turns) {
    const last = runs.at(-1)
    if (last?.phase === turn.phase) last.again.push(turn.at)
    else runs.push({ ...turn, again: [] })
  }
  return runs
}

/** A refused line asks again by itself: that is a retry, and not the end of the refusal. */
function withoutRechecks(runs: readonly Run[]): Run[] {
  const kept: Run[] = []
  runs.forEach((run, index) => {
    const before = kept.at(-1)
    const isRecheck = run.phase === 'offline' && runs[index + 1]?.phase === 'unauthorized'
    if (before?.phase === 'unauthorized' && isRecheck) before.again.push(run.at)
    else if (before?.phase !== 'unauthorized' || run.phase !== 'unauthorized') kept.push(run)
  })
  return kept
}

/** In an outage an attempt's beginning and its failure are both turns to `offline`. */
function attempts({ phase, again }: Run): number[] {
  if (phase === 'online' || phase === 'paused' || phase === 'idle') return []
  return phase === 'offline' ? again.filter((_, index) => index % 2 === 0) : [...again]
}

/** The link's phases, one after the other, up to now. */
export function spansOf(snapshot: Snapshot, polls: readonly Poll[], now: number): Span[] {
  const turns = noted(snapshot.timeline)
  const all = [...earlier(snapshot, turns[0]?.at ?? now), ...turns]
  const runs = withoutRechecks(runsOf(all))
  return runs.flatMap((run, index) => {
    const to = runs[index + 1]?.at ?? now
    const { at: from, phase, why } = run
    const span: Span = { phase, from, to, retries: attempts(run), ...(why !== undefined && { why }) }
    const poll = phase === 'offline' ? polls.find(({ at }) => at > from && at < to) : undefined
    if (!poll) return [span]
    return [
      { ...span, to: poll.at, retries: span.retries.filter((at) => at < poll.at) },
      { ...span, phase: 'polling', from: poll.at, retries: span.retries.filter((at) => at >= poll.at) },
    ]
  })
}
