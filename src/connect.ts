import { checkOptions, PartylineError, type Rules } from './errors'
import { createHost, type Factory } from './host'
import { type Lease, takeLease } from './lease'
import { createLine, type Line } from './line'
import { type AnyServed, PROTOCOL, workerName } from './protocol'

export interface ConnectOptions {
  /**
   * Who uses the dashboard. Users never share a worker, a database or a lock, so give it wherever people sign in.
   * @default '' (everybody is the same user)
   */
  readonly user?: string
  /**
   * How long a call to the worker may take, in ms. A worker that hangs is noticed within three times as long.
   * @default 5000
   */
  readonly timeout?: number
}

const RULES: Rules = {
  user: [
    (value) => value === undefined || (typeof value === 'string' && value.length <= 128),
    'a string of at most 128 characters',
  ],
  timeout: [
    (value) => value === undefined || (typeof value === 'number' && value >= 10 && value <= 3_600_000),
    'a number of milliseconds, 10 or more',
  ],
}

/**
 * Connects this tab to the dashboard's worker, which is started if it does not run yet. The factory gets the options
 * to hand on, and is called again when a worker has died:
 *
 * ```ts
 * connect<Dashboard>((options) =>
 *   new SharedWorker(new URL('./dashboard.worker.ts', import.meta.url), { ...options, type: 'module' }))
 * ```
 *
 * Throws `bad-option` for a wrong option. What goes wrong later is told by `ready`, and by the line's `error` event.
 */
export function connect<S extends AnyServed>(factory: Factory, options: ConnectOptions = {}): Line<S> {
  if (typeof factory !== 'function') {
    throw new PartylineError(
      'bad-option',
      'connect: the first argument should be a function (options) => new SharedWorker(url, { ...options, type: "module" }).',
    )
  }
  checkOptions('connect', options, RULES)
  const name = workerName(options.user ?? '')
  let lease: Lease | undefined

  const host = createHost({
    factory,
    name,
    protocol: PROTOCOL,
    timeout: options.timeout ?? 5000,
    hello: () => identity(lease),
    message: (message) => core.message(message),
    up: () => core.up(),
    failed: (error) => core.failed(error),
  })

  const gone = new AbortController()
  const core = createLine<S>(host, () => {
    gone.abort()
    // The lock goes last: until then the worker takes this for a farewell, and not for a page that may come back.
    void host.close().then(() => lease?.release())
  })

  // The worker hears at once of a page that goes, and from its lock if this does not get through.
  addEventListener('pagehide', () => host.post({ type: 'bye' }), { signal: gone.signal })
  addEventListener('pageshow', ({ persisted }) => persisted && host.register(), { signal: gone.signal })

  // The lock is taken before hello, so that the worker can wait for it.
  void takeLease(name).then((taken) => {
    lease = taken
    if (gone.signal.aborted) taken.release()
    else host.start()
  })

  return core.line
}

function identity(lease: Lease | undefined) {
  const { tab = '', copyOf, lock } = lease ?? {}
  return { tab, ...(copyOf !== undefined && { copyOf }), ...(lock !== undefined && { lock }) }
}
