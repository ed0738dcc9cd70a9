import { type Browser, chromium, firefox } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium'
import { findFirefox } from '../../scripts/firefox'
import { findWebKit } from '../../scripts/webkit'
import { startBrowser } from '../engines/webkit/browser'

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

async function inWebKit(): Promise<Engine> {
  const found = findWebKit()
  if (!found) throw new Error('No WebKitGTK found. Run `npx tsx scripts/webkit.ts` to install it.')
  const browser = await startBrowser(found)
  let last: Promise<unknown> = Promise.resolve()
  return {
    version: browser.version,
    async open(url) {
      // One after another: each window starts a process, and has to load within 20 s.
      const opened = last.then(async () => {
        const window = await browser.open()
        await window.load(url)
        return window
      })
      last = opened.catch(() => {})
      return (await opened).close
    },
    close: browser.close,
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
  webkit: inWebKit,
} satisfies Readonly<Record<string, () => Promise<Engine>>>

export type EngineName = keyof typeof ENGINES
export const NAMES = Object.keys(ENGINES) as EngineName[]
