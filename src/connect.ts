import { PartylineError } from '../shared/errors'
import { baseName, PROTOCOL } from '../shared/names'
import { checkOptions, type Rule, type Rules } from '../shared/option-rules'
import type { AnyServed } from '../shared/panel-types'
import type { TokenSource } from '../shared/token'
import type { Hidden, Nudge } from '../shared/wire'
import { createHost, type Factory } from './host/host'
import { onHotUpdate } from './host/hot-updates'
import { createWorkerInUse } from './host/worker-in-use'
import { createLine } from './line/create-line'
import type { Line } from './line/line'
import { createHandled } from './tab/handled'
import { type Lease, takeLease } from './tab/lease'
import { takePlace } from './tab/place'
import { createReloadOrders } from './tab/reload-orders'
import { createSeen } from './tab/seen'
import { sharedPage } from './tab/shared-page'
import { createSignOuts } from './tab/sign-outs'
import { clearTabStorage, readStorage, writeStorage } from './tab/storage'
import { createWorkerClock } from './tab/worker-clock'

const isVisible = () => document.visibilityState === 'visible'

const frontOf = (stored: unknown) => (Number.isFinite(stored) ? (stored as number) : 0)

/** Options of `connect`. */
export interface ConnectOptions {
  /**
   * The id of the signed-in user. Users never share a worker, a database or a lock, so set it in every app that has
   * sign-in. At most 128 characters.
   * @default '' (everybody is the same user)
   */
  readonly user?: string
  /**
   * The version this page runs, as its version endpoint gives it. If the endpoint then gives another version, the line
   * emits `reload`.
   * @default the first version that the worker sees after the page has connected
   */
  readonly version?: string
  /**
   * Returns a token for the handshake. It is not called if `serve` has a `token` function. Otherwise it is called before
   * each handshake, in one tab at a time; if that tab closes or hangs, in another tab. Tokens are never stored or logged.
   * @default none
   */
  readonly token?: TokenSource
  /**
   * What this tab receives while it is in the background: `'all'` events, or the `'latest'` value per room and name when
   * it is shown again. No gap is reported for the values in between.
   * @default 'all'
   */
  readonly hidden?: Hidden
  /**
   * Whether tabs whose factory returns a dedicated `Worker` share one connection: one tab's worker has it, and those of the others
   * relay to that. If that tab is closed, crashes or is frozen, another one takes over. It needs Web Locks, which browsers do
   * not offer on plain http. A `SharedWorker` is always shared. The lines of a page use one worker, so the first one decides.
   * @default true
   */
  readonly share?: boolean
  /**
   * How long a call to the worker may take, in ms. A worker that hangs is detected, and replaced, within three times this. Dedicated
   * workers that share a connection get at least 3000: it takes half of that to notice that the tab with the connection is frozen.
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
  share: [(value) => typeof value === 'boolean', 'true or false'],
  timeout: [
    (value) => typeof value === 'number' && value >= 10 && value <= 3_600_000,
    'a number of milliseconds, 10 to 3600000',
  ],
}

/**
 * Connects this tab to the dashboard's worker, and starts the worker if none runs. The factory passes its options to the
 * worker's constructor. It is called again when a worker has died:
 *
 * ```ts
 * connect<Dashboard>((options) =>
 *   new SharedWorker(new URL('./dashboard.worker.ts', import.meta.url), { ...options, type: 'module' }))
 * ```
 *
 * A page may connect several lines for one user, also from several bundles. They share the worker and its connection:
 * - Each line has its own panels, listeners and `restored`, and counts as a tab.
 * - After a reload, the first line that connects gets the panels and events of the page's former first line, the second
 *   those of the second, and so on. Connect them in the same order on each load.
 * - The next line that connects takes the place of a line that was closed, without its panels.
 * - If the factory returns a dedicated `Worker`, only the first line calls it, and all lines of the user use that worker.
 *
 * Throws a `PartylineError`, reason `bad-option`, for an unknown or invalid option. It does not wait for the worker: if none
 * can be started, `ready` rejects, and the line emits `error` with the reason.
 */
export function connect<S extends AnyServed>(factory: Factory, options: ConnectOptions = {}): Line<S> {
  if (typeof factory !== 'function') {
    throw new PartylineError(
      'bad-option',
      `connect: the factory should be a function (options) => new SharedWorker(url, options), not "${typeof factory}".`,
    )
  }
  checkOptions('connect', options, RULES)
  const { user = '', version, token, hidden, share = true, timeout = 5000 } = options
  const base = baseName(user)
  const place = takePlace(base)
  const reloadOrders = createReloadOrders(place.key)
  const seen = createSeen(place.key)
  const signOuts = createSignOuts(base)
  const workerInUse = createWorkerInUse(base)
  /** The name of the worker to which this page has said hello last. */
  let greeted = ''
  /** Whether a dedicated worker shares a connection. */
  const shares = share && !!navigator.locks
  const handled = createHandled(base, () => shares || !sharedPage().workers.has(greeted))
  const frontKey = `${place.key}/front`
  /** When this tab was last in front. */
  let front = isVisible() ? Date.now() : frontOf(readStorage('sessionStorage', frontKey))
  let lease: Lease | undefined
  const clock = createWorkerClock()
  let heardAt: number | undefined

  const host = createHost({
    factory,
    base,
    workerInUse,
    timeout,
    share: shares,
    hello(worker, page) {
      if (checkSignOut()) return undefined
      // The worker takes the page for gone until this hello arrives.
      core.rest()
      greeted = worker
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
        visible: isVisible(),
        front,
        hidden,
        token: token !== undefined,
        seen: seen.ids(),
        had: core.progress(),
        handled: handled.marks(),
        text: true,
        share,
        paused: core.paused(),
        ...page,
        ...reloadOrders.read(),
      }
    },
    message(message) {
      heardAt = performance.now()
      core.message(message)
    },
    handled: handled.marks,
    up: (incarnation) => core.up(incarnation),
    greeting: () => core.greeting(),
    report: (error) => core.report(error),
    down: (error, nextTryAt) => core.down(error, nextTryAt),
  })

