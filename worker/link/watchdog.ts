import { now } from '../clock'

export interface WatchdogParts {
  /** The server promises a message at least every so many ms; after `misses` times as long the link is dead. */
  readonly keepalive: { readonly every: number; readonly misses: number } | undefined
  /** Joins the server for a sign of life. */
  readonly probe: (answered: () => void) => void
  /** Nothing was heard in time. */
  readonly dead: (why: string) => void
  /** The machine slept, or the clock was set. */
  readonly woke: () => void
}

export interface Watchdog {
  /** The link is up. */
  start(): void
  rest(): void
  /** Something was heard, whatever it is. */
  heard(): void
  /** When something was heard last, by the worker's clock. */
  heardAt(): number
  /** Makes sure that the link is alive, unless something was heard a moment ago. */
  check(): void
  /** Ends every timer, the one that notices the machine's sleep too. */
  dispose(): void
}

/** How often the clock is looked at. */
const TICK = 2000
/** A tick that comes so much too late is a sleep. */
const JUMP = 10_000
/** What was heard so long ago is proof enough. */
const FRESH = 1000
/** How long a probe may take. */
const DEADLINE = 3000

/** Whether the other end is still there. Owns the timers of a link that is up. */
export function createWatchdog({ keepalive, probe, dead, woke }: WatchdogParts): Watchdog {
  let heardAt = 0
  /** The same by a clock that nobody sets. It may stand still while the machine sleeps. */
  let quietSince = 0
  let watch: ReturnType<typeof setInterval> | undefined
  let deadline: ReturnType<typeof setTimeout> | undefined
  let ticked = Date.now()
  // Runs always: an offline link is to be retried when the machine wakes, too.
  const sleepWatch = setInterval(() => {
    const slept = Date.now() - ticked > TICK + JUMP
    ticked = Date.now()
    if (slept) woke()
  }, TICK)

  function heard() {
    heardAt = now()
    quietSince = performance.now()
    clearTimeout(deadline)
    deadline = undefined
  }

  function rest() {
    clearInterval(watch)
    clearTimeout(deadline)
    deadline = undefined
  }

  return {
    start() {
      rest()
      heard()
      if (!keepalive) return
      const longest = keepalive.every * keepalive.misses
      const look = () => {
        if (performance.now() - quietSince >= longest) dead(`nothing heard for ${longest} ms`)
      }
      watch = setInterval(look, Math.max(50, keepalive.every / 2))
    },
    rest,
    heard,
    heardAt: () => heardAt,
    check() {
      const silence = Math.max(now() - heardAt, performance.now() - quietSince)
      if (deadline !== undefined || silence < FRESH) return
      deadline = setTimeout(() => {
        deadline = undefined
        dead(`no sign of life within ${DEADLINE} ms`)
      }, DEADLINE)
      probe(heard)
    },
    dispose() {
      rest()
      clearInterval(sleepWatch)
    },
  }
}
