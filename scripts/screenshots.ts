import { mkdirSync, writeFileSync } from 'node:fs'
import type { Browser } from 'playwright'
import { launchBrowser, openTab, startDemo, type Tab } from '../test/demo/demo'

/** Takes the screenshots for the README, of a running demo while its faults are used. */

/** The largest size of a screenshot, in bytes. */
const LARGEST = 100_000
const FOLDER = 'docs'

interface Shot {
  readonly name: string
  readonly path: string
  readonly scheme: 'light' | 'dark'
  readonly width: number
  readonly height: number
  /** Prepares the page before the screenshot. */
  readonly act: (tab: Tab) => Promise<unknown>
}

async function breakIt(tab: Tab) {
  await tab.shows('live')
  await tab.press('Stop the server', 4)
  await tab.verdict('Stop the server')
  await tab.shows('live')
  // Scrolls the card to the middle of its panel.
  await tab.fault('Stop the server').evaluate((card) => card.scrollIntoView({ block: 'center' }))
  await tab.page.evaluate(() => scrollTo(0, 0))
  await tab.page.locator('[data-figure="partyline sockets"]').getByText('1').waitFor()
}

async function goesOffline(tab: Tab) {
  await tab.shows('live')
  await tab.press('Refuse sockets, answer HTTP', 30)
  await tab.page.evaluate(() => scrollTo(0, 0))
  await tab.badge.getByText('next try in 3 s').waitFor()
}

async function countBoth({ page }: Tab) {
  await page.locator('[data-figure="usual sockets"]').getByText('4').waitFor()
  for (const frame of page.frames().slice(1))
    await frame.locator('#panel[data-state="live"] .area[d*="L"]').first().waitFor({ state: 'attached' })
}

const SHOTS: readonly Shot[] = [
  { name: 'demo-light', path: '/#errors', scheme: 'light', width: 1360, height: 850, act: breakIt },
  { name: 'demo-dark', path: '/#errors', scheme: 'dark', width: 1360, height: 850, act: breakIt },
  { name: 'demo-side-by-side', path: '/?compare', scheme: 'light', width: 1360, height: 850, act: countBoth },
  { name: 'demo-phone', path: '/#overview', scheme: 'dark', width: 390, height: 760, act: goesOffline },
]

async function take(browser: Browser, { name, path, scheme, width, height, act }: Shot) {
  // A new server for each, so that its counters start at zero.
  const demo = await startDemo()
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme })
  const tab = await openTab(context, `${demo.url}${path}`)
  await act(tab)
  const session = await context.newCDPSession(tab.page)
  const { data } = await session.send('Page.captureScreenshot', { format: 'webp', quality: 82 })
  const picture = Buffer.from(data, 'base64')
  if (picture.length > LARGEST)
    throw new Error(`${name} has ${picture.length} bytes, but the limit is ${LARGEST}.`)
  writeFileSync(`${FOLDER}/${name}.webp`, picture)
  console.log(`${FOLDER}/${name}.webp, ${(picture.length / 1000).toFixed(1)} kB`)
  await context.close()
  await demo.stop()
}

mkdirSync(FOLDER, { recursive: true })
const browser = await launchBrowser()
for (const shot of SHOTS) await take(browser, shot)
await browser.close()
