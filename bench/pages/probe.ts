import { createClock } from './clock'

/** What a tab got of one run. */
export interface Receipt {
  readonly count: number
  /** Events that were not the next one after the one before. */
  readonly misplaced: number
  readonly firstAt: number
  readonly lastAt: number
}

/** The events of one burst or stream, as they came. */
interface Run {
  readonly numbers: number[]
  readonly sent: number[]
  readonly arrived: number[]
  /** What waits for so many events. */
  readonly waits: { readonly count: number; readonly done: () => void }[]
}

/** Wall clock; set by `calibrate`, so that a page's first event does not wait for that. */
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

/** Writes down in every tab what a contender hands over. */
const probe = {
  /** Resolves with the time from the start of the navigation to the first event, in ms. */
  first,
  calibrate() {
    now = createClock()
  },
  /** Resolves once so many events of a run are there. */
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
  /** How long each event of a run was under way, in ms. */
  delays(id: number): number[] {
    const { sent, arrived } = runOf(id)
    return arrived.map((at, index) => at - (sent[index] ?? at))
  },
  /** Blocks the page's thread, without using the processor. */
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
