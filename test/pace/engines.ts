import { type Browser, chromium, firefox } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium'
import { findFirefox } from '../../scripts/firefox'

/** A browser that opens pages. */
export interface Engine {
  readonly version: string
  /** Opens a page. Returns what closes it. */
  open(url: string): Promise<() => Promise<void>>
  close(): Promise<void>
}

/** How long a page may take to load, in ms: all of them load at once, perhaps on a busy machine. */
const LOAD = 120_000

async function inPlaywright(launched: Promise<Browser>): Promise<Engine> {
  const browser = await launched
  const context = await browser.newContext()
  return {
    version: browser.version(),
    async open(url) {
      const page = await context.newPage()
      await page.goto(url, { timeout: LOAD })
      return () => page.close()
    },
    close: () => browser.close(),
  }
}

/** What starts each engine. */
export const ENGINES = {
  chromium() {
    const executablePath = findChromium()
    return inPlaywright(
      chromium.launch({ ...(executablePath && { executablePath }), args: CHROMIUM_ARGUMENTS }),
    )
  },
  firefox() {
    const executablePath = findFirefox()
    // A Firefox that is not Playwright's own speaks WebDriver BiDi, which this channel selects.
    return inPlaywright(firefox.launch(executablePath ? { executablePath, channel: 'moz-firefox' } : {}))
  },
} satisfies Readonly<Record<string, () => Promise<Engine>>>

export type EngineName = keyof typeof ENGINES
export const NAMES = Object.keys(ENGINES) as EngineName[]
