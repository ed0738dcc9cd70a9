import type { ToTab } from '../../shared/wire'
import { RETURN_WAIT } from '../delivery/duty'
import type { Tabs } from './tabs'

/** How long a tab may take to learn that it does not lead any more, in ms. */
const PATIENCE = 1000

export interface LeadParts {
  readonly tabs: Pick<Tabs, 'first' | 'isMissing' | 'list'>
  readonly post: (tab: string, message: ToTab) => void
}

/**
 * Which of the tabs that ask for it leads: the one that is in front, or else the one that was in front last. The next one is told
 * once the last one has answered that it knows, or is gone, or has had `PATIENCE`. A new worker first waits until the tabs of the
 * last one are back, at most for `RETURN_WAIT`: one of them may still lead.
 */
export interface Lead {
  /** The tab's page listens, with the number of its call; or with 0 not any more. */
  listen(tab: string, call: number): void
  /** The tab's page knows that it does not lead any more. Each page says so once for each time that it was told. */
  resigned(tab: string): void
  /** The tab's page is gone. */
  leave(tab: string): void
  /** Another tab may be in front now. */
  elect(): void
  dispose(): void
}

export function createLead({ tabs, post }: LeadParts): Lead {
  /** The call of each page that listens, what it was told last, and how often it has still to say that it has resigned. */
  const pages = new Map<string, { readonly call: number; leads?: boolean; owes: number }>()
  /** Whether tabs of the worker before may still come back. */
  let isAwaiting = true
  const start = setTimeout(() => {
    isAwaiting = false
    elect()
  }, RETURN_WAIT)
  let leader: string | undefined
  /** Runs while the leader has to learn that it does not lead any more. */
  let timer: ReturnType<typeof setTimeout> | undefined

  function tell(tab: string, leads: boolean) {
    const page = pages.get(tab)
    if (!page || page.leads === leads) return
    if (page.leads) page.owes += 1
    page.leads = leads
    post(tab, { type: 'lead', call: page.call, leads })
  }

  function elect() {
    if (timer !== undefined || pages.size === 0) return
    if (isAwaiting && tabs.list().some(tabs.isMissing)) return
    const next = tabs.first(pages.keys())
    if (leader !== undefined && leader !== next) {
      timer = setTimeout(vacate, PATIENCE)
      return tell(leader, false)
    }
    leader = next
    for (const tab of pages.keys()) tell(tab, tab === next)
  }

  function vacate() {
    clearTimeout(timer)
    timer = undefined
    leader = undefined
    elect()
  }

  function leave(tab: string) {
    pages.delete(tab)
    if (tab === leader) vacate()
  }

  return {
    listen(tab, call) {
      leave(tab)
      if (call > 0) pages.set(tab, { call, owes: 0 })
      elect()
    },
    resigned(tab) {
      const page = pages.get(tab)
      if (!page) return
      page.owes -= 1
      if (tab === leader && timer !== undefined && page.owes === 0) vacate()
    },
    leave,
    elect,
    dispose() {
      clearTimeout(start)
      clearTimeout(timer)
    },
  }
}
