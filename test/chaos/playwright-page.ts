import type { Page } from 'playwright'
import type { ChaosPage, PageEvents } from './browser'
import { freeze, type Processes } from './processes'

/** What Playwright does not do alike in all engines. `crashed` is to be called once the page's process has ended. */
export type Manner = (page: Page, crashed: () => void) => Pick<ChaosPage, 'crash' | 'leave' | 'back'>

export function createPage(page: Page, processes: Processes, manner: Manner): ChaosPage {
  const listeners: PageEvents[] = []
  let crashed = () => {}
  const isCrashed = new Promise<void>((done) => {
    crashed = done
  })
  page.on('pageerror', ({ message }) => {
    for (const { error } of listeners) error(message)
  })
  const own = manner(page, () => {
    crashed()
    for (const { crash } of listeners) crash()
  })
  // Not every engine ends what runs in a page that crashes.
  const evaluate = (expression: string) =>
    Promise.race([
      page.evaluate(expression),
      isCrashed.then(() => Promise.reject(new Error('The page has crashed.'))),
    ])

  return {
    listen: (events) => void listeners.push(events),
    load: async (url) => void (await page.goto(url)),
    reload: async () => void (await page.reload({ waitUntil: 'commit' })),
    leave: own.leave,
    back: own.back,
    async duplicate() {
      const opened = page.waitForEvent('popup')
      await evaluate('void window.open(location.href)')
      return createPage(await opened, processes, manner)
    },
    evaluate,
    async crash() {
      await own.crash()
      await isCrashed
    },
    freeze: async (ms) => freeze(await processes.find(evaluate), ms),
    close: () => page.close(),
  }
}
