import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../scripts/chromium'
import { memory, processorTime, processTree } from './processes'

/** Tabs of one contender, in a profile of their own. */
export interface Fleet {
  readonly pages: readonly Page[]
  open(): Promise<Page>
  /** Closes a tab. */
  leave(page: Page): Promise<void>
  close(): Promise<void>
}

export interface BenchBrowser {
  readonly version: string
  fleet(url: string): Promise<Fleet>
  /** Processor time of all its processes so far, in ms. */
  cpu(): number
  /** Memory of all its processes, in bytes. */
  memory(): number
  close(): Promise<void>
}

async function pidOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const main = processInfo.find(({ type }) => type === 'browser')
  if (!main) throw new Error('Chromium does not say which process it is.')
  return main.id
}

async function openPage(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage()
  await page.goto(url)
  return page
}

export async function launchBrowser(): Promise<BenchBrowser> {
  const executablePath = findChromium()
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: CHROMIUM_ARGUMENTS,
  })
  const pid = await pidOf(browser)
  return {
    version: browser.version(),
    async fleet(url) {
      const context = await browser.newContext()
      const pages: Page[] = []
      return {
        pages,
        async open() {
          const page = await openPage(context, url)
          pages.push(page)
          return page
        },
        async leave(page) {
          pages.splice(pages.indexOf(page), 1)
          await page.close()
        },
        close: () => context.close(),
      }
    },
    cpu: () => processorTime(processTree(pid)),
    memory: () => memory(processTree(pid)),
    close: () => browser.close(),
  }
}
