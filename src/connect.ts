import { PartylineError } from '../shared/errors'
import { baseName, PROTOCOL } from '../shared/names'
import { checkOptions, type Rule, type Rules } from '../shared/option-rules'
import type { AnyServed } from '../shared/panel-types'
import type { TokenSource } from '../shared/token'
import type { Hidden, Nudge } from '../shared/wire'
import { createGeneration } from './host/generation'
import { createHost, type Factory } from './host/host'
import { createLine } from './line/create-line'
import type { Line } from './line/line'
import { type Lease, takeLease } from './tab/lease'
import { takePlace } from './tab/place'
import { createMemory } from './tab/reload-memory'
import { createSeen } from './tab/seen'
import { createSignOuts } from './tab/sign-outs'
import { forget } from './tab/storage'
import { createWorkerClock } from './tab/worker-clock'

export interface ConnectOptions {
  /**
   * Who uses the dashboard. Users never share a worker, a database or a lock, so give it wherever people sign in.
   * @default '' (everybody is the same user)
   */
  readonly user?: string
  /**
   * What this page runs: the same string its version endpoint gives. When that gives another one, the line emits
   * `reload`. @default the first version the worker sees after the page came
   */
  readonly version?: string
  /**
   * Fetches a token, when the worker has no function of its own for that. Asked before each handshake, in one tab at a
   * time; where the tab asked goes away or hangs, another is asked. Tokens are never stored or logged.
   */
  readonly token?: TokenSource
  /**
   * What this tab gets while it is in the background: `'all'` events, or the `'latest'` value per room and name once it
   * is shown again. What is left out that way is no gap. @default 'all'
   */
  readonly hidden?: Hidden
  /**
   * How long a call to the worker may take, in ms. A worker that hangs is noticed within three times as long.
   * @default 5000
   */
  readonly timeout?: number
}

const text = (least: number, most: number): Rule => [
  (value) => typeof value === 'string' && value.length >= least && value.length <= most,
  `a string of ${least} to ${most} characters`,
]

const RULES: Rules = {
  user: text(0, 128),
  version: text(1, 200),
  token: [(value) => typeof value === 'function', 'a function that returns a token'],
  hidden: [(value) => value === 'all' || value === 'latest', "'all' or 'latest'"],
  timeout: [(value) => typeof value === 'number' && value >= 10 && value <= 3_600_000, '10 to 3600000 ms'],
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
 * A page may connect several lines of one user, from several bundles too: they share the worker and its connection. Each
 * has panels, events and `restored` of its own, and counts as a tab. After a reload the first line that connects gets what
 * the first one had, the second what the second had, and so on: connect them in the same order each time. A line that is
 * closed makes room for the next one that connects. Where the factory returns a dedicated `Worker`, it is called for the
 * first line alone: all lines of a user use that worker.
 *
 * Throws `bad-option` for a wrong option. What goes wrong later is told by `ready`, and by the line's `error` event.
 */
export function connect<S extends AnyServed>(factory: Factory, options: ConnectOptions = {}): Line<S> {
  if (typeof factory !== 'function') {
    throw new PartylineError(
      'bad-option',
      'connect takes a function (options) => new SharedWorker(url, options).',
    )
  }
  checkOptions('connect', options, RULES)
  const { user = '', version, token, hidden, timeout = 5000 } = options
  const base = baseName(user)
  const place = takePlace(base)
  const memory = createMemory(place.key)
  const seen = createSeen(place.key)
  const signOuts = createSignOuts(base)
  let lease: Lease | undefined
  const clock = createWorkerClock()
  let heardAt: number | undefined

  const host = createHost({
    factory,
    base,
    generation: createGeneration(base),
    timeout,
    hello(worker) {
      if (isSignedOut()) return undefined
      const { tab, copyOf, lock } = lease as Lease
      return {
        protocol: PROTOCOL,
        worker,
        clock: clock.lead(),
        quietFor: heardAt === undefined ? undefined : performance.now() - heardAt,
        tab,
        copyOf,
        lock,
        version,
        visible: document.visibilityState === 'visible',
        hidden,
        token: token !== undefined,
        seen: seen.ids(),
        had: core.progress(),
        text: true,
        ...memory.read(),
      }
    },
    message(message) {
      heardAt = performance.now()
      core.message(message)
    },
    up: (incarnation) => core.up(incarnation),
    down: (error, nextTryAt) => core.down(error, nextTryAt),
  })

  const gone = new AbortController()
  const core = createLine<S>({
    host,
    memory,
    seen,
    clock,
    token,
    leave() {
      gone.abort()
      // The lock goes last: until then the worker takes this for a farewell, and not for a page that may come back.
      place.leave(Promise.all([leased, host.close()]).then(([taken]) => taken.release()))
    },
    announceSignOut: signOuts.leave,
    forget: () => forget(base),
  })

  /** Where the user signed out while this page could not hear of it, it hears of it now, and its line is over. */
  function isSignedOut(): boolean {
    const isNews = signOuts.isNews()
    if (isNews) core.signedOut()
    return isNews
  }

  const on = (target: EventTarget, name: string, act: (event: Event) => void) =>
    target.addEventListener(name, act, { signal: gone.signal })
  const nudge = (why: Nudge) => host.post({ type: 'nudge', why })
  // The worker hears at once of a page that goes, and from its lock if this does not get through.
  on(window, 'pagehide', () => {
    host.post({ type: 'bye' })
    core.save()
  })
  // A frozen page may be discarded without another word.
  on(document, 'freeze', core.save)
  on(window, 'storage', isSignedOut)
  on(window, 'pageshow', (event) => {
    if ((event as PageTransitionEvent).persisted && !isSignedOut()) host.register()
  })
  // A worker in Chromium hears neither of the network nor of tabs that come to the front.
  on(window, 'online', () => nudge('online'))
  on(document, 'visibilitychange', () => nudge(document.visibilityState))
  on(document, 'resume', () => {
    if (!isSignedOut()) nudge('resume')
  })

  // The lock is taken before hello, so that the worker can wait for it.
  const leased = place.free.then(() => takeLease(place.key))
  void leased.then((taken) => {
    if (gone.signal.aborted) return
    lease = taken
    core.claim()
    host.start()
  })

  return core.line
}
