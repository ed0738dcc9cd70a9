import type { BrowserContext } from 'playwright'
import { expect } from 'vitest'
import type { Tab } from './demo'
import { test } from './setup'

/** The bell rings for each new error in one tab: the one that was last in front. */

/** Counts the tones that a page plays. */
const countTones = (context: BrowserContext) =>
  context.addInitScript(() => {
    const start = OscillatorNode.prototype.start
    OscillatorNode.prototype.start = function (when) {
      document.documentElement.dataset['tones'] =
        `${Number(document.documentElement.dataset['tones'] ?? 0) + 1}`
      start.call(this, when)
    }
  })

const tones = async ({ page }: Tab) => Number((await page.locator('html').getAttribute('data-tones')) ?? 0)

const bell = ({ page }: Tab, place: 'off' | 'this tab' | 'another tab') =>
  page.getByRole('button', { name: `Bell: ${place}` })

/** What the browser tells a page whose window comes to the front. */
const bringToFront = ({ page }: Tab) => page.evaluate(() => dispatchEvent(new Event('focus')))

/** The errors that a tab shows, without warnings, and those for which it rang. */
async function rowsOf({ panel }: Tab) {
  const page = panel.page()
  const errors = panel.getByRole('row').filter({ has: page.getByText('error', { exact: true }) })
  const rang = errors.filter({ has: page.getByRole('img', { name: 'rang in this tab' }) })
  return { errors: await errors.count(), rang: await rang.count() }
}

async function burst(tab: Tab, count: number) {
  await tab.press('Burst of events', count)
  expect(await tab.verdict('Burst of events')).toMatch(/^As expected/)
}

for (const path of ['/#errors', '/?websocket#errors'])
  test(`the bell rings in the tab in front, and in the next one when that is closed (${path})`, async ({
    context,
    open,
  }) => {
    await countTones(context)
    const [tab, other] = [await open(path), await open(path)]
    await Promise.all([tab.shows('live'), other.shows('live')])
    await bell(tab, 'off').click()
    await bringToFront(tab)
    await Promise.all([bell(tab, 'this tab').waitFor(), bell(other, 'another tab').waitFor()])

    await burst(tab, 30)
    await expect.poll(() => rowsOf(tab).then(({ errors, rang }) => errors > 0 && rang === errors)).toBe(true)
    expect(await rowsOf(other)).toMatchObject({ rang: 0 })
    expect([(await tones(tab)) > 0, await tones(other)]).toEqual([true, 0])

    await tab.page.close()
    await bell(other, 'this tab').waitFor()
    await burst(other, 30)
    await expect
      .poll(() => rowsOf(other).then(({ errors, rang }) => errors > 0 && rang === errors))
      .toBe(true)
    expect(await tones(other)).toBeGreaterThan(0)

    await bell(other, 'this tab').click()
    await bell(other, 'off').waitFor()
  })
