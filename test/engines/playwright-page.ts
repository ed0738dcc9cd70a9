import { readFileSync } from 'node:fs'
import type { Page } from 'playwright'
import { type EnginePage, READY } from './engine.ts'

/** A page that Playwright drives, in any engine. */

/** What Playwright has no call for. */
export type EngineOnly = Pick<EnginePage, 'crash' | 'freeze' | 'memory' | 'heap'>

/** Loads the page and waits for its script. An error of the script fails the test. */
async function load(page: Page, go: () => Promise<unknown>): Promise<void> {
  let fail = (_: Error) => {}
  const failed = new Promise<never>((_, reject) => {
    // Firefox reports a dedicated worker that cannot be loaded as an error of its page.
    fail = (error) => error.message.startsWith('Loading Worker') || reject(error)
  })
  page.on('pageerror', fail)
  await Promise.race([go().then(() => page.evaluate(READY)), failed]).finally(() =>
    page.off('pageerror', fail),
  )
}

/** Opens an address in a new page of Playwright's. */
export async function openPlaywrightPage(page: Page, url: string, only: EngineOnly): Promise<EnginePage> {
  await load(page, () => page.goto(url))
  return {
    ...only,
    run: (source, args) => page.evaluate(`(${source})(...${JSON.stringify(args)})`),
    goto: async (to) => void (await page.goto(to)),
    reload: () => load(page, () => page.reload()),
    close: () => page.close(),
    press: (key) => page.keyboard.press(key),
    async look({ colorScheme, width, height = 900 }) {
      if (colorScheme) await page.emulateMedia({ colorScheme })
      if (width) await page.setViewportSize({ width, height })
    },
    async download(button) {
      const download = page.waitForEvent('download')
      await page.getByRole('button', { name: button }).click()
      const file = await download
      return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') }
    },
  }
}
