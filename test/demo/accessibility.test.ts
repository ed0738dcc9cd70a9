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
  '/?per-tab#overview',
  '/?compare',
  '/?embed#overview',
  '/?websocket#overview',
  '/?websocket&per-tab#overview',
  '/?websocket&compare',
]

/** The problems that axe finds, each with its place. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations: found } = await page.evaluate<AxeResults>(
    'axe.run(document, { resultTypes: ["violations"] })',
  )
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
  )
}

for (const scheme of ['light', 'dark'] as const) {
  test(`axe finds no problem in any view, ${scheme}`, async ({ demo, context }) => {
    const tab = await openTab(context, demo.url)
    await tab.page.emulateMedia({ colorScheme: scheme })
    for (const view of VIEWS) {
      await tab.page.goto('about:blank')
      await tab.page.goto(`${demo.url}${view}`)
      await tab.page.locator('h1').first().waitFor()
      if (!view.includes('compare')) await tab.shows(view.includes('vault') ? 'denied' : 'live')
      expect([view, ...(await violations(tab.page))]).toEqual([view])
    }
  })

  test(`axe finds no problem in stale data and a verdict, ${scheme}`, async ({ demo, open }) => {
    const tab = await open('/#errors')
    await tab.page.emulateMedia({ colorScheme: scheme })
    await tab.shows('live')
    const acknowledge = (row: number) =>
      tab.panel
        .locator('tbody tr')
        .nth(row)
        .getByRole('button', { name: /^Acknowledge: / })
        .click()
    await acknowledge(2)
    await tab.panel.getByText('✓ in this tab').waitFor()
    await tab.page.getByRole('button', { name: 'Bell: off' }).click()
    await tab.press('Refuse sockets, answer HTTP', 3)
    await tab.shows('stale')
    await acknowledge(0)
    await tab.panel.getByText('waits to be sent').waitFor()
    // The colour fades out.
    await tab.page
      .locator('#panel .body')
      .evaluate((body) => Promise.all(body.getAnimations().map(({ finished }) => finished)))
    expect(await violations(tab.page)).toEqual([])
    await tab.verdict('Refuse sockets, answer HTTP')
    expect(await violations(tab.page)).toEqual([])
    expect((await demo.counts()).partyline.sockets).toBe(1)
  })
}

test('the theme is the system’s until the user chooses one, and a reload keeps it', async ({ open }) => {
  const { page, shows } = await open('/#overview')
  await page.emulateMedia({ colorScheme: 'light' })
  const background = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor)
  const light = await background()
  await page.emulateMedia({ colorScheme: 'dark' })
  const dark = await background()
  expect(dark).not.toBe(light)
  await page.getByRole('button', { name: 'Theme: auto' }).click()
  expect(await background()).toBe(light)
  await page.reload()
  await shows('live')
  expect(await background()).toBe(light)
  await page.getByRole('button', { name: 'Theme: light' }).click()
  expect(await background()).toBe(dark)
})

test('everything can be reached and used by keyboard, and the focus is visible', async ({ open }) => {
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
  for (const name of ['errors', 'workflow', 'Disconnect', 'Kill the worker', 'Freeze this tab'])
    expect(reached).toContain(name)
})
