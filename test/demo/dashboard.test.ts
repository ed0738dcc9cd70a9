import type { Page } from 'playwright'
import { expect } from 'vitest'
import { openTab } from './demo'
import { test } from './setup'

const PANELS = ['overview', 'errors', 'tmux', 'queue', 'nodes', 'features', 'bugs', 'workflow/42']
const hashOf = (url: string) => new URL(url).hash

test('the links show each panel, and each is live', async ({ open }) => {
  const { page, panel, shows } = await open('/')
  for (const each of PANELS) {
    const name = each.split('/')[0] ?? ''
    await page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name }).click()
    await expect.poll(() => hashOf(page.url())).toBe(`#${each}`)
    await shows('live')
    await expect.poll(() => panel.innerText()).toMatch(/just now|[1-3] s ago/)
  }
})

test('a reload shows the same panel, and joins no room twice', async ({ demo, open }) => {
  const tab = await open('/#overview')
  await tab.page.getByRole('link', { name: 'queue' }).click()
  await tab.shows('live')
  await tab.page.reload()
  await tab.shows('live')
  expect(hashOf(tab.page.url())).toBe('#queue')
  expect(await tab.panel.getByRole('heading', { level: 1 }).innerText()).toBe('Queue')
  await expect.poll(async () => (await demo.counts()).rooms).toEqual([['queue', 'stats']])
})

test('a shared link opens its panel', async ({ open }) => {
  const tab = await open('/#workflow/57')
  expect(await tab.panel.getByRole('heading', { level: 1 }).innerText()).toBe('Workflow 57')
  await tab.shows('live')
})

test('a tab that has lost its hash shows the panel it had', async ({ demo, open }) => {
  const tab = await open('/#nodes')
  await tab.shows('live')
  await tab.page.goto('about:blank')
  await tab.page.goto(`${demo.url}/`)
  await expect.poll(() => hashOf(tab.page.url())).toBe('#nodes')
})

test('two tabs share one socket, as counted by the server', async ({ demo, open }) => {
  const before = (await demo.counts()).partyline
  const [one, two] = [await open('/#errors'), await open('/#queue')]
  await Promise.all([one.shows('live'), two.shows('live')])
  const { partyline, rooms } = await demo.counts()
  expect(partyline.sockets).toBe(1)
  expect(partyline.handshakes - before.handshakes).toBe(1)
  expect(partyline.joins - before.joins).toBe(3)
  expect(rooms).toEqual([['errors', 'queue', 'stats']])
  for (const { page } of [one, two])
    await expect.poll(() => page.locator('[data-figure="partyline sockets"]').innerText()).toBe('1')
})

test('a forbidden room is shown as denied, with the reason', async ({ open }) => {
  const tab = await open('/#vault')
  await tab.shows('denied')
  await expect
    .poll(() => tab.page.locator('.line-events').innerText())
    .toContain('denied vault: Only the night shift may open the vault.')
})

test('the inspector shows the rooms, and follows the theme', async ({ open }) => {
  const { page, shows } = await open('/#tmux')
  await shows('live')
  const inspector = page.getByRole('region', { name: 'Inspector', exact: true })
  await inspector.scrollIntoViewIfNeeded()
  const rooms = inspector.getByRole('table', { name: 'Rooms' })
  await expect.poll(() => rooms.innerText()).toMatch(/tmux\s+1\s+joined/)
  await page.getByRole('button', { name: 'Theme: auto' }).click()
  await inspector.locator('partyline-inspector[theme="light"]').waitFor()
})

test('without SharedWorker, two tabs share one socket all the same', async ({ demo, context }) => {
  await context.addInitScript('delete globalThis.SharedWorker')
  const [one, two] = [
    await openTab(context, `${demo.url}/#queue`),
    await openTab(context, `${demo.url}/#errors`),
  ]
  await Promise.all([one.shows('live'), two.shows('live')])
  expect((await demo.counts()).partyline.sockets).toBe(1)
  for (const { badge } of [one, two]) expect(await badge.innerText()).not.toContain('not shared')
  await one.press('Kill the server')
  expect(await one.verdict('Kill the server')).toMatch(/^As expected/)
})

interface Shift extends PerformanceEntry {
  readonly hadRecentInput: boolean
  readonly sources: readonly { readonly node: Node | null }[]
}

/** Records layout shifts without user input. The returned function gives those so far. */
async function watchShifts(page: Page): Promise<() => Promise<string[]>> {
  const moved = await page.evaluateHandle(() => {
    const names: string[] = []
    new PerformanceObserver((list) => {
      for (const { hadRecentInput, sources } of list.getEntries() as Shift[]) {
        if (hadRecentInput) continue
        for (const { node } of sources)
          names.push(`${node?.parentElement?.className} › ${node?.textContent?.slice(0, 40)}`)
      }
    }).observe({ type: 'layout-shift' })
    return names
  })
  return () => moved.jsonValue()
}

test('changing numbers do not shift the layout', async ({ open }) => {
  const tab = await open('/#overview')
  for (const each of PANELS) {
    await tab.page.goto(tab.page.url().replace(/#.*/, `#${each}`))
    await tab.shows('live')
    const moved = await watchShifts(tab.page)
    await tab.page.waitForTimeout(4000)
    expect([each, await moved()]).toEqual([each, []])
  }
})

test('going offline and online does not shift the layout', async ({ open }) => {
  const tab = await open('/#overview')
  await tab.shows('live')
  const moved = await watchShifts(tab.page)
  await tab.press('Stop the server', 2)
  await tab.shows('stale')
  await tab.verdict('Stop the server')
  await tab.shows('live')
  expect(await moved()).toEqual([])
})

test('it fits a phone and a wall display', async ({ demo, context }) => {
  const tab = await openTab(context, `${demo.url}/#overview`)
  for (const [width, height, least] of [
    [360, 740, 15],
    [768, 1024, 15],
    [1920, 1080, 15],
    [3840, 2160, 27],
  ] as const) {
    await tab.page.setViewportSize({ width, height })
    for (const path of [
      '/#overview',
      '/#errors',
      '/#tmux',
      '/#nodes',
      '/#workflow/42',
      '/?compare',
      '/?websocket#overview',
    ]) {
      await tab.page.goto(`${demo.url}${path}`)
      await tab.page.locator('h1').first().waitFor()
      const { scrolls, text } = await tab.page.evaluate(() => ({
        scrolls: document.documentElement.scrollWidth - innerWidth,
        text: Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
      }))
      expect([width, path, scrolls]).toEqual([width, path, 0])
      expect(text).toBeGreaterThanOrEqual(least)
    }
  }
})
