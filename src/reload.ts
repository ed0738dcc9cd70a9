import { checkOptions, type Rules } from '../shared/option-rules'
import type { ReloadOrder } from '../shared/status'

export interface ReloaderOptions {
  /** The fleet's reloads are spread over so many ms. @default 10000 */
  readonly spread?: number
  /** Hidden tabs go in the first half of `spread`, visible ones in the second. @default true */
  readonly hiddenFirst?: boolean
  /** A visible tab waits until nobody has touched it for so many ms; 0 does not wait. @default 0 */
  readonly idle?: number
  /** A veto: while it is true, the page stays. Asked again whenever something may have changed, and every second. */
  readonly unless?: () => boolean
  /** Called, and awaited, right before the reload: to save a draft, say. One that fails does not stop it. */
  readonly before?: (order: ReloadOrder) => void | Promise<void>
  /** Called once the reload was asked for. */
  readonly after?: (order: ReloadOrder) => void
  /**
   * Whether the page could be loaded right now: never is one reloaded into an error page.
   * @default a HEAD request to its own address
   */
  readonly reachable?: () => Promise<boolean>
  /** @default location.reload() */
  readonly reload?: (order: ReloadOrder) => void
}

const isTime = (value: unknown) => typeof value === 'number' && value >= 0
const isFunction = (value: unknown) => typeof value === 'function'

const RULES: Rules = {
  spread: [isTime, 'a number of milliseconds, 0 or more'],
  hiddenFirst: [(value) => typeof value === 'boolean', 'true or false'],
  idle: [isTime, 'a number of milliseconds, 0 or more'],
  unless: [isFunction, 'a function that says whether to stay'],
  before: [isFunction, 'a function'],
  after: [isFunction, 'a function'],
  reachable: [isFunction, 'a function that returns a promise of true or false'],
  reload: [isFunction, 'a function'],
}

/** How often a veto, and a page that cannot be loaded, is asked again. */
const AGAIN = 1000
const TOUCHES = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'input']

/**
 * Obeys reload orders, each at a good moment: `line.on('reload', reloader())` is all a kiosk needs.
 * - Spread over the fleet; hidden tabs first.
 * - Not while a form is dirty (`unless`), nor while somebody is at it (`idle`).
 * - Never into an error page: the page has to be reachable.
 */
export function reloader(options: ReloaderOptions = {}): (order: ReloadOrder) => void {
  checkOptions('reloader', options, RULES)
  const {
    spread = 10_000,
    hiddenFirst = true,
    idle = 0,
    unless = () => false,
    before,
    after,
    reachable = answersHead,
    reload = () => location.reload(),
  } = options
  let order: ReloadOrder | undefined
  let touchedAt = performance.now()

  const isHidden = () => document.visibilityState === 'hidden'

  function share(): number {
    if (!hiddenFirst) return Math.random()
    return isHidden() ? Math.random() / 2 : 0.5 + Math.random() / 2
  }

  /** Waits for a good moment: one timer, and whatever may bring the moment earlier. */
  async function goodMoment(): Promise<void> {
    for (;;) {
      const isIdle = idle === 0 || isHidden() || performance.now() - touchedAt >= idle
      if (isIdle && !unless() && (await reachable())) return
      await change()
    }
  }

  return (given) => {
    const isUnderWay = order !== undefined
    order = given
    if (isUnderWay) return
    touchedAt = performance.now()
    const done = new AbortController()
    const touched = () => {
      touchedAt = performance.now()
    }
    for (const touch of TOUCHES)
      addEventListener(touch, touched, { signal: done.signal, passive: true, capture: true })
    setTimeout(async () => {
      await goodMoment()
      done.abort()
      const last = order ?? given
      order = undefined
      try {
        await before?.(last)
      } catch (error) {
        console.error('[partyline] reloader: `before` failed; reloading all the same.', error)
      }
      reload(last)
      after?.(last)
    }, spread * share())
  }
}

/** Resolves when something may have changed: a form sent, a tab hidden, or simply a second gone by. */
function change(): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController()
    const end = () => {
      done.abort()
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(end, AGAIN)
    for (const what of ['visibilitychange', 'submit', 'change', 'focusout']) {
      document.addEventListener(what, end, { signal: done.signal })
    }
  })
}

async function answersHead(): Promise<boolean> {
  try {
    const { ok, status } = await fetch(location.href, {
      method: 'HEAD',
      cache: 'no-store',
      signal: AbortSignal.timeout(5000),
    })
    // A server that knows no HEAD is there as well.
    return ok || status === 405 || status === 501
  } catch {
    return false
  }
}
