import { chromium } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium'
import type { Launch } from './browser'
import { createPage, type Manner } from './playwright-page'
import { createProcesses } from './processes'

const manner: Manner = (page, crashed) => {
  page.on('crash', crashed)
  return {
    // The navigation never ends.
    crash: async () => void page.goto('chrome://crash').catch(() => {}),
    leave: async () => void (await page.goto('about:blank')),
    back: async () => void (await page.goBack({ waitUntil: 'commit' })),
  }
}

export const launchChromium: Launch = async () => {
  const executablePath = findChromium()
  const browser = await chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: CHROMIUM_ARGUMENTS,
    ignoreDefaultArgs: ['--disable-back-forward-cache'],
  })
  const context = await browser.newContext()
  const processes = createProcesses({
    commandLine: '--type=renderer',
    threads: { dedicated: 'DedicatedWorker', shared: 'SharedWorker' },
  })
  return {
    lost: new Promise((lose) => browser.once('disconnected', () => lose('The browser has ended.'))),
    open: async () => createPage(await context.newPage(), processes, manner),
    evaluateEverywhere: async (expression) =>
      void (await Promise.allSettled(context.pages().map((page) => page.evaluate(expression)))),
    workerProcesses: processes.withSharedWorkers,
    close: () => browser.close(),
  }
}
