import { type Browser, chromium, type Page } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium.ts'
import { pageHeap, sharedWorkers, workerHeap } from '../support/debugger.ts'
import { cannot, type Engine, type EnginePage, READY } from './engine.ts'
import { openFreezablePage } from './freezable-page.ts'
import { openPlaywrightPage } from './playwright-page.ts'
import { processMemory } from './process-memory.ts'

/** Chromium, driven by Playwright and, where that has no call, by the debugger's protocol. */

const browserOf = (page: Page): Browser => {
  const browser = page.context().browser()
  if (!browser) throw new Error('The page has no browser.')
  return browser
}

async function renderers(page: Page): Promise<readonly number[]> {
  const session = await browserOf(page).newBrowserCDPSession()
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
    // A page that crashes never answers.
    crash: async () => void page.goto('chrome://crash').catch(() => {}),
    freeze: cannot('be frozen: open it with `bench.freezable`'),
    memory: async () => processMemory(pid()),
    heap: (test) => heap(page, test),
  })

async function openAlone(page: Page, url: string): Promise<EnginePage> {
  const before = await renderers(page)
  let own: number | undefined
  const opened = await open(page, url, () => own)
  own = (await renderers(page)).find((pid) => !before.includes(pid))
  return opened
}

async function openFreezable(beside: Page, url: string): Promise<EnginePage> {
  const page = await openFreezablePage(beside, url)
  await page.run(`() => ${READY}`, [])
  const not = cannot('do this: it is not driven by Playwright')
  return {
    ...page,
    goto: not,
    reload: not,
    crash: not,
    memory: not,
    heap: not,
    press: not,
    look: not,
    download: not,
  }
}

export const chromiumEngine = (tests: Page): Engine => ({
  async open(url, need) {
    if (need === 'freezable') return openFreezable(tests, url)
    const page = await tests.context().newPage()
    return need === 'own process' ? openAlone(page, url) : open(page, url)
  },
  async launch(folder) {
    const executablePath = findChromium()
    const browser = await chromium.launchPersistentContext(folder, {
      ...(executablePath !== undefined && { executablePath }),
      args: CHROMIUM_ARGUMENTS,
    })
    return { open: async (url) => open(await browser.newPage(), url), close: () => browser.close() }
  },
  async wipeDatabases() {
    const session = await tests.context().newCDPSession(tests)
    const { origin } = new URL(tests.url())
    await session.send('Storage.clearDataForOrigin', { origin, storageTypes: 'indexeddb' })
    await session.detach()
  },
})
