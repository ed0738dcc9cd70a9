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
/** A higher load average per processor means that others use the machine. */
const MOST_LOAD = 0.5
/** How long to wait for it to fall, in ms, and how often to look. */
const PATIENCE = 300_000
const PAUSE = 5000

const loadPerProcessor = () => (loadavg()[0] ?? 0) / cpus().length

/** Waits until the load average is low. It falls for minutes after another program has ended. */
export async function waitForQuiet(): Promise<void> {
  const deadline = performance.now() + PATIENCE
  while (loadPerProcessor() > MOST_LOAD && performance.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, PAUSE))
  }
}

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
  const load = loadPerProcessor()
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
        ...(load > MOST_LOAD ? [`the load average was ${load.toFixed(2)} per processor at the start`] : []),
      ]
      return { ...quiet, warnings }
    },
  }
}
