import { CONTENDERS, type Entry } from './contenders'
import type { Size } from './figures'
import { blocked, census, drain, flow, type Measure, newcomer, restart, warmUp } from './measures'

/** One contender with a number of tabs, and what to measure. */
export interface Job {
  readonly entry: Entry
  readonly tabs: number
  readonly measures: readonly Measure[]
}

/** Jobs of one kind, and the number of rounds to repeat them. */
interface Stage {
  readonly entries: readonly Entry[]
  readonly tabs: number
  readonly rounds: number
  readonly measures: readonly Measure[]
}

export interface PlanOptions {
  readonly quick: boolean
  readonly tabs: readonly number[]
  readonly sizes: readonly Size[]
  readonly rounds: number
  readonly only: readonly string[] | undefined
}

/** The number of tabs with which everything is measured. */
export const usualTabs = (tabs: readonly number[]): number => (tabs.includes(20) ? 20 : (tabs.at(-1) ?? 1))

/** Decides what is measured, and how often. */
function stagesOf({ quick, tabs, sizes, rounds, only }: PlanOptions): Stage[] {
  const chosen = CONTENDERS.filter(({ name }) => only?.includes(name) ?? true)
  // Contenders chosen by name are measured in full.
  const main = chosen.filter(({ isMain }) => isMain || only)
  const others = chosen.filter((entry) => !main.includes(entry))
  const usual = usualTabs(tabs)
  const ms = quick ? 1000 : 1500
  const drains = sizes.filter((size) => size !== 'medium').map(drain)
  const usually = [warmUp, census, flow(50, ms), flow(500, ms), ...drains]
  const inFull = [...usually, newcomer, restart]
  const curves = [
    flow(200, ms),
    flow(1000, ms),
    ...sizes.filter((size) => size === 'medium').map(drain),
    blocked,
  ]
  return [
    { entries: main, tabs: usual, rounds, measures: inFull },
    ...(quick
      ? []
      : [
          { entries: others, tabs: usual, rounds: 1, measures: inFull },
          { entries: main, tabs: usual, rounds: 1, measures: [warmUp, ...curves] },
        ]),
    ...tabs
      .filter((count) => count !== usual)
      .map((count) => ({
        entries: main,
        tabs: count,
        rounds: Math.ceil(rounds / (count === 1 ? 2 : 3)),
        measures: count === 1 ? usually : [warmUp, census, ...drains.slice(0, 1)],
      })),
  ]
}

function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item)
}

/** Plans the rounds. Each has the jobs in a new random order. */
export function planOf(options: PlanOptions): Job[][] {
  const stages = stagesOf(options)
  return Array.from({ length: options.rounds }, (_, round) =>
    shuffle(
      stages
        .filter(({ rounds }) => round < rounds)
        .flatMap(({ entries, tabs, measures }) => entries.map((entry) => ({ entry, tabs, measures }))),
    ),
  )
}
