import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults } from 'axe-core'
import type { Page } from 'playwright'
import { expect } from 'vitest'
import { openTab } from './demo'
import { test } from './setup'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')

const VIEWS = [
  ...['overview', 'errors', 'tmux', 'queue', 'nodes', 'features', 'bugs', 'workflow/42', 'vault'].map(
    (name) => `/#${name}`,
  ),
  '/?usual#overview',
  '/?compare',
  '/?embed#overview',
]

/** What axe finds fault with, each with where. */
async function complaints(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  )
}

for (const scheme of ['light', 'dark'] as const) {
  test(`every view holds under axe, ${scheme}`, async ({ demo, context }) => {
    const tab = await openTab(context, demo.url)
    await tab.page.emulateMedia({ colorScheme: scheme })
    for (const view of VIEWS) {
      await tab.page.goto('about:blank')
      await tab.page.goto(`${demo.url}${view}`)
      await tab.page.locator('h1').first().waitFor()
      if (!view.includes('compare')) await tab.shows(view.includes('vault') ? 'denied' : 'live')
      expect([view, ...(await complaints(tab.page))]).toEqual([view])
    }
  })

  test(`stale data and a verdict hold under axe, ${scheme}`, async ({ demo, open }) => {
    const tab = await open('/#errors')
    await tab.page.emulateMedia({ colorScheme: scheme })
    await tab.shows('live')
    await tab.press('Refuse sockets, answer HTTP', 3)
    await tab.shows('stale')
    // The colour goes by degrees.
    await tab.page
      .locator('#panel .body')
      .evaluate((body) => Promise.all(body.getAnimations().map(({ finished }) => finished)))
    expect(await complaints(tab.page)).toEqual([])
    await tab.verdict('Refuse sockets, answer HTTP')
    expect(await complaints(tab.page)).toEqual([])
    expect((await demo.census()).partyline.sockets).toBe(1)
  })
}

test('the theme is the system’s until somebody chooses one, and then stays', async ({ open }) => {
  const { page, shows } = await open('/#overview')
  await page.emulateMedia({ colorScheme: 'light' })
  const ground = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const light = await ground()
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await ground()
  expect(dark).not.toBe(light)
  await page.getByRole('button', { name: 'Theme: auto' }).click()
  expect(await ground()).toBe(light)
  await page.reload()
  await shows('live')
  expect(await ground()).toBe(light)
  await page.getByRole('button', { name: 'Theme: light' }).click()
  expect(await ground()).toBe(dark)
})

test('everything can be reached and worked with the keyboard, and the focus shows', async ({ open }) => {
  const tab = await open('/#overview')
  const { page } = tab
  await tab.shows('live')
  await page.keyboard.press('Tab')
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Skip to the panel')
  const reached = new Set<string>()
  for (let n = 0; n < 120; n += 1) {
    await page.keyboard.press('Tab')
    const focus = await page.evaluate(() => {
      const outer = document.activeElement
      const element = outer?.shadowRoot?.activeElement ?? outer
      if (!element || element === document.body) return undefined
      const { outlineStyle, outlineWidth } = getComputedStyle(element)
      return {
        name: element.textContent || element.getAttribute('aria-label') || '',
        outline: `${outlineStyle} ${outlineWidth}`,
      }
    })
    if (!focus) break
    expect(focus).toMatchObject({ outline: 'solid 2px' })
    reached.add(focus.name)
  }
  for (const name of ['errors', 'workflow', 'Hang up', 'Kill the worker', 'Freeze this tab'])
    expect(reached).toContain(name)
})