  const closing = new AbortController()
  const core = createLine<S>({
    host,
    reloadOrders,
    seen,
    clock,
    handled,
    token,
    leave(signedOut) {
      closing.abort()
      // Release the lock last. If the worker saw it released before `leave`, it would expect the page to come back.
      place.leave(Promise.all([leased, host.close(signedOut)]).then(([taken]) => taken.release()))
    },
    announceSignOut: signOuts.leave,
    forget() {
      clearTabStorage(base)
      workerInUse.forget()
      handled.forget()
    },
  })

  /** Returns true if the user signed out while the worker could not tell this page. The line is then closed. */
  function checkSignOut(): boolean {
    const isNews = signOuts.isNews()
    if (isNews) core.signedOut()
    return isNews
  }

  const on = (target: EventTarget, name: string, act: (event: Event) => void) =>
    target.addEventListener(name, act, { signal: closing.signal })
  function nudge(why: Nudge) {
    if (why === 'visible' || why === 'focus') front = Date.now()
    host.post({ type: 'nudge', why })
  }
  // Firefox may cut off one listener of a page that is left, at any place. So two of them save the progress.
  on(window, 'pagehide', core.save)
  // `bye` tells the worker at once. If it is lost, the worker learns from the lock that the page is gone.
  on(window, 'pagehide', () => {
    // Before the worker has another tab lead.
    core.rest()
    host.post({ type: 'bye' })
    core.save()
    writeStorage('sessionStorage', frontKey, front)
  })
  // A frozen page may be discarded without any further event.
  on(document, 'freeze', core.save)
  // Other keys change often: each event that another tab handles for all writes one.
  on(window, 'storage', (event) => {
    if ((event as StorageEvent).key === signOuts.key) checkSignOut()
  })
  on(window, 'pageshow', (event) => {
    if (!(event as PageTransitionEvent).persisted || checkSignOut()) return
    // WebKit has released the locks of a page in its back/forward cache, others have not.
    leased = leased.then(({ release }) => {
      release()
      return takeLease(place.key)
    })
    whenLeased(host.register)
  })
  // A SharedWorker in Chromium gets no `online` event, and no worker knows when a tab comes to the front.
  on(window, 'online', () => nudge('online'))
  on(document, 'visibilitychange', () => nudge(document.visibilityState))
  // Of two visible windows, the focused one is in front.
  on(window, 'focus', () => nudge('focus'))
  on(document, 'resume', () => {
    if (!checkSignOut()) nudge('resume')
  })

  // On a hello, the worker finds out whether its script has changed.
  onHotUpdate(host.register)

  // Take the lock before hello, so that the worker can wait for it.
  let leased = place.free.then(() => takeLease(place.key))
  function whenLeased(act: () => void) {
    void leased.then((taken) => {
      if (closing.signal.aborted) return
      lease = taken
      act()
    })
  }
  whenLeased(() => {
    core.claim()
    host.start()
  })

  return core.line
}
