import { createClock } from './clock'

/** What a tab received in one run. */
export interface Receipt {
  readonly count: number
  /** The number of events that did not follow the previous one. */
  readonly misplaced: number
  readonly firstAt: number
  readonly lastAt: number
}

/** The events of one burst or stream, in the order they came. */
interface Run {
  readonly numbers: number[]
  readonly sent: number[]
  readonly arrived: number[]
  /** The callers that wait for a number of events. */
  readonly waits: { readonly count: number; readonly done: () => void }[]
}

/** The wall clock. `calibrate` sets it, so that it does not delay a page's first event. */
let now = () => performance.now()
const runs = new Map<number, Run>()

function runOf(id: number): Run {
  let run = runs.get(id)
  if (!run) {
    run = { numbers: [], sent: [], arrived: [], waits: [] }
    runs.set(id, run)
  }
  return run
}

const first = new Promise<number>((resolve) => {
  window.contender.connect(['feed'], ({ run: id, n, at }) => {
    const run = runOf(id)
    const count = run.arrived.push(now())
    run.numbers.push(n)
    run.sent.push(at)
    for (const wait of run.waits) if (wait.count === count) wait.done()
    resolve(performance.now())
  })
})

/** Records the events of a contender in each tab. */
const probe = {
  /** Resolves with the ms from the start of the navigation to the first event. */
  first,
  calibrate() {
    now = createClock()
  },
  /** Resolves once this many events of a run have come. */
  got(id: number, count: number): Promise<void> {
    const run = runOf(id)
    if (run.numbers.length >= count) return Promise.resolve()
    return new Promise((done) => void run.waits.push({ count, done }))
  },
  receipt(id: number): Receipt {
    const { numbers, arrived } = runOf(id)
    const start = numbers[0] ?? 0
    return {
      count: numbers.length,
      misplaced: numbers.filter((n, index) => n !== start + index).length,
      firstAt: arrived[0] ?? 0,
      lastAt: arrived.at(-1) ?? 0,
    }
  },
  /** The latency of each event of a run, in ms. */
  delays(id: number): number[] {
    const { sent, arrived } = runOf(id)
    return arrived.map((at, index) => at - (sent[index] ?? at))
  },
  /** Blocks the page's thread without using the processor. */
  block(seconds: number) {
    const request = new XMLHttpRequest()
    request.open('GET', `/slow?seconds=${seconds}`, false)
    request.send()
  },
  forget: () => runs.clear(),
}

declare global {
  interface Window {
    probe: typeof probe
  }
}
window.probe = probe
