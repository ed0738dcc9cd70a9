import type { ReloadOrder } from '../../shared/status'
import type { OrderMemory, Remembered } from '../../shared/wire'
import { now } from '../clock'

interface Tab {
  /** The version its page runs; unknown until the first one is seen. */
  version: string | undefined
  memory: OrderMemory
  /** The versions ordered since this page was loaded: whether the reload helps is not known yet. */
  readonly given: Set<string>
  /** Whether the page can remember an order across the reload it causes. Without that it is given none. */
  readonly remembers: boolean
  /** The version it was told that a reload does not bring. */
  ineffective?: string
}

/** What a page that says hello tells of itself. */
export interface PageOrders {
  readonly version: string | undefined
  readonly memory: OrderMemory
  readonly given: readonly string[]
  readonly remembers: boolean
}

export interface OrdersParts {
  /** The version endpoint has gone on answering for so many ms while the link is down: a reload may help. `undefined` turns it off. */
  readonly reloadAfter: number | undefined
  readonly give: (tab: string, order: ReloadOrder, remembered: Remembered) => void
  /** The page is to remember something else. */
  readonly remind: (tab: string, remembered: Remembered) => void
  /** A look at the version is worthwhile, to confirm what was just seen. */
  readonly confirm: () => void
  /** A page reloaded for this version, and runs another one still. */
  readonly ineffective: (tab: string, version: string) => void
}

export interface Orders {
  arrive(tab: string, page: PageOrders): void
  leave(tab: string): void
  /** The version endpoint named a version, and has done so for `answeringFor` ms while the link was down; 0 while it is up. */
  seen(version: string, answeringFor: number): void
  /** The link is up: what came before has nothing to do with the next outage. */
  online(): void
  ineffective(tab: string): string | undefined
}

/** The first pause before an order that did not help is given again; it doubles each time. */
const PAUSE = 10 * 60_000
const LONGEST = 24 * 3_600_000

/** The pause after an order that was given `times` times. */
export const pauseAfter = (times: number, first: number): number =>
  Math.min(LONGEST, first * 2 ** (times - 1))

/**
 * Who is to reload, and why.
 * - A version is ordered when it differs from what the page runs (rollbacks count), seen twice in a row.
 * - Never twice for one version, but after a long pause that grows; remembered by the page, across its reload.
 * - `stuck` only where the version endpoint has gone on answering: a page is never reloaded into an error page, nor because
 *   a server that was away has come back.
 */
export function createOrders({ reloadAfter, give, remind, confirm, ineffective }: OrdersParts): Orders {
  const tabs = new Map<string, Tab>()
  let unconfirmed: string | undefined

  function isDue(memory: OrderMemory, key: string, first: number): boolean {
    const given = memory.find(([known]) => known === key)
    return given === undefined || now() - given[2] >= pauseAfter(given[1], first)
  }

  function order(id: string, tab: Tab, key: string, order: ReloadOrder) {
    const times = (tab.memory.find(([known]) => known === key)?.[1] ?? 0) + 1
    tab.memory = [...tab.memory.filter(([known]) => known !== key), [key, times, now()] as const].slice(-MOST)
    tab.given.add(key)
    give(id, order, rememberedBy(tab))
  }

  function orderVersion(id: string, tab: Tab, version: string) {
    if (isDue(tab.memory, version, PAUSE)) return order(id, tab, version, { reason: 'version', version })
    // Ordered before, and the page has come back without it.
    if (tab.given.has(version) || tab.ineffective === version) return
    tab.ineffective = version
    ineffective(id, version)
  }

  return {
    arrive(id, page) {
      const time = now()
      // A time in the future was written before the machine's clock was set back. No order is held up until it comes.
      const memory = page.memory.map(([key, times, at]) => [key, times, Math.min(at, time)] as const)
      const tab = { ...page, memory, given: new Set(page.given) }
      tabs.set(id, tab)
      if (page.memory.some(([, , at]) => at > time)) remind(id, rememberedBy(tab))
    },
    leave: (tab) => void tabs.delete(tab),
    seen(version, answeringFor) {
      const all = [...tabs].filter(([, tab]) => tab.remembers)
      for (const [, tab] of all) tab.version ??= version
      const behind = all.filter(([, tab]) => tab.version !== version)
      if (behind.length > 0 && unconfirmed !== version) {
        unconfirmed = version
        confirm()
        return
      }
      unconfirmed = undefined
      for (const [id, tab] of behind) orderVersion(id, tab, version)
      if (reloadAfter === undefined || answeringFor < reloadAfter) return
      for (const [id, tab] of all) {
        if (tab.version === version && isDue(tab.memory, STUCK, 10 * reloadAfter))
          order(id, tab, STUCK, { reason: 'stuck', version })
      }
    },
    online() {
      for (const [id, tab] of tabs) {
        const memory = tab.memory.filter(([key]) => key !== STUCK)
        if (memory.length === tab.memory.length) continue
        tab.memory = memory
        remind(id, rememberedBy(tab))
      }
    },
    ineffective: (tab) => tabs.get(tab)?.ineffective,
  }
}

/** How many orders a page remembers. */
const MOST = 20

const rememberedBy = ({ memory, given }: Tab): Remembered => ({ orders: memory, given: [...given] })

/** The name under which a `stuck` order is remembered. No version is empty. */
const STUCK = ''
