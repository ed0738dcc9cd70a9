/** The kinds of bursts: how many events, and bytes per event. */
export const BURSTS = {
  small: { count: 5000, bytes: 300 },
  medium: { count: 1500, bytes: 2000 },
  big: { count: 500, bytes: 10_000 },
} as const
export type Size = keyof typeof BURSTS
export const SIZES = Object.keys(BURSTS) as Size[]

/** The rates of streams, in events per second. */
export const RATES = [50, 200, 500, 1000] as const
export type Rate = (typeof RATES)[number]

/**
 * What is measured, in ms unless stated otherwise.
 * - `drain`: from the server sending the first event of a burst until the last tab has handled the last one
 * - `drain-cpu`: the browser's processor time for a burst
 * - `host-cpu`: the processor time for a burst of the renderer that needs most: the one with the connection, if there is one for all tabs
 * - `bytes`: bytes that the server writes per event of a burst
 * - `p50`, `p99`: one-way latency from the server's send to the tab's listener, over all tabs
 * - `cpu`, `server-cpu`: processor time of browser and server per second of a stream
 * - `sockets`, `handshakes`, `joins`: counted by the server, for all tabs
 * - `memory`: memory of all the browser's processes, in bytes
 * - `first`: from the start of a new tab's navigation until its first event
 * - `restart`: from the server listening again until every tab has an event
 * - `calm`, `blocked`: p99 latency of the other tabs before and while the first tab's thread is blocked
 */
export type Figure =
  | `drain ${Size}`
  | `drain-cpu ${Size}`
  | `host-cpu ${Size}`
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

/** The values of one figure over all rounds. */
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
