import type { KeptOutcome } from '../../shared/kept'
import type { KeptRecords, OutcomeRecord } from '../persistence/kept-records'

/** The most outcomes that are remembered, and the most that wait for a page. */
const MOST = 1000

/** How kept messages have ended. What an app must know stays in the database until a page has handled it. */
export interface Outcomes {
  /** Tells the tabs. Resolves once the message's record is replaced or removed. */
  add(outcome: KeptOutcome): Promise<unknown>
  /** Tells the tabs outcomes that earlier workers have left. */
  learn(outcomes: readonly OutcomeRecord[]): void
  /** Whether a message with this id has ended here. */
  has(id: string): boolean
  isAcknowledged(id: string): boolean
  /** A message with this id is kept again. */
  forget(id: string): void
  /** The outcomes that no page has handled. */
  untold(): readonly OutcomeRecord[]
  /** A page has handled the outcome. */
  told(id: string): void
  rewrite(): void
  clear(): void
}

export function createOutcomes(records: KeptRecords, tell: (outcome: KeptOutcome) => void): Outcomes {
  const ended = new Map<string, KeptOutcome['outcome']>()
  const untold = new Map<string, OutcomeRecord>()

  function announce(outcome: KeptOutcome) {
    ended.set(outcome.id, outcome.outcome)
    evict(ended)
    tell(outcome)
  }

  /** Announces an outcome that a page must handle. */
  function demand(outcome: OutcomeRecord) {
    untold.set(outcome.id, outcome)
    const oldest = evict(untold)
    if (oldest !== undefined) void records.remove(oldest)
    announce(outcome)
  }

  return {
    add(outcome) {
      if (outcome.outcome === 'refused' || outcome.outcome === 'expired') {
        demand(outcome)
        return records.write(outcome)
      }
      announce(outcome)
      return records.remove(outcome.id)
    },
    learn(outcomes) {
      for (const outcome of outcomes) if (!ended.has(outcome.id)) demand(outcome)
    },
    has: (id) => ended.has(id),
    isAcknowledged: (id) => ended.get(id) === 'acknowledged',
    forget(id) {
      ended.delete(id)
      untold.delete(id)
    },
    untold: () => [...untold.values()],
    told(id) {
      if (untold.delete(id)) void records.remove(id)
    },
    rewrite() {
      for (const outcome of untold.values()) void records.write(outcome)
    },
    clear() {
      ended.clear()
      untold.clear()
    },
  }
}

/** Removes the oldest entry if there are too many. Returns its key. */
function evict(all: Map<string, unknown>): string | undefined {
  const [oldest] = all.keys()
  if (all.size <= MOST || oldest === undefined) return undefined
  all.delete(oldest)
  return oldest
}
