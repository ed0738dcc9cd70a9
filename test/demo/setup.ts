import type { Browser, BrowserContext } from 'playwright'
import { test as base, expect } from 'vitest'
import { type Demo, launchBrowser, openTab, startDemo, type Tab, watchConsole } from './demo'

interface Fixtures {
  readonly demo: Demo
  readonly browser: Browser
  /** A separate profile. Its pages and workers must print no warnings and no errors. */
  readonly context: BrowserContext
  /** Opens a tab at a path of the demo, and waits until it is online. */
  readonly open: (path: string) => Promise<Tab>
}

/** One demo and one browser per file; one profile per test. */
export const test = base.extend<Fixtures>({
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: vitest reads the needed fixtures from the pattern
    async ({}, use) => {
      const demo = await startDemo()
      await use(demo)
      await demo.stop()
    },
    { scope: 'file' },
  ],
  browser: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const browser = await launchBrowser()
      await use(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  context: async ({ browser }, use) => {
    const context = await browser.newContext({ viewport: { width: 1360, height: 900 } })
    const messages = watchConsole(context)
    await use(context)
    await context.close()
    expect(messages).toEqual([])
  },
  open: async ({ demo, context }, use) => {
    await use(async (path) => {
      const tab = await openTab(context, `${demo.url}${path}`)
      await tab.says('online')
      return tab
    })
  },
})
