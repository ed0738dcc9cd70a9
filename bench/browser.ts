import { type Browser, type BrowserContext, chromium, type Page } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../scripts/chromium'
import { memory, processorTime, processTree, rendererTimes } from './processes'

/** How long each sample of the browser's processor time takes, in ms, and the largest number of samples. */
const SAMPLE = 200
const SAMPLES = 10

/** The tabs of one contender, in their own browser profile. */
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
  /** The processor time of all its processes so far, in ms. */
  cpu(): number
  /** The same of each process that runs pages and workers, by its id. */
  rendererCpu(): ReadonlyMap<number, number>
  /** Resolves once it uses less than a tenth of a processor: it is busy for a while after opening or closing tabs. */
  rest(): Promise<void>
  /** Memory of all its processes, in bytes. */
  memory(): number
  close(): Promise<void>
}

async function pidOf(browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  const main = processInfo.find(({ type }) => type === 'browser')
  if (!main) throw new Error('Chromium does not report the id of its main process.')
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
  const cpu = () => processorTime(processTree(pid))
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
    cpu,
    async rest() {
      for (let sample = 0; sample < SAMPLES; sample += 1) {
        const before = cpu()
        await new Promise((resolve) => setTimeout(resolve, SAMPLE))
        if (cpu() - before < SAMPLE / 10) return
      }
    },
    rendererCpu: () => rendererTimes(processTree(pid)),
    memory: () => memory(processTree(pid)),
    close: () => browser.close(),
  }
}
