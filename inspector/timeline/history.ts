import type { Snapshot, TimelineEntry } from '../../shared/snapshot'
import type { Gap } from '../../shared/status'

/** How much is remembered of each kind. */
const MOST = 200

/** What the version endpoint answered, as the worker's timeline has it. */
export type Poll = Extract<TimelineEntry, { readonly what: 'version-read' | 'version-unavailable' }>

export const isPoll = (entry: TimelineEntry): entry is Poll =>
  entry.what === 'version-read' || entry.what === 'version-unavailable'

export interface ToldGap {
  /** When the tab was told. */
  readonly at: number
  readonly gap: Gap
}

/** What comes and goes between two snapshots, or is told to this tab alone. */
export interface Witness {
  readonly polls: readonly Poll[]
  readonly gaps: readonly ToldGap[]
  see(snapshot: Snapshot): void
  hear(gap: Gap): void
  forget(): void
}

export function createWitness(): Witness {
  const polls: Poll[] = []
  const gaps: ToldGap[] = []

  function keep<T>(list: T[], entry: T) {
    list.push(entry)
    if (list.length > MOST) list.shift()
  }

  return {
    polls,
    gaps,
    see({ version: answer }) {
      if (answer === undefined || answer.at === polls.at(-1)?.at) return
      const { at, version, error: reason = 'no answer' } = answer
      keep(
        polls,
        version === undefined
          ? { at, what: 'version-unavailable', reason }
          : { at, what: 'version-read', version },
      )
    },
    hear: (gap) => keep(gaps, { at: Date.now(), gap }),
    forget() {
      polls.length = 0
      gaps.length = 0
    },
  }
}
