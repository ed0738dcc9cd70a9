import type { Weight } from './build'
import type { Sample } from './figures'
import type { Quiet } from './quiet'

/** A whole run, as it is written down. */
export interface Results {
  readonly startedAt: string
  readonly minutes: number
  readonly versions: Readonly<Record<string, string>>
  readonly machine: string
  readonly quiet: Quiet
  readonly weights: Readonly<Record<string, Weight>>
  /** What went wrong: events lost, out of order or twice, or a contender that could not be measured. */
  readonly failures: readonly string[]
  readonly samples: readonly Sample[]
}
