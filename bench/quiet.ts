import { cpus, loadavg } from 'node:os'
import { quantile } from './figures'

/** How much other programs used the machine during the measurement. */
export interface Quiet {
  /** The share of the processors that other programs used between measurements: median and maximum. */
  readonly busy: number
  readonly busiest: number
  /** How much longer a fixed piece of work took in its slowest run than in its fastest. */
  readonly variation: number
  /** The load average at the start, per processor. */
  readonly load: number
  readonly warnings: readonly string[]
}

/** How long each check takes, in ms. */
const SAMPLE = 200

function work(): number {
  const startedAt = performance.now()
  let sum = 0
  for (let n = 0; n < 2e7; n += 1) sum = (sum * 31 + n) % 1_000_003
  // Uses the sum, so that the engine does not remove the loop.
  return performance.now() - startedAt + (sum < 0 ? 1 : 0)
}

const accounts = () =>
  cpus().reduce(
    (total, { times }) => ({
      idle: total.idle + times.idle,
      all: total.all + times.user + times.nice + times.sys + times.idle + times.irq,
    }),
    { idle: 0, all: 0 },
  )

const percent = (share: number) => `${Math.round(share * 100)} %`

export function createQuietCheck() {
  const load = (loadavg()[0] ?? 0) / cpus().length
  const busy: number[] = []
  const spins: number[] = []
  return {
    /** Checks once. Call it only while the benchmark itself is idle. */
    async look() {
      const before = accounts()
      await new Promise((resolve) => setTimeout(resolve, SAMPLE))
      const after = accounts()
      busy.push(1 - (after.idle - before.idle) / Math.max(1, after.all - before.all))
      spins.push(work())
    },
    verdict(): Quiet {
      const quiet = {
        busy: quantile(busy, 0.5),
        busiest: Math.max(...busy),
        variation: Math.max(...spins) / Math.min(...spins) - 1,
        load,
      }
      const warnings = [
        ...(quiet.busy > 0.1 ? [`other programs used ${percent(quiet.busy)} of the processors`] : []),
        ...(quiet.variation > 0.3
          ? [`the same work took up to ${percent(quiet.variation)} longer in some runs than in others`]
          : []),
        ...(load > 0.5 ? [`the load average was ${load.toFixed(2)} per processor at the start`] : []),
      ]
      return { ...quiet, warnings }
    },
  }
}
