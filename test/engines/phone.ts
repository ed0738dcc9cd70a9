import { chromium } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium.ts'
import { renderers } from './chromium.ts'
import type { EnginePage } from './engine.ts'
import { type FreezablePage, openFreezablePage } from './freezable-page.ts'

/** A phone's browser. Its pages can be frozen and discarded, and with `sleep` all of them stop, and their workers too. */
export interface Phone {
  open(url: string): Promise<PhonePage>
  sleep(isAsleep: boolean): Promise<void>
  close(): Promise<void>
}

/** A page of a phone. */
export type PhonePage = EnginePage & FreezablePage

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
