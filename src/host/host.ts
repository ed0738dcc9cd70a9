import { PartylineError, type Reason } from '../../shared/errors'
import { workerName } from '../../shared/names'
import type { Place } from '../../shared/place'
import type { Hello, Switchboard, Welcome } from '../../shared/switchboard'
import type { ToWorker } from '../../shared/wire'
import { lineClosed } from '../failures'
import type { EndReason } from '../tab/shared-page'
import { createLife, FIRST_PATIENCE, type Life, type LifeParts } from './life'
import { openWorker } from './open-worker'
import { probe } from './probe'
import type { WorkerInUse } from './worker-in-use'

/**
 * Options the factory must pass to the worker's constructor. They are the same in every tab of a user: a page that names a
 * running worker and gives other options gets an error from the browser.
 */
export interface FactoryOptions {
  /** Identifies the user's worker. It changes when a worker that hangs or does not answer is replaced, and when its file has another text. */
  readonly name: string
  /** Keeps a shared worker running while its only tab reloads. Only Chrome knows it, from 148 on; others ignore it. */
  readonly extendedLifetime: boolean
}

/**
 * Returns a new `SharedWorker`, or a new dedicated `Worker`, which the lines of this page use. It is called again to replace a worker
 * that has ended or could not be started.
 */
export type Factory = (options: FactoryOptions) => SharedWorker | Worker

export interface HostParts extends Pick<LifeParts, 'timeout' | 'share' | 'message' | 'handled'> {
  readonly factory: Factory
  /** The worker's name, without its generation. */
  readonly base: string
  readonly workerInUse: WorkerInUse
  /** The page's registration. `undefined` if its line is closed. */
  readonly hello: (
    worker: string,
    page: Required<Pick<Hello, 'moves' | 'sent' | 'hung'>>,
  ) => Hello | undefined
  /** The worker has answered hello, for the first time or again. */
  readonly up: (incarnation: string) => void
  /** The page says hello again, to this worker or another one, which will be `up` in a moment. */
  readonly greeting: () => void
  /** The page stays where it is, because the worker that should serve it cannot be started. */
  readonly report: (error: PartylineError) => void
  /**
   * The page has no worker. `nextTryAt` is the time of the next try, wall clock in ms. Without it a replacement starts
   * in a moment, or the error is permanent.
   */
  readonly down: (error: PartylineError, nextTryAt?: number) => void
}

export interface Host {
  /** Starts the worker, or connects to the one that runs, and registers this page. */
  start(): void
  /** If no worker could be started, tries again, at most once per `MIN_RETRY_DELAY`. */
  retry(): void
  /** Registers again with the running worker, which may have forgotten this page. */
  register(): void
  /**
   * Calls the worker. If none runs, waits until one is started. Rejects with a typed error: what the worker threw,
   * `timeout`, `worker-died`, `closed`, or why no worker could be started.
   */
  call<Name extends keyof Switchboard>(
    name: Name,
    ...args: Parameters<Switchboard[Name]>
  ): Promise<Awaited<ReturnType<Switchboard[Name]>>>
  post(message: ToWorker): void
  /**
   * Closes the line's way to the worker: pending calls reject at once. Resolves when the worker has removed this page.
   * `signedOut`: the user has signed out.
   */
  close(signedOut: boolean): Promise<void>
}

/**
 * How long the replacement of a worker that has ended waits, in ms. Firefox connects a page to the dead shared worker as long as any page has
 * its port to that open, and nobody answers there. In this time all pages learn that it has ended, and close their ports.
 */
const CLOSING = 50
/** How long to wait after a failed start, in ms. */
const RETRY_DELAY = 1000
/** The least time between a failed start and one that `retry` asks for, in ms: a listener may ask on each failure. */
const MIN_RETRY_DELAY = 250
/**
 * How often in a row a shared worker may not answer before the page opens one of the next generation: after 3.7 s. One that is only slow to
 * start says so earlier.
 */
const SILENCES = 3
/** How long a page that could not open the worker that serves waits before it tries again, in ms. Doubled each time, until `LEAST_OFTEN`. */
const AGAIN = 20_000
/** It is not doubled beyond this, in ms: a timer that is to wait for over 24 days does not wait. */
const LEAST_OFTEN = 2_000_000
/** Mistakes in the app's code. They are not retried, because the next start would fail in the same way. */
const PERMANENT: readonly Reason[] = ['bad-option', 'wrong-worker']

