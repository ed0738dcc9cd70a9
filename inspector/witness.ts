import type { Gap, Snapshot } from '../src'

/** How much is remembered of each kind. */
const MOST = 200

export interface Poll {
  readonly at: number
  readonly answer: string
}
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
    see({ version }) {
      if (version === undefined || version.at === polls.at(-1)?.at) return
      keep(polls, {
        at: version.at,
        answer: version.version ?? `no version: ${version.error ?? 'no answer'}`,
      })
    },
    hear: (gap) => keep(gaps, { at: Date.now(), gap }),
    forget() {
      polls.length = 0
      gaps.length = 0
    },
  }
}
