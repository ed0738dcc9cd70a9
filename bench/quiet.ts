import { cpus, loadavg } from 'node:os'
import { quantile } from './figures'

/** Whether the machine was left alone while it measured. */
export interface Quiet {
  /** Share of the processors that others kept busy while nothing was measured: the median, and the most. */
  readonly busy: number
  readonly busiest: number
  /** How much longer a fixed piece of work took at its slowest than at its fastest. */
  readonly wobble: number
  /** The load average at the start, per processor. */
  readonly load: number
  readonly warnings: readonly string[]
}

const LOOK = 200

function work(): number {
  const startedAt = performance.now()
  let sum = 0
  for (let n = 0; n < 2e7; n += 1) sum = (sum * 31 + n) % 1_000_003
  // The sum is used, so that the loop is not left out.
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
    /** Takes a look. To be called while nothing of ours runs. */
    async look() {
      const before = accounts()
      await new Promise((resolve) => setTimeout(resolve, LOOK))
      const after = accounts()
      busy.push(1 - (after.idle - before.idle) / Math.max(1, after.all - before.all))
      spins.push(work())
    },
    verdict(): Quiet {
      const quiet = {
        busy: quantile(busy, 0.5),
        busiest: Math.max(...busy),
        wobble: Math.max(...spins) / Math.min(...spins) - 1,
        load,
      }
      const warnings = [
        ...(quiet.busy > 0.1 ? [`others kept ${percent(quiet.busy)} of the processors busy`] : []),
        ...(quiet.wobble > 0.3
          ? [`the same work took up to ${percent(quiet.wobble)} longer at some times than at others`]
          : []),
        ...(load > 0.5 ? [`the load average was ${load.toFixed(2)} per processor at the start`] : []),
      ]
      return { ...quiet, warnings }
    },
  }
}
