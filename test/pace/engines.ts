import { chromium, firefox } from 'playwright'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../scripts/chromium'
import { findFirefox } from '../../scripts/firefox'

/** A browser that opens pages. */
export interface Engine {
  readonly version: string
  /** Opens a page. Returns what closes it. */
  open(url: string): Promise<() => Promise<void>>
  close(): Promise<void>
}

const ENGINES = {
  chromium() {
    const executablePath = findChromium()
    return chromium.launch({ ...(executablePath && { executablePath }), args: CHROMIUM_ARGUMENTS })
  },
  firefox() {
    const executablePath = findFirefox()
    return firefox.launch(executablePath ? { executablePath, channel: 'moz-firefox' } : {})
  },
}

export type EngineName = keyof typeof ENGINES
export const NAMES = Object.keys(ENGINES) as EngineName[]

export async function startEngine(name: EngineName): Promise<Engine> {
  const browser = await ENGINES[name]()
  const context = await browser.newContext()
  return {
    version: browser.version(),
    async open(url) {
      const page = await context.newPage()
      await page.goto(url, { timeout: 120_000 })
      return () => page.close()
    },
    close: () => browser.close(),
  }
}
