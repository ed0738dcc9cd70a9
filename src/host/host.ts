import { PartylineError, type Reason } from '../../shared/errors'
import { workerName } from '../../shared/names'
import type { Switchboard } from '../../shared/switchboard'
import type { ToWorker } from '../../shared/wire'
import { lineClosed } from '../failures'
import type { Generation } from './generation'
import { createLife, type Life, type LifeParts } from './life'
import { openWorker } from './open-worker'

/** What the factory is to hand on to the worker's constructor. The options are the same for every tab of a user. */
export interface FactoryOptions {
  readonly name: string
  /** Lets the worker outlive a lone tab's reload, where the browser can (Chrome 148). */
  readonly extendedLifetime: boolean
}

export type Factory = (options: FactoryOptions) => SharedWorker | Worker

export interface HostParts extends Pick<LifeParts, 'timeout' | 'hello' | 'message' | 'up'> {
  readonly factory: Factory
  /** The worker's name, but for its generation. */
  readonly base: string
  readonly generation: Generation
  /**
   * There is no worker: one that died is about to be replaced, or none could be started. `nextTryAt`: when that is tried
   * again, wall clock in ms.
   */
  readonly down: (error: PartylineError, nextTryAt?: number) => void
}

export interface Host {
  /** Starts a worker, or finds the one that runs, and says hello. */
  start(): void
  /** Where no worker could be started, tries again now, or as soon as `SOONEST` lets it. */
  retry(): void
  /** Says hello again to the worker that runs: to one that has forgotten this page. */
  register(): void
  /**
   * Where there is no worker yet, waits for the next start of one. Rejects with a typed error: what the worker threw,
   * `timeout`, `worker-died`, `closed`, or why no worker can be started.
   */
  call<Name extends keyof Switchboard>(
    name: Name,
    ...args: Parameters<Switchboard[Name]>
  ): Promise<Awaited<ReturnType<Switchboard[Name]>>>
  post(message: ToWorker): void
  /** Leaves for good: calls under way reject at once. Resolves when the worker has let this page go. */
  close(): Promise<void>
}

/** How long to wait before a worker that could not be started is tried again. */
const PAUSE = 1000
/** Whoever asks for a try gets one at most this often, in ms: a listener may ask on each failure. */
const SOONEST = 250
/** Mistakes in the app's own code: another try would fail in the same way. */
const HOPELESS: readonly Reason[] = ['bad-option', 'wrong-worker']

/** Starts the worker, and the next one when it is over. */
export function createHost(parts: HostParts): Host {
  const { factory, base, generation } = parts
  let life: Life | undefined
  let closed = false
  let retry: ReturnType<typeof setTimeout> | undefined
  /** Why the last worker could not be started. */
  let failure: PartylineError | undefined
  let failedAt = 0
  let begin = () => {}
  /** Resolves with the next start of a worker, whether that succeeds or not. Calls wait for it. */
  let begun = nextStart()

  function nextStart() {
    return new Promise<void>((resolve) => {
      begin = resolve
    })
  }

  function start(patience = parts.timeout) {
    clearTimeout(retry)
    if (closed) return
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
    begin()
  }

  function fail(error: PartylineError) {
    failure = error
    failedAt = performance.now()
    begin()
    if (HOPELESS.includes(error.reason)) return parts.down(error)
    startIn(PAUSE)
    parts.down(error, Date.now() + PAUSE)
  }

  function startIn(pause: number) {
    begun = nextStart()
    clearTimeout(retry)
    retry = setTimeout(() => {
      if (failure) parts.down(failure)
      start()
    }, pause)
  }

  return {
    start,
    retry() {
      if (failure && !life && !closed) startIn(Math.max(0, failedAt + SOONEST - performance.now()))
    },
    register: () => life?.greet(),
    call: (name, ...args) =>
      begun.then(() => life?.call(name, args) ?? Promise.reject(closed ? lineClosed() : failure)),
    post: (message) => life?.post(message),
    async close() {
      closed = true
      begin()
      clearTimeout(retry)
      const last = life
      life = undefined
      await last?.leave()
    },
  }
}
