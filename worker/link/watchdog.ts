import { now } from '../clock'

export interface WatchdogParts {
  /** The server promises a message every `every` ms. After `misses` times as long without one, the link is dead. */
  readonly keepalive: { readonly every: number; readonly misses: number } | undefined
  /** Asks the server for a sign of life. Returns false if it was not asked, because such a silence is usual. */
  readonly probe: (answered: () => void) => boolean
  /** Nothing was heard in time. */
  readonly dead: (why: string) => void
  /** The machine slept, or its clock was set. */
  readonly woke: () => void
}

/** Watches whether the server is still there. */
export interface Watchdog {
  /** The link is up. */
  start(): void
  /** The link is down: nothing is expected. */
  rest(): void
  /** The server sent something. */
  heard(): void
  /** When the server sent something last, by the worker's clock. */
  heardAt(): number
  /** Probes the link, unless something was heard a moment ago. */
  check(): void
  /** Ends all timers, including the one that notices the machine's sleep. */
  dispose(): void
}

/** How often to look at the clock, in ms. */
const TICK = 2000
/** When a tick comes this much too late, in ms, the machine slept. */
const JUMP = 10_000
/** When something was heard within this many ms, no probe is needed. */
const FRESH = 1000
/** How long a probe may take, in ms. */
const DEADLINE = 3000

export function createWatchdog({ keepalive, probe, dead, woke }: WatchdogParts): Watchdog {
  let heardAt = 0
  /** The same by a clock that cannot be set, but may stand still while the machine sleeps. */
  let quietSince = 0
  let watch: ReturnType<typeof setInterval> | undefined
  let deadline: ReturnType<typeof setTimeout> | undefined
  let ticked = Date.now()
  // Runs while the link is down, too: it should be retried when the machine wakes.
  const sleepWatch = setInterval(() => {
    const hasSlept = Date.now() - ticked > TICK + JUMP
    ticked = Date.now()
    if (hasSlept) woke()
  }, TICK)

  function heard() {
    heardAt = now()
    quietSince = performance.now()
    endProbe()
  }

  function endProbe() {
    clearTimeout(deadline)
    deadline = undefined
  }

  function rest() {
    clearInterval(watch)
    endProbe()
  }

  return {
    start() {
      rest()
      heard()
      if (!keepalive) return
      const longest = keepalive.every * keepalive.misses
      const look = () => {
        if (performance.now() - quietSince >= longest) dead(`The server sent nothing for ${longest} ms.`)
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
        dead(`The server gave no sign of life within ${DEADLINE} ms.`)
      }, DEADLINE)
      if (!probe(heard)) endProbe()
    },
    dispose() {
      rest()
      clearInterval(sleepWatch)
    },
  }
}
