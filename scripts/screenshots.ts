import { mkdirSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import type { Browser, Page } from 'playwright'
import { launchBrowser, openTab, startDemo, type Tab } from '../test/demo/demo'

/** Takes the pictures of the demo for the README and of the inspector for its page: of a running demo, after real faults. */

/** The most a picture may have, in bytes. */
const LIMIT = 100_000
const FOLDER = 'docs'

interface Shot {
  readonly name: string
  readonly path: string
  readonly scheme: 'light' | 'dark'
  readonly width: number
  readonly height: number
  /** Prepares the page for the picture. */
  readonly prepare: (tab: Tab) => Promise<unknown>
}

async function stopServer(tab: Tab) {
  await tab.shows('live')
  await tab.press('Stop the server', 4)
  await tab.verdict('Stop the server')
  await tab.shows('live')
  // Scroll the fault panel, so that the card is in its middle.
  await tab.fault('Stop the server').evaluate((card) => card.scrollIntoView({ block: 'center' }))
  await tab.page.evaluate(() => scrollTo(0, 0))
  await tab.page.locator('[data-figure="partyline sockets"]').getByText('1').waitFor()
}

async function goOffline(tab: Tab) {
  await tab.shows('live')
  await tab.press('Refuse sockets, answer HTTP', 30)
  await tab.page.evaluate(() => scrollTo(0, 0))
  await tab.badge.getByText('next retry in 3 s').waitFor()
}

async function waitForCounts({ page }: Tab) {
  for (const [figure, count] of [
    ['perTab sockets', '4'],
    ['perTab joins', '8'],
    ['partyline joins', '2'],
  ] as const)
    await page.locator(`[data-figure="${figure}"]`).getByText(count).waitFor()
  for (const frame of page.frames().slice(1))
    await frame.locator('#panel[data-state="live"] .area[d*="L"]').first().waitFor({ state: 'attached' })
}

const SHOTS: readonly Shot[] = [
  { name: 'demo-light', path: '/#errors', scheme: 'light', width: 1360, height: 850, prepare: stopServer },
  { name: 'demo-dark', path: '/#errors', scheme: 'dark', width: 1360, height: 850, prepare: stopServer },
  {
    name: 'demo-side-by-side',
    path: '/?compare',
    scheme: 'light',
    width: 1360,
    height: 850,
    prepare: waitForCounts,
  },
  { name: 'demo-phone', path: '/#overview', scheme: 'dark', width: 390, height: 760, prepare: goOffline },
]

async function capture(page: Page, name: string, scale = 1) {
  const session = await page.context().newCDPSession(page)
  const { data } = await session.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 82,
    clip: { x: 0, y: 0, ...(page.viewportSize() ?? { width: 0, height: 0 }), scale },
  })
  const picture = Buffer.from(data, 'base64')
  if (picture.length > LIMIT)
    throw new Error(`${name} has ${picture.length} bytes; at most ${LIMIT} are allowed.`)
  writeFileSync(`${FOLDER}/${name}.webp`, picture)
  console.log(`${FOLDER}/${name}.webp, ${(picture.length / 1000).toFixed(1)} kB`)
}

async function take(browser: Browser, { name, path, scheme, width, height, prepare }: Shot) {
  // Each picture has its own server, so that its counts are those of the picture.
  const demo = await startDemo()
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme })
  const tab = await openTab(context, `${demo.url}${path}`)
  await prepare(tab)
  await capture(tab.page, name)
  await context.close()
  await demo.stop()
}

/** Causes one of most marks of the timeline: a reload, a loss, failed retries with polls, a gap, and a pause. */
async function fillTimeline(tab: Tab) {
  await tab.press('Broadcast a reload')
  await tab.verdict('Broadcast a reload')
  await setTimeout(8000)
  await tab.press('Cut the connection')
  await tab.verdict('Cut the connection')
  await setTimeout(8000)
  await tab.press('Refuse sockets, answer HTTP', 14)
  await tab.verdict('Refuse sockets, answer HTTP')
  await setTimeout(6000)
  await tab.press('Kill the server', 4)
  await tab.verdict('Kill the server')
  await setTimeout(8000)
  await tab.press('Disconnect')
  await setTimeout(6000)
  await tab.press('Connect')
  await tab.verdict('Connect')
  await setTimeout(6000)
}

/** The inspector alone, in both themes, with its default colours. A tab that has just left is shown as away. */
async function takeInspector(browser: Browser) {
  const demo = await startDemo()
  // So high that the inspector is visible from the beginning: it records polls only while it is.
  const context = await browser.newContext({ viewport: { width: 1080, height: 3000 } })
  const tab = await openTab(context, `${demo.url}/#errors`)
  const others = await Promise.all(
    ['overview', 'vault', 'workflow/57'].map((panel) => openTab(context, `${demo.url}/#${panel}`)),
  )
  for (const each of [tab, ...others]) await each.says('online')
  await fillTimeline(tab)
  const { page } = tab
  await page.bringToFront()
  await page.evaluate(() => {
    const inspector = document.querySelector('partyline-inspector')
    if (inspector) document.body.replaceChildren(inspector)
    Object.assign(document.body.style, { padding: '16px' })
  })
  await others.at(-1)?.page.close()
  const lists = page.locator('.lists')
  await lists.getByText('away').waitFor()
  const { y, height } = (await lists.boundingBox()) ?? { y: 0, height: 0 }
  await page.setViewportSize({ width: 1080, height: Math.ceil(y + height) })
  for (const [name, colorScheme] of [
    ['inspector', 'light'],
    ['inspector-dark', 'dark'],
  ] as const) {
    await page.emulateMedia({ colorScheme })
    await page
      .getByRole('img', { name: /^Offline, polling/ })
      .first()
      .hover()
    await capture(page, name, 1.4)
  }
  await context.close()
  await demo.stop()
}

mkdirSync(FOLDER, { recursive: true })
const browser = await launchBrowser()
for (const shot of SHOTS) await take(browser, shot)
await takeInspector(browser)
await browser.close()
