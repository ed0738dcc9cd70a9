import { type Browser, chromium, type Page } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium.ts'
import { pageHeap, sharedWorkers, workerHeap } from '../support/debugger.ts'
import { cannot, type Engine, type EnginePage } from './engine.ts'
import { openFreezablePage } from './freezable-page.ts'
import { openPlaywrightPage } from './playwright-page.ts'
import { processMemory } from './process-memory.ts'

/** Chromium, driven by Playwright and, where that has no call, by the debugger's protocol. */

const browserOf = (page: Page): Browser => {
  const browser = page.context().browser()
  if (!browser) throw new Error('The page has no browser.')
  return browser
}

/** The processes of a browser that run its pages and workers. */
export async function renderers(browser: Browser): Promise<readonly number[]> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

async function heap(page: Page, test: string) {
  const browser = browserOf(page)
  const worker = (await sharedWorkers(browser)).find(({ url }) => url.includes(`test=${test}`))
  if (!worker) throw new Error(`There is no shared worker of the test "${test}".`)
  return { page: await pageHeap(page), worker: await workerHeap(browser, worker.targetId) }
}

const open = (page: Page, url: string, pid: () => number | undefined = () => undefined) =>
  openPlaywrightPage(page, url, {
    async crash() {
      const crashed = page.waitForEvent('crash')
      // A page that crashes never answers.
      void page.goto('chrome://crash').catch(() => {})
      await crashed
    },
    freeze: cannot('be frozen: open it with `bench.freezable`'),
    memory: async () => processMemory(pid()),
    heap: (test) => heap(page, test),
  })

async function openAlone(page: Page, url: string): Promise<EnginePage> {
  const before = await renderers(browserOf(page))
  let own: number | undefined
  const opened = await open(page, url, () => own)
  own = (await renderers(browserOf(page))).find((pid) => !before.includes(pid))
  return opened
}

export const chromiumEngine = (tests: Page): Engine => ({
  async open(url, need) {
    if (need === 'freezable') return openFreezablePage(tests, url)
    const page = await tests.context().newPage()
    return need === 'own process' ? openAlone(page, url) : open(page, url)
  },
  async launch(folder, args = []) {
    const executablePath = findChromium()
    const browser = await chromium.launchPersistentContext(folder, {
      ...(executablePath !== undefined && { executablePath }),
      args: [...CHROMIUM_ARGUMENTS, ...args],
    })
    return {
      open: async (url) => open(await browser.newPage(), url),
      async permit(origin, name, setting) {
        // The answers of a session that ends are taken back.
        const session = await browser.browser()?.newBrowserCDPSession()
        await session?.send('Browser.setPermission', { permission: { name }, setting, origin })
      },
      close: () => browser.close(),
    }
  },
  async wipeDatabases() {
    const session = await tests.context().newCDPSession(tests)
    const { origin } = new URL(tests.url())
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
    await session.detach()
  },
})
