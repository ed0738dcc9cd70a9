import type { ReloadOrder } from '../../shared/status'
import type { OrderMemory, Remembered } from '../../shared/wire'
import { now } from '../clock'

interface Tab {
  /** The version its page runs; unknown until the first one is seen. */
  version: string | undefined
  memory: OrderMemory
  /** The versions ordered since this page was loaded: it has not reloaded for them yet. */
  readonly given: Set<string>
  /** Whether the page can remember an order across the reload. One that cannot gets no orders. */
  readonly remembers: boolean
  /** The version for which a failed reload was reported already, so that it is reported once. */
  ineffective?: string
}

/** What a page says about reloads in its hello. */
export interface PageOrders {
  readonly version: string | undefined
  readonly memory: OrderMemory
  readonly given: readonly string[]
  readonly remembers: boolean
}

export interface OrdersParts {
  /** If the link is down and the version endpoint has answered for this many ms, pages are told to reload (`stuck`). `undefined`: never. */
  readonly reloadAfter: number | undefined
  readonly give: (tab: string, order: ReloadOrder, remembered: Remembered) => void
  /** What the page remembers has changed. */
  readonly remind: (tab: string, remembered: Remembered) => void
  /** Another look at the version is needed, to confirm the last one. */
  readonly confirm: () => void
  /** A page was reloaded for this version, and does not run it. */
  readonly ineffective: (tab: string, version: string) => void
}

/**
 * Decides which pages are told to reload, and why.
 * - A version is ordered when it differs from the one that the page runs, a rollback included, and was seen twice in a row.
 * - A version is ordered again only after a long pause, which grows. The page remembers the orders across its reload.
 * - `stuck` is ordered only while the version endpoint answers, so that no page is reloaded into an error page, or because a
 *   server that was away has come back.
 */
export interface Orders {
  arrive(tab: string, page: PageOrders): void
  leave(tab: string): void
  /** The version endpoint gave a version, and has done so for `answeringFor` ms while the link was down; 0 while it is up. */
  seen(version: string, answeringFor: number): void
  /** The link is up: `stuck` orders given before do not count in the next outage. */
  online(): void
  /** The version that a reload of this tab did not bring. */
  ineffective(tab: string): string | undefined
}

/** How long to wait before an order that did not help is repeated, in ms. It doubles with each time, up to `LONGEST`. */
const PAUSE = 10 * 60_000
const LONGEST = 24 * 3_600_000
/** The most orders that a page remembers. */
const MOST = 20
/** The key of a `stuck` order among the versions. No version is empty. */
const STUCK = ''

/** Returns the pause after an order that was given `times` times, in ms. */
export const pauseAfter = (times: number, first: number): number =>
  Math.min(LONGEST, first * 2 ** (times - 1))

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
    // It was ordered, and the page has reloaded and still runs another version.
    if (tab.given.has(version) || tab.ineffective === version) return
    tab.ineffective = version
    ineffective(id, version)
  }

  return {
    arrive(id, page) {
      const time = now()
      // A time in the future was written before the machine's clock was set back. The pause counts from now instead.
      const memory = page.memory.map(([key, times, at]) => [key, times, Math.min(at, time)] as const)
      const tab = { ...page, memory, given: new Set(page.given) }
      tabs.set(id, tab)
      if (page.memory.some(([, , at]) => at > time)) remind(id, rememberedBy(tab))
    },
    leave: (tab) => void tabs.delete(tab),
    seen(version, answeringFor) {
      const all = [...tabs].filter(([, tab]) => tab.remembers)
      for (const [, tab] of all) tab.version ??= version
      const outdated = all.filter(([, tab]) => tab.version !== version)
      if (outdated.length > 0 && unconfirmed !== version) {
        unconfirmed = version
        confirm()
        return
      }
      unconfirmed = undefined
      for (const [id, tab] of outdated) orderVersion(id, tab, version)
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

const rememberedBy = ({ memory, given }: Tab): Remembered => ({ orders: memory, given: [...given] })
