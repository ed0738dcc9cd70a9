import { checkOptions, type Rules } from '../shared/option-rules'
import type { ReloadOrder } from '../shared/status'

/** Options of `reloader`. */
export interface ReloaderOptions {
  /**
   * Each page waits for a random time within this many ms, so that the pages of a fleet do not reload at once.
   * @default 10000
   */
  readonly spread?: number
  /**
   * Hidden tabs reload in the first half of `spread`, visible ones in the second.
   * @default true
   */
  readonly hiddenFirst?: boolean
  /**
   * A visible tab waits until there was no input for this many ms. The order counts as input.
   * @default 0 (does not wait)
   */
  readonly idle?: number
  /**
   * The page does not reload while this returns true. It is called again every second, and when a form changes or the tab is
   * hidden or shown.
   * @default () => false
   */
  readonly unless?: () => boolean
  /**
   * Called and awaited right before the reload, to save a draft for example. There is no time limit. If it fails,
   * the page reloads anyway.
   */
  readonly before?: (order: ReloadOrder) => void | Promise<void>
  /** Called right after the reload was requested. */
  readonly after?: (order: ReloadOrder) => void
  /**
   * Whether the page could be loaded now. The page does not reload while this resolves to false, so it never reloads into an
   * error page.
   * @default a HEAD request to the page's own address
   */
  readonly reachable?: () => Promise<boolean>
  /**
   * Reloads the page.
   * @default () => location.reload()
   */
  readonly reload?: (order: ReloadOrder) => void
}

const isTime = (value: unknown) => typeof value === 'number' && value >= 0
const isFunction = (value: unknown) => typeof value === 'function'

const RULES: Rules = {
  spread: [isTime, 'a number of milliseconds, 0 or more'],
  hiddenFirst: [(value) => typeof value === 'boolean', 'true or false'],
  idle: [isTime, 'a number of milliseconds, 0 or more'],
  unless: [isFunction, 'a function that returns true or false'],
  before: [isFunction, 'a function'],
  after: [isFunction, 'a function'],
  reachable: [isFunction, 'a function that returns a promise of true or false'],
  reload: [isFunction, 'a function'],
}

/** How often the conditions are checked again, in ms. */
const CHECK_EVERY = 1000
const INPUTS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'input']

/**
 * Returns a listener that carries out reload orders, each at a good moment: `line.on('reload', reloader())` is all a kiosk
 * needs.
 * - Each page waits for a random part of `spread`, hidden tabs first.
 * - The page waits while `unless` returns true (a form is dirty), and while there is input (`idle`).
 * - The page waits while its address cannot be loaded (`reachable`).
 * - An order that comes while another one waits replaces it: the page reloads once, with the last order.
 *
 * Throws a `PartylineError`, reason `bad-option`, for an unknown or invalid option.
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
  let lastInputAt = performance.now()

  const isHidden = () => document.visibilityState === 'hidden'

  function fraction(): number {
    if (!hiddenFirst) return Math.random()
    return isHidden() ? Math.random() / 2 : 0.5 + Math.random() / 2
  }

  /** Resolves when all conditions hold. */
  async function goodMoment(): Promise<void> {
    for (;;) {
      const isIdle = idle === 0 || isHidden() || performance.now() - lastInputAt >= idle
      if (isIdle && !unless() && (await reachable())) return
      await change()
    }
  }

  return (newOrder) => {
    const isWaiting = order !== undefined
    order = newOrder
    if (isWaiting) return
    lastInputAt = performance.now()
    const done = new AbortController()
    const noteInput = () => {
      lastInputAt = performance.now()
    }
    for (const input of INPUTS)
      addEventListener(input, noteInput, { signal: done.signal, passive: true, capture: true })
    setTimeout(async () => {
      await goodMoment()
      done.abort()
      const last = order ?? newOrder
      order = undefined
      try {
        await before?.(last)
      } catch (error) {
        console.error('[partyline] reloader: `before` failed. The page reloads anyway.', error)
      }
      reload(last)
      after?.(last)
    }, spread * fraction())
  }
}

/** Resolves when a condition may have changed: a form changed, the tab was hidden or shown, or a second has passed. */
function change(): Promise<void> {
  return new Promise((resolve) => {
    const done = new AbortController()
    const end = () => {
      done.abort()
      clearTimeout(timer)
      resolve()
    }
    const timer = setTimeout(end, CHECK_EVERY)
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
    // A server that does not know HEAD answers 405 or 501: the page is reachable.
    return ok || status === 405 || status === 501
  } catch {
    return false
  }
}
