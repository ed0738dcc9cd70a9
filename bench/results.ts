import type { Weight } from './build'
import type { Sample } from './figures'
import type { Quiet } from './quiet'

/** The results of a whole run. */
export interface Results {
  readonly startedAt: string
  readonly minutes: number
  readonly versions: Readonly<Record<string, string>>
  readonly machine: string
  readonly quiet: Quiet
  readonly weights: Readonly<Record<string, Weight>>
  /** What failed: events lost, out of order or duplicated, or a contender that could not be measured. */
  readonly failures: readonly string[]
  readonly samples: readonly Sample[]
}
