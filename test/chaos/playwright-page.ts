import type { Page } from 'playwright'
import type { ChaosPage, PageEvents } from './browser'
import { freeze, type Processes } from './processes'

/** What Playwright does not do alike in all engines. `crashed` is to be called once the page's process has ended. */
export type Manner = (page: Page, crashed: () => void) => Pick<ChaosPage, 'crash' | 'leave' | 'back'>

/** What Firefox reports beside a page's errors: the failed requests of its dedicated worker, and answers without a type, which it reads as XML. */
const NETWORK_ERROR =
  /^(Firefox can’t establish a connection|The connection to|The Same Origin Policy|no root element found)/

/** Longer than any fault stops a page, in ms. */
const ANSWERS_WITHIN = 20_000

export function createPage(page: Page, processes: Processes, manner: Manner): ChaosPage {
  const listeners: PageEvents[] = []
  let crashed = () => {}
  const isCrashed = new Promise<void>((done) => {
    crashed = done
  })
  page.on('pageerror', ({ message }) => {
    if (NETWORK_ERROR.test(message)) return
    for (const { error } of listeners) error(message)
  })
  const own = manner(page, () => {
    crashed()
    for (const { crash } of listeners) crash()
  })
  // Firefox does not end what runs in a page that crashes, or that is replaced.
  async function evaluate(expression: string): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, fail) => {
      timer = setTimeout(
        fail,
        ANSWERS_WITHIN,
        new Error(`The page did not answer within ${ANSWERS_WITHIN} ms.`),
      )
    })
    const crash = isCrashed.then(() => Promise.reject(new Error('The page has crashed.')))
    try {
      return await Promise.race([page.evaluate(expression), crash, late])
    } finally {
      clearTimeout(timer)
    }
  }

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
