import { defineBrowserProvider } from '@vitest/browser'
import type { BrowserProvider } from 'vitest/node'
import { findWebKit } from '../../../scripts/webkit.ts'
import { type Browser, startBrowser } from './browser.ts'
import { openPage, type WebKitPage } from './page.ts'

/** Opens Vitest's page in WebKitGTK. Vitest's own providers cannot: Playwright has another WebKit, which it has to download. */
export const webkit = () =>
  defineBrowserProvider({ name: 'webkitgtk', supportedBrowser: ['webkit'], options: {}, providerFactory: createProvider })

function createProvider(): BrowserProvider {
  let browser: Promise<Browser> | undefined
  const pages = new Map<string, WebKitPage>()

  async function start(): Promise<Browser> {
    const found = findWebKit()
    if (!found) throw new Error('There is no WebKitGTK on this machine. Run "npx tsx scripts/webkit.ts" to install it.')
    return startBrowser(found)
  }

  return {
    name: 'webkitgtk',
    supportsParallelism: false,
    getCommandsContext: (session) => ({
      page: pages.get(session),
      // As Playwright's, so that most commands are the same for all browsers.
      context: { newPage: async () => openPage(await (browser ??= start())) },
    }),
    async openPage(session, url) {
      browser ??= start()
      const page = await openPage(await browser)
      await pages.get(session)?.close()
      pages.set(session, page)
      await page.goto(url)
    },
    async close() {
      await (await browser)?.close()
    },
  }
}