/** Starts the worker, and a replacement when it has ended. */
export function createHost(parts: HostParts): Host {
  const { factory, base, workerInUse, timeout } = parts
  let life: Life | undefined
  let isClosed = false
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  /** Why the last worker could not be started. */
  let failure: PartylineError | undefined
  let failedAt = 0
  /** The address of the worker that the factory makes, once it has answered. */
  let home: string | undefined
  /** Why this page could not open a worker when it was asked last. */
  let reported: string | undefined
  /** Whether the last worker hung, and no other has answered since. */
  let hasHung = false
  /** How often in a row a shared worker has not answered. */
  let silences = 0
  /** Whether a worker that other pages can open has answered this page. */
  let hasPlace = false
  /** Whether the last worker that this page was sent to could not be started. Then the factory starts one. */
  let isStranded = false
  /** How long a stranded page waits until its next try. */
  let again = AGAIN
  let settleStart = () => {}
  /** Resolves when a worker was started, or could not be. Calls wait for it. */
  let started = nextStart()

  function nextStart() {
    return new Promise<void>((resolve) => {
      settleStart = resolve
    })
  }

  /** Makes a worker by the factory, or opens the one at a place of another address. */
  function make(name: string, place: Place | undefined): SharedWorker | Worker {
    const options = { name, extendedLifetime: true }
    if (!place || place.address === home) return factory(options)
    // Scripts of the origin can write a place to storage. A browser would also open a `data:` address.
    if (new URL(place.address).origin !== location.origin) throw new Error('It has another origin.')
    return new SharedWorker(place.address, { ...options, type: place.type })
  }

  const opener =
    (name: string, place: Place | undefined) =>
    (ended: (reason: EndReason) => void = () => {}) =>
      openWorker(name, () => make(name, place), ended)

  /** After this page's worker has ended: the place of the worker that other pages use, if its address differs from this page's own. */
  function elsewhere(): Place | undefined {
    const place = workerInUse.place()
    return !hasPlace || isStranded || place?.address === home ? undefined : place
  }

  /** @param place Where this page was sent. Without it, the factory starts the worker. */
  function start(patience = timeout, place = elsewhere()) {
    clearTimeout(retryTimer)
    if (isClosed) return
    const generation = place?.generation ?? workerInUse.generation()
    const name = workerName(base, generation)
    let isUp = false
    try {
      life = createLife({
        ...parts,
        name,
        open: opener(name, place),
        patience,
        hello: (worker) =>
          parts.hello(worker, {
            moves: !isStranded,
            sent: place !== undefined && place.address !== home,
            hung: hasHung,
          }),
        up(welcome) {
          isUp = true
          hasHung = false
          silences = 0
          if (place) isStranded = false
          learn(welcome, place)
          parts.up(welcome.incarnation)
        },
        moved: move,
        probe: canOpen,
        hangs() {
          hasHung = true
          workerInUse.leave(generation)
        },
        silent() {
          silences += 1
          // In Firefox no worker answers under the name of one that closed itself while a page was blocked. The page leaves only one name
          // until a worker answers: under each a worker may go on running.
          if (silences !== SILENCES) return
          // If a worker serves by now, it is not the one that hung.
          hasHung = false
          if (place) place = { ...place, generation: generation + 1 }
          else workerInUse.leave(generation)
        },
        over(error, next) {
          life = undefined
          const isSentInVain = place !== undefined && !isUp
          if (next === undefined) return isSentInVain ? strand(error) : fail(error)
          failure = undefined
          later(CLOSING, () => start(next, isSentInVain ? place : elsewhere()))
          parts.down(error)
        },
      })
    } catch (cause) {
      const what = place ? `The worker at "${place.address}" could not be opened` : 'The factory threw'
      const error = new PartylineError('worker-failed', `${what}: ${cause}`, { cause })
      return place ? strand(error) : fail(error)
    }
    life.greet()
    settleStart()
  }

  function learn({ place }: Welcome, sentTo: Place | undefined) {
    if (!place) return
    hasPlace = true
    if (!sentTo) home = place.address
    workerInUse.reached(place)
  }

  function move(place: Place) {
    // This page could not open the worker it was sent to, and its own worker serves it. Only a place at its own address is obeyed.
    if (isClosed || (isStranded && place.address !== home)) return
    life?.abandon()
    parts.greeting()
    // The new worker may have died meanwhile. Then it never answers.
    start(FIRST_PATIENCE, place)
  }

  /** The worker that this page was sent to cannot be started. The page returns to its factory's worker, and says that it cannot move. */
  function strand(error: PartylineError) {
    isStranded = true
    parts.down(error)
    start()
    tryAgain()
  }

  /** The worker that this page could not open may only have been slow to start. If the page can open the one that serves now, it says so. */
  function tryAgain() {
    setTimeout(async () => {
      const place = workerInUse.place()
      if (!isStranded) return
      if (place && !(await canOpen(place))) return tryAgain()
      isStranded = false
      life?.greet()
    }, again)
    if (again < LEAST_OFTEN) again *= 2
  }

  async function canOpen(place: Place): Promise<boolean> {
    const error = await probe(place, opener(workerName(base, place.generation), place), timeout)
    // A worker that serves alone has its pages asked again and again.
    if (error && error.message !== reported) parts.report(error)
    reported = error?.message
    return !error
  }

  function fail(error: PartylineError) {
    failure = error
    failedAt = performance.now()
    isStranded = false
    settleStart()
    if (PERMANENT.includes(error.reason)) return parts.down(error)
    startAfter(RETRY_DELAY)
    parts.down(error, Date.now() + RETRY_DELAY)
  }

  /** Calls wait until then. */
  function later(delay: number, act: () => void) {
    started = nextStart()
    clearTimeout(retryTimer)
    retryTimer = setTimeout(act, delay)
  }

  const startAfter = (delay: number) =>
    later(delay, () => {
      if (failure) parts.down(failure)
      start()
    })

  return {
    start,
    retry() {
      if (failure && !life && !isClosed)
        startAfter(Math.max(0, failedAt + MIN_RETRY_DELAY - performance.now()))
    },
    register: () => life?.greet(),
    call: (name, ...args) =>
      started.then(() => life?.call(name, args) ?? Promise.reject(isClosed ? lineClosed() : failure)),
    post: (message) => life?.post(message),
    async close(signedOut) {
      isClosed = true
      settleStart()
      clearTimeout(retryTimer)
      isStranded = false
      const last = life
      life = undefined
      await last?.leave(signedOut)
    },
  }
}
