import { now } from '../clock'

/**
 * - `here`: its page said hello and is alive
 * - `away`: its page is gone; another may come within `grace`
 */
type Presence = 'here' | 'away'

interface Tab {
  presence: Presence
  visible: boolean
  /** Grows each time a tab comes to the front: the tab with the largest was in front last. */
  front: number
  /** Whether it comes from the database, and no page of it has said goodbye or hello since. */
  readonly isMissing?: boolean
  /** Whether its page can be asked for tokens. */
  readonly hasToken: boolean
  /** Disposes what the presence began: the watch on the lock, or the timer of `grace`. */
  exit: () => void
}

/** How much of a tab's id others see: enough to tell tabs apart, too little to say hello in that tab's place. */
const SHOWN = 12
export const shortId = (tab: string): string => tab.slice(0, SHOWN)

const isBefore = (tab: Tab, other: Tab) =>
  tab.visible === other.visible ? tab.front > other.front : tab.visible

export interface TabsParts {
  readonly grace: number
  /** Calls `gone` once the tab's lock is free, or it does not answer any more. Returns a function that stops watching. */
  readonly watch: (tab: string, lock: string | undefined, gone: () => void) => () => void
  /** A tab is here. */
  readonly arrived: () => void
  /** A tab's page is gone. Its panels are kept for `grace`. */
  readonly went: (tab: string) => void
  /** A tab has been here for `grace`: panels that its page did not subscribe to again are given up. */
  readonly settled: (tab: string) => void
  /** A tab did not come back within `grace`, or left without one. */
  readonly forgotten: (tab: string, hadGrace: boolean) => void
}

export interface ArrivingPage {
  readonly lock: string | undefined
  readonly visible: boolean
  /** When the page was last in front, if it says so. */
  readonly front?: number | undefined
  readonly hasToken: boolean
}

export interface Tabs {
  /** A tab said hello. */
  arrive(tab: string, page: ArrivingPage): void
  /** A tab came to the foreground or was focused, or went to the background. */
  show(tab: string, visible: boolean): void
  /** Of these tabs, the visible one that was in front last; without a visible one, the one that was in front last. Only tabs that are here count. */
  first(tabs: Iterable<string>): string | undefined
  /** The tabs that can be asked for a token: visible ones first. */
  withToken(): readonly string[]
  /** Adds a tab from the database as `away`. `isMissing`: it was here when the worker before this one ended. */
  expect(tab: string, isMissing: boolean): void
  /** A tab's page said goodbye, or its lock is free. */
  depart(tab: string): void
  /** Removes a tab at once, without `grace`. */
  forget(tab: string): void
  has(tab: string): boolean
  isHere(tab: string): boolean
  isVisible(tab: string): boolean
  /** Whether the tab was here when the worker before this one ended, and has not come back. */
  isMissing(tab: string): boolean
  list(): readonly string[]
  /** Removes all tabs without calling `forgotten`: another worker serves them. */
  dispose(): void
}

/** Which tabs there are, and which of them are alive. */
export function createTabs({ grace, watch, arrived, went, settled, forgotten }: TabsParts): Tabs {
  const tabs = new Map<string, Tab>()
  let latest = 0

  /** Later than any tab was in front before, also within one ms. */
  function nextFront(): number {
    latest = Math.max(now(), latest + 1)
    return latest
  }

  function forget(id: string, hadGrace: boolean) {
    tabs.get(id)?.exit()
    if (tabs.delete(id)) forgotten(id, hadGrace)
  }

  function enter(id: string, tab: Tab) {
    tabs.get(id)?.exit()
    tabs.set(id, tab)
  }

  function expect(id: string, isMissing = false) {
    const timer = setTimeout(() => forget(id, true), grace)
    enter(id, {
      presence: 'away',
      visible: false,
      front: 0,
      isMissing,
      hasToken: false,
      exit: () => clearTimeout(timer),
    })
  }

  function depart(id: string) {
    if (tabs.get(id)?.presence !== 'here') return
    expect(id)
    went(id)
  }

  return {
    arrive(id, { lock, visible, front = visible ? now() : 0, hasToken }) {
      const unwatch = watch(id, lock, () => depart(id))
      const timer = setTimeout(() => settled(id), grace)
      const exit = () => {
        unwatch()
        clearTimeout(timer)
      }
      const own = Math.min(front, now())
      latest = Math.max(latest, own)
      enter(id, { presence: 'here', visible, front: own, hasToken, exit })
      arrived()
    },
    show(id, visible) {
      const tab = tabs.get(id)
      if (!tab) return
      tab.visible = visible
      if (visible) tab.front = nextFront()
    },
    first(ids) {
      let best: string | undefined
      for (const id of ids) {
        const tab = tabs.get(id)
        const other = tabs.get(best ?? '')
        if (tab?.presence === 'here' && (!other || isBefore(tab, other))) best = id
      }
      return best
    },
    withToken: () =>
      [...tabs]
        .filter(([, tab]) => tab.hasToken)
        .sort(([, a], [, b]) => Number(b.visible) - Number(a.visible))
        .map(([id]) => id),
    expect(id, isMissing) {
      if (!tabs.has(id)) expect(id, isMissing)
    },
    depart,
    forget: (id) => forget(id, false),
    has: (id) => tabs.has(id),
    isVisible: (id) => tabs.get(id)?.visible === true,
    isMissing: (id) => tabs.get(id)?.isMissing === true,
    isHere: (id) => tabs.get(id)?.presence === 'here',
    list: () => [...tabs.keys()],
    dispose() {
      for (const { exit } of tabs.values()) exit()
      tabs.clear()
    },
  }
}
