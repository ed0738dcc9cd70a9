import { defineBrowserProvider } from '@vitest/browser'
import type { BrowserProvider } from 'vitest/node'
import { findWebKit } from '../../../scripts/webkit.ts'
import type { Engine } from '../engine.ts'
import { type Browser, startBrowser, type Window } from './browser.ts'
import { webkitEngine } from './engine.ts'

/** Opens Vitest's page in WebKitGTK. Playwright cannot: it drives only a WebKit of its own, which it has to download. */
export const webkit = () =>
  defineBrowserProvider({
    name: 'webkitgtk',
    supportedBrowser: ['webkit'],
    options: {},
    providerFactory: createProvider,
  })

async function start(): Promise<Browser> {
  const found = findWebKit()
  if (!found)
    throw new Error('This machine has no WebKitGTK. To install it, run "npx tsx scripts/webkit.ts".')
  return startBrowser(found)
}

function createProvider(): BrowserProvider {
  let browser: Promise<Browser> | undefined
  /** The window of each session of Vitest, and what its commands ask. */
  const sessions = new Map<string, { readonly window: Window; readonly engine: Engine }>()

  return {
    name: 'webkitgtk',
    supportsParallelism: false,
    getCommandsContext: (id) => ({ engine: sessions.get(id)?.engine }),
    async openPage(id, url) {
      browser ??= start()
      const window = await (await browser).open()
      await sessions.get(id)?.window.close()
      sessions.set(id, { window, engine: webkitEngine(await browser, window) })
      await window.load(url)
    },
    async close() {
      await (await browser)?.close()
    },
  }
}
