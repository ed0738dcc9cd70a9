/** A burst's kind: how many events of how many bytes. */
export const BURSTS = {
  small: { count: 5000, bytes: 300 },
  medium: { count: 1500, bytes: 2000 },
  big: { count: 500, bytes: 10_000 },
} as const
export type Size = keyof typeof BURSTS
export const SIZES = Object.keys(BURSTS) as Size[]

/** Events a second. */
export const RATES = [50, 200, 500, 1000] as const
export type Rate = (typeof RATES)[number]

/**
 * What is measured, in ms unless said otherwise.
 * - `drain`: from the first event of a burst leaving the server to the last one handled by the last tab
 * - `drain-cpu`: processor time of the browser for it
 * - `bytes`: written by the server per event of the burst
 * - `p50`, `p99`: one way, from the server's send to the tab's listener, over all tabs
 * - `cpu`, `server-cpu`: processor time per second of stream
 * - `sockets`, `handshakes`, `joins`: by the server's count, for all tabs
 * - `memory`: of all the browser's processes, in bytes
 * - `first`: from the start of a new tab's navigation to its first event
 * - `restart`: from the server listening again to the last tab having an event
 * - `calm`, `blocked`: p99 of the other tabs before and while the first tab's thread is blocked
 */
export type Figure =
  | `drain ${Size}`
  | `drain-cpu ${Size}`
  | `bytes ${Size}`
  | `p50 ${Rate}`
  | `p99 ${Rate}`
  | `cpu ${Rate}`
  | `server-cpu ${Rate}`
  | 'sockets'
  | 'handshakes'
  | 'joins'
  | 'memory'
  | 'first'
  | 'restart'
  | 'calm'
  | 'blocked'

export interface Sample {
  readonly contender: string
  readonly tabs: number
  readonly figure: Figure
  readonly value: number
}

/** One figure over all rounds. */
export interface Spread {
  readonly median: number
  readonly least: number
  readonly most: number
  readonly rounds: number
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)] ?? Number.NaN
  const above = sorted[Math.ceil(place)] ?? Number.NaN
  return below + (above - below) * (place - Math.floor(place))
}

export function spreadOf(
  samples: readonly Sample[],
  contender: string,
  tabs: number,
  figure: Figure,
): Spread | undefined {
  const values = samples
    .filter((each) => each.contender === contender && each.tabs === tabs && each.figure === figure)
    .map(({ value }) => value)
  if (values.length === 0) return undefined
  return {
    median: quantile(values, 0.5),
    least: Math.min(...values),
    most: Math.max(...values),
    rounds: values.length,
  }
}
