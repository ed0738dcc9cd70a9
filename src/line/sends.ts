import { PartylineError, type Reason } from '../../shared/errors'
import { freshId } from '../../shared/names'
import { lineClosed } from '../failures'
import type { Host } from '../host/host'
import { createDeferred } from './deferred'
import type { KeepOptions, SendOptions } from './line'

/** How often a message is given to a worker at most: each may hand over before it has sent the message. */
const TRIES = 3
/** How much later than the worker, which has the same deadline, a page gives up a message, in ms. */
const LATE = 500
/** The longest `timeout`, in ms. */
const LONGEST = 86_400_000
/** The reasons that reach the app as they are. After any other, the message was not sent or not answered. */
const REASONS: readonly Reason[] = [
  'not-sent',
  'unanswered',
  'refused',
  'unknown-message',
  'closed',
  'invalid',
  'bad-argument',
  'limit',
]

/** The messages that this page sends. Every promise settles, also where the worker dies or hangs. */
export interface Sends {
  send(name: string, payload: unknown, options?: SendOptions | KeepOptions): Promise<unknown>
  /** A worker has answered. Messages are given to none before. */
  up(): void
  /** There is no worker. With an error, none could be started. */
  down(error?: PartylineError): void
  /** The line closes. */
  close(): void
}

/** Checks what untyped code may have passed. */
function checkArguments(
  name: unknown,
  options: unknown,
  timeout: unknown,
  signal: AbortSignal | undefined,
  keep: unknown,
): void {
  const isOptions = typeof options === 'object' && options !== null
  const isName = typeof name === 'string' && name !== ''
  const isTime = typeof timeout === 'number' && timeout > 0 && timeout <= LONGEST
  const isKeep = keep === undefined || typeof keep === 'boolean' || (typeof keep === 'string' && keep !== '')
  // A signal of another frame is not an instance of this one's class.
  const isSignal = !signal || (typeof signal.addEventListener === 'function' && 'aborted' in signal)
  if (isName && isOptions && isTime && isKeep && isSignal) return
  throw new PartylineError(
    'bad-argument',
    `send("${String(name)}") takes a name, a payload, and { timeout, signal, keep }: ms from 1 to ${LONGEST}, an AbortSignal, and true or an id.`,
  )
}

/** A copy as of now: the app may change its payload while a worker is waited for. */
function copyOf(name: string, payload: unknown): unknown {
  try {
    return structuredClone(payload)
  } catch (cause) {
    throw new PartylineError('bad-argument', `The payload of "${name}" cannot be copied: ${cause}`, { cause })
  }
}

/** Sends messages through the worker, and waits for their answers. */
export function createSends(host: Pick<Host, 'call' | 'register'>): Sends {
  const closing = new AbortController()
  /** Resolves when a worker has answered; rejects if none could be started. */
  let worker = createDeferred<void>()
  let state: 'waiting' | 'up' | 'failed' = 'waiting'

  function wait() {
    if (state !== 'waiting') worker = createDeferred()
    state = 'waiting'
  }

  return {
    async send(name, payload, options = {}) {
      const { timeout = 5000, signal, keep } = options ?? {}
      checkArguments(name, options, timeout, signal, keep)
      const aborted = () => new PartylineError('aborted', `The signal of "${name}" was aborted.`)
      if (closing.signal.aborted) throw lineClosed()
      if (signal?.aborted) throw aborted()
      const copy = copyOf(name, payload)
      const deadline = performance.now() + timeout
      const settled = new AbortController()
      const id = keep === true ? freshId() : keep
      /** Whether a worker may have sent it. */
      let isGiven = false

      async function give(tries = TRIES): Promise<unknown> {
        await worker.promise
        const left = deadline - performance.now()
        if (settled.signal.aborted) return undefined
        if (left <= 0) throw lost('no worker answered in time.')
        const wasGiven = isGiven
        isGiven = true
        try {
          return await host.call('send', name, copy, { timeout: left, ...(id && { keep: id }) })
        } catch (cause) {
          const { reason } = cause as PartylineError
          // A message with an id is kept once, however often it is given to a worker.
          const isLost = Boolean(id) && reason === 'worker-died'
          if (reason !== 'unregistered' && !isLost) throw cause
          // A worker that hands over may have kept a message whose call it has not answered.
          isGiven = wasGiven || Boolean(id)
          if (tries === 1) throw cause
          // One hello is enough for all messages.
          if (state === 'up' && !isLost) {
            wait()
            host.register()
          }
          return give(tries - 1)
        }
      }

      /** The error that says what is known of the message. */
      const lost = (why: string, cause?: PartylineError) =>
        isGiven
          ? new PartylineError('unanswered', `"${name}" may have been sent: ${why}`, { cause })
          : new PartylineError('not-sent', `"${name}" was not sent: ${why}`, { cause })

      let timer: ReturnType<typeof setTimeout> | undefined
      try {
        return await new Promise((resolve, reject) => {
          const when = (target: AbortSignal | undefined, error: () => PartylineError) =>
            target?.addEventListener('abort', () => reject(error()), { signal: settled.signal })
          when(closing.signal, lineClosed)
          when(signal, aborted)
          timer = setTimeout(
            () => reject(lost(`the worker has not answered within ${timeout} ms.`)),
            timeout + LATE,
          )
          give().then(resolve, (error: PartylineError) =>
            reject(REASONS.includes(error.reason) ? error : lost(error.message, error)),
          )
        })
      } finally {
        clearTimeout(timer)
        settled.abort()
      }
    },
    up() {
      wait()
      state = 'up'
      worker.resolve()
    },
    down(error) {
      wait()
      if (!error) return
      state = 'failed'
      worker.reject(error)
    },
    close: () => closing.abort(),
  }
}
