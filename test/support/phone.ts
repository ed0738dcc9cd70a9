import { type Browser, chromium } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium.ts'
import { type FreezablePage, openFreezablePage } from './freezable-page.ts'

/** A phone's browser. Its pages can be frozen and discarded, and with `sleep` all of them stop, and their workers too. */
export interface Phone {
  open(url: string): Promise<FreezablePage>
  sleep(isAsleep: boolean): Promise<void>
  close(): Promise<void>
}

/** The processes of a browser that run its pages and workers. */
async function renderers(browser: Browser): Promise<readonly number[]> {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  await session.detach()
  return processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
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
    open: (url) => openFreezablePage(beside, url, true),
    sleep,
    async close() {
      await sleep(false)
      await browser.close()
    },
  }
}
