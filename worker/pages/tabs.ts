/** - `here`: said hello, and its lock is held  - `away`: went, and may come back within `grace` */
type Presence = 'here' | 'away'

interface Tab {
  presence: Presence
  visible: boolean
  /** Whether its page can be asked for tokens. */
  readonly hasToken: boolean
  /** Ends what the presence began: the watch on the lock, or the time of grace. */
  exit: () => void
}

/** How much of a tab's id others see: enough to tell tabs apart, too little to say hello in that tab's place. */
const SHOWN = 12
export const shortId = (tab: string): string => tab.slice(0, SHOWN)

export interface TabsParts {
  readonly grace: number
  /** Calls `gone` once the tab is: its lock is free, or it gives no sign of life. Returns how to stop. */
  readonly watch: (tab: string, lock: string | undefined, gone: () => void) => () => void
  /** A tab went; what it wants is kept for a while. */
  readonly went: (tab: string) => void
  /** A tab has been back for `grace`: what it did not ask for again, it does not want. */
  readonly settled: (tab: string) => void
  /** A tab's time of grace is over, or it left for good without one. */
  readonly forgotten: (tab: string, hadGrace: boolean) => void
}

export interface Tabs {
  /** A tab said hello. */
  arrive(tab: string, page: { lock: string | undefined; visible: boolean; hasToken: boolean }): void
  /** A tab came to the front, or went to the back. */
  show(tab: string, visible: boolean): void
  /** The tabs that can be asked for a token: those in front first. */
  withToken(): readonly string[]
  /** A tab known from the database: it has `grace` to come back. */
  expect(tab: string): void
  /** A tab said it goes, or its lock is free. */
  depart(tab: string): void
  /** A tab leaves for good, without grace. */
  forget(tab: string): void
  has(tab: string): boolean
  isHere(tab: string): boolean
  isVisible(tab: string): boolean
  list(): readonly string[]
}

/** Who is alive. */
export function createTabs({ grace, watch, went, settled, forgotten }: TabsParts): Tabs {
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
  }
}
