/**
 * - `here`: its page said hello and is alive
 * - `away`: its page is gone; another may come within `grace`
 */
type Presence = 'here' | 'away'

interface Tab {
  presence: Presence
  visible: boolean
  /** Whether its page can be asked for tokens. */
  readonly hasToken: boolean
  /** Disposes what the presence began: the watch on the lock, or the timer of `grace`. */
  exit: () => void
}

/** How much of a tab's id others see: enough to tell tabs apart, too little to say hello in that tab's place. */
const SHOWN = 12
export const shortId = (tab: string): string => tab.slice(0, SHOWN)

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

export interface Tabs {
  /** A tab said hello. */
  arrive(tab: string, page: { lock: string | undefined; visible: boolean; hasToken: boolean }): void
  /** A tab came to the foreground, or went to the background. */
  show(tab: string, visible: boolean): void
  /** The tabs that can be asked for a token: visible ones first. */
  withToken(): readonly string[]
  /** Adds a tab from the database as `away`. */
  expect(tab: string): void
  /** A tab's page said goodbye, or its lock is free. */
  depart(tab: string): void
  /** Removes a tab at once, without `grace`. */
  forget(tab: string): void
  has(tab: string): boolean
  isHere(tab: string): boolean
  isVisible(tab: string): boolean
  list(): readonly string[]
  /** Removes all tabs without calling `forgotten`: another worker serves them. */
  dispose(): void
}

/** Which tabs there are, and which of them are alive. */
export function createTabs({ grace, watch, arrived, went, settled, forgotten }: TabsParts): Tabs {
  const tabs = new Map<string, Tab>()

  function forget(id: string, hadGrace: boolean) {
    tabs.get(id)?.exit()
    if (tabs.delete(id)) forgotten(id, hadGrace)
  }

  function enter(id: string, tab: Tab) {
    tabs.get(id)?.exit()
    tabs.set(id, tab)
  }

  function expect(id: string) {
    const timer = setTimeout(() => forget(id, true), grace)
    enter(id, { presence: 'away', visible: false, hasToken: false, exit: () => clearTimeout(timer) })
  }

  function depart(id: string) {
    if (tabs.get(id)?.presence !== 'here') return
    expect(id)
    went(id)
  }

  return {
    arrive(id, { lock, visible, hasToken }) {
      const unwatch = watch(id, lock, () => depart(id))
      const timer = setTimeout(() => settled(id), grace)
      const exit = () => {
        unwatch()
        clearTimeout(timer)
      }
      enter(id, { presence: 'here', visible, hasToken, exit })
      arrived()
    },
    show(id, visible) {
      const tab = tabs.get(id)
      if (tab) tab.visible = visible
    },
    withToken: () =>
      [...tabs]
        .filter(([, tab]) => tab.hasToken)
        .sort(([, a], [, b]) => Number(b.visible) - Number(a.visible))
        .map(([id]) => id),
    expect(id) {
      if (!tabs.has(id)) expect(id)
    },
    depart,
    forget: (id) => forget(id, false),
    has: (id) => tabs.has(id),
    isVisible: (id) => tabs.get(id)?.visible === true,
    isHere: (id) => tabs.get(id)?.presence === 'here',
    list: () => [...tabs.keys()],
    dispose() {
      for (const { exit } of tabs.values()) exit()
      tabs.clear()
    },
  }
}
