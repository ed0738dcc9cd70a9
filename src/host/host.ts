import { PartylineError, type Reason } from '../../shared/errors'
import { workerName } from '../../shared/names'
import type { Switchboard } from '../../shared/switchboard'
import type { ToWorker } from '../../shared/wire'
import { lineClosed } from '../failures'
import type { Generation } from './generation'
import { createLife, type Life, type LifeParts } from './life'
import { openWorker } from './open-worker'

/**
 * Options the factory must pass to the worker's constructor. They are the same in every tab of a user: a page that names a
 * running worker and gives other options gets an error from the browser.
 */
export interface FactoryOptions {
  /** Identifies the user's worker. It changes when the page replaces a worker that hangs. */
  readonly name: string
  /** Keeps a shared worker running while its only tab reloads. Only Chrome knows it, from 148 on; others ignore it. */
  readonly extendedLifetime: boolean
}

/**
 * Returns a new `SharedWorker`, or a new dedicated `Worker` for this page alone. It is called again to replace a worker that
 * has ended or could not be started.
 */
export type Factory = (options: FactoryOptions) => SharedWorker | Worker

export interface HostParts extends Pick<LifeParts, 'timeout' | 'hello' | 'message' | 'up'> {
  readonly factory: Factory
  /** The worker's name, without its generation. */
  readonly base: string
  readonly generation: Generation
  /**
   * The page has no worker. `nextTryAt` is the time of the next try, wall clock in ms. Without it a replacement starts
   * now, or the error is permanent.
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
  /** Closes the line's way to the worker: pending calls reject at once. Resolves when the worker has removed this page. */
  close(): Promise<void>
}

/** How long to wait after a failed start, in ms. */
const RETRY_DELAY = 1000
/** The least time between a failed start and one that `retry` asks for, in ms: a listener may ask on each failure. */
const MIN_RETRY_DELAY = 250
/** Mistakes in the app's code. They are not retried, because the next start would fail in the same way. */
const PERMANENT: readonly Reason[] = ['bad-option', 'wrong-worker']

/** Starts the worker, and a replacement when it has ended. */
export function createHost(parts: HostParts): Host {
  const { factory, base, generation } = parts
  let life: Life | undefined
  let isClosed = false
  let retryTimer: ReturnType<typeof setTimeout> | undefined
  /** Why the last worker could not be started. */
  let failure: PartylineError | undefined
  let failedAt = 0
  let settleStart = () => {}
  /** Resolves when a worker was started, or could not be. Calls wait for it. */
  let started = nextStart()

  function nextStart() {
    return new Promise<void>((resolve) => {
      settleStart = resolve
    })
  }

  function start(patience = parts.timeout) {
    clearTimeout(retryTimer)
    if (isClosed) return
    const current = generation.current()
    const name = workerName(base, current)
    try {
      life = createLife({
        ...parts,
        name,
        open: (ended) => openWorker(name, () => factory({ name, extendedLifetime: true }), ended),
        patience,
        hangs: () => generation.leave(current),
        over(error, next) {
          life = undefined
          if (next === undefined) return fail(error)
          parts.down(error)
          start(next)
        },
      })
    } catch (cause) {
      return fail(new PartylineError('worker-failed', `The factory threw: ${cause}`, { cause }))
    }
    life.greet()
    settleStart()
  }

  function fail(error: PartylineError) {
    failure = error
    failedAt = performance.now()
    settleStart()
    if (PERMANENT.includes(error.reason)) return parts.down(error)
    startAfter(RETRY_DELAY)
    parts.down(error, Date.now() + RETRY_DELAY)
  }

  function startAfter(delay: number) {
    started = nextStart()
    clearTimeout(retryTimer)
    retryTimer = setTimeout(() => {
      if (failure) parts.down(failure)
      start()
    }, delay)
  }

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
    async close() {
      isClosed = true
      settleStart()
      clearTimeout(retryTimer)
      const last = life
      life = undefined
      await last?.leave()
    },
  }
}
