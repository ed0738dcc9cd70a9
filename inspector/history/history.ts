import type { Snapshot, TimelineEntry } from '../../shared/snapshot'
import type { Gap } from '../../shared/status'

/** How many polls, and how many gaps, are kept. */
const LIMIT = 200

/** An answer of the version endpoint, or its failure, as an entry of the worker's timeline. */
export type Poll = Extract<TimelineEntry, { readonly what: 'version-read' | 'version-unavailable' }>

export const isPoll = (entry: TimelineEntry): entry is Poll =>
  entry.what === 'version-read' || entry.what === 'version-unavailable'

export interface ReceivedGap {
  /** When this tab received it. */
  readonly at: number
  readonly gap: Gap
}

/**
 * What the snapshots alone do not keep: polls with the same answer as the one before, of which a snapshot has only the last,
 * and gaps that were reported to this tab only.
 */
export interface History {
  readonly polls: readonly Poll[]
  readonly gaps: readonly ReceivedGap[]
  addSnapshot(snapshot: Snapshot): void
  addGap(gap: Gap): void
  clear(): void
}

export function createHistory(): History {
  const polls: Poll[] = []
  const gaps: ReceivedGap[] = []

  function add<T>(list: T[], entry: T) {
    list.push(entry)
    if (list.length > LIMIT) list.shift()
  }

  return {
    polls,
    gaps,
    addSnapshot({ version: answer }) {
      if (answer === undefined || answer.at === polls.at(-1)?.at) return
      const { at, version, error: reason = 'no answer' } = answer
      add(
        polls,
        version === undefined
          ? { at, what: 'version-unavailable', reason }
          : { at, what: 'version-read', version },
      )
    },
    addGap: (gap) => add(gaps, { at: Date.now(), gap }),
    clear() {
      polls.length = 0
      gaps.length = 0
    },
  }
}
