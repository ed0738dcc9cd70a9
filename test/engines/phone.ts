import { type Browser, chromium } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium.ts'
import { cannot, type EnginePage, READY } from './engine.ts'
import { type FreezablePage, openFreezablePage } from './freezable-page.ts'

/** A phone's browser. Its pages can be frozen and discarded, and with `sleep` all of them stop, and their workers too. */
export interface Phone {
  open(url: string): Promise<PhonePage>
  sleep(isAsleep: boolean): Promise<void>
  close(): Promise<void>
}

/** A page of a phone. */
export type PhonePage = EnginePage & FreezablePage

/** The processes of a browser that run its pages and workers. */
async function renderers(browser: Browser): Promise<readonly number[]> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
}

const not = cannot('do this: it is not driven by Playwright')

const NOT_DRIVEN = {
  goto: not,
  reload: not,
  crash: not,
  memory: not,
  heap: not,
  press: not,
  look: not,
  download: not,
}

export async function startPhone(): Promise<Phone> {
  const executablePath = findChromium()
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: CHROMIUM_ARGUMENTS,
  })
  const beside = await (await browser.newContext()).newPage()
  let asleep: readonly number[] = []

  async function sleep(isAsleep: boolean) {
    if (isAsleep) asleep = await renderers(browser)
    for (const pid of asleep) process.kill(pid, isAsleep ? 'SIGSTOP' : 'SIGCONT')
    if (!isAsleep) asleep = []
  }

  return {
    async open(url) {
      const page = await openFreezablePage(beside, url, true)
      await page.run(`() => ${READY}`, [])
      const restore = async () => {
        await page.restore()
        await page.run(`() => ${READY}`, [])
      }
      return { ...NOT_DRIVEN, ...page, restore }
    },
    sleep,
    async close() {
      await sleep(false)
      await browser.close()
    },
  }
}
