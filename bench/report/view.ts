import { CONTENDERS, type Entry } from '../contenders'
import { type Figure, type Spread, spreadOf } from '../figures'
import { usualTabs } from '../plan'
import type { Results } from '../results'

/** The results, as the report reads them. */
export interface View {
  readonly entries: readonly Entry[]
  readonly tabs: readonly number[]
  readonly usual: number
  spread(contender: string, figure: Figure, tabs?: number): Spread | undefined
  /** `NaN` if it was not measured. */
  median(contender: string, figure: Figure, tabs?: number): number
  /** Memory per tab after the first, in bytes. */
  tabMemory(contender: string): number
}

export function viewOf({ samples }: Results): View {
  const tabs = [...new Set(samples.map((sample) => sample.tabs))].sort((a, b) => a - b)
  const usual = usualTabs(tabs)
  const spread = (contender: string, figure: Figure, count = usual) =>
    spreadOf(samples, contender, count, figure)
  const median = (contender: string, figure: Figure, count = usual) =>
    spread(contender, figure, count)?.median ?? Number.NaN
  return {
    entries: CONTENDERS.filter(({ name }) => samples.some(({ contender }) => contender === name)),
    tabs,
    usual,
    spread,
    median,
    tabMemory: (contender) => (median(contender, 'memory') - median(contender, 'memory', 1)) / (usual - 1),
  }
}
