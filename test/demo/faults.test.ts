import type { Browser, Page } from 'playwright'
import { expect } from 'vitest'
import { sharedWorkers } from '../support/debugger'
import type { Demo, Tab } from './demo'
import { tabOf } from './demo'
import { test } from './setup'

/** The page's own verdict is asserted each time, and beside it what server and browser say. */

async function kept(tab: Tab, label: string) {
  const words = await tab.verdict(label)
  expect(words).toMatch(/^As promised/)
}

const counted = async (demo: Demo) => (await demo.census()).partyline

/** Resolves once the server, stopped a moment ago, answers as another process. */
const restarted = (demo: Demo, startedAt: number) =>
  expect
    .poll(
      () =>
        demo
          .census()
          .then((census) => census.startedAt)
          .catch(() => startedAt),
      { timeout: 20_000 },
    )
    .toBeGreaterThan(startedAt)

const workers = async (browser: Browser) => (await sharedWorkers(browser)).map(({ targetId }) => targetId)

/** Counts how often a page is loaded from now on. */
function loads(page: Page): () => number {
  let count = 0
  page.on('load', () => {
    count += 1
  })
  return () => count
}

test('hang up: every tab says so and stays so; connect: every tab is live again', async ({ demo, open }) => {
  const [tab, other] = [await open('/#errors'), await open('/#queue')]
  await tab.press('Hang up')
  await kept(tab, 'Hang up')
  await other.says('paused')
  expect((await counted(demo)).sockets).toBe(0)
  await tab.shows('stale')

  await other.press('Connect')
  await kept(other, 'Connect')
  await tab.says('online')
  await tab.shows('live')
  const { rooms, partyline } = await demo.census()
  expect(partyline.sockets).toBe(1)
  expect(rooms).toEqual([['errors', 'queue', 'stats']])
})

test('retry now: a try begins at once instead of at the end of the countdown', async ({ demo, open }) => {
  const tab = await open('/#nodes')
  await tab.press('Refuse sockets, answer HTTP', 9)
  await expect.poll(() => tab.badge.innerText()).toMatch(/next try in [456] s/)
  const { turnedAway } = await demo.census()
  await tab.press('Retry now')
  await expect
    .poll(async () => (await demo.census()).turnedAway, { timeout: 1500 })
    .toBeGreaterThan(turnedAway)
  await kept(tab, 'Retry now')
  await kept(tab, 'Refuse sockets, answer HTTP')
})

test('a promise that is not kept is called so', async ({ open }) => {
  const tab = await open('/#nodes')
  await tab.press('Refuse sockets, answer HTTP', 7)
  await tab.says('offline')
  await tab.press('Connect')
  expect(await tab.verdict('Connect')).toMatch(/^Not seen in time/)
  await kept(tab, 'Refuse sockets, answer HTTP')
})

test('cut the connection: the session comes back with what it missed', async ({ demo, open }) => {
  const tab = await open('/#tmux')
  await tab.shows('live')
  await expect.poll(() => tab.panel.innerText()).toMatch(/just now/)
  const { handshakes } = await counted(demo)
  await tab.press('Cut the connection')
  await kept(tab, 'Cut the connection')
  expect(await tab.badge.innerText()).toContain('session recovered')
  expect((await counted(demo)).handshakes).toBe(handshakes + 1)
})

test('stop the server: data are visibly stale with their age, and what was missed is fetched', async ({
  demo,
  open,
}) => {
  const tab = await open('/#errors')
  await tab.shows('live')
  const { startedAt } = await demo.census()
  await tab.press('Stop the server', 5)
  await tab.shows('stale')
  await expect.poll(() => tab.panel.innerText()).toMatch(/data from [3-9] s ago/)
  expect(await tab.badge.innerText()).toMatch(/Offline\s+(next try in \d s|trying now|attempt)/)
  await restarted(demo, startedAt)
  await kept(tab, 'Stop the server')
  await tab.shows('live')
  await expect.poll(() => tab.panel.innerText()).toMatch(/gap: \d+ events? fetched/)
})

test('kill the server: another process takes over, and the gap is told of and filled', async ({
  demo,
  open,
}) => {
  const tab = await open('/#errors')
  await tab.shows('live')
  const { startedAt } = await demo.census()
  // Errors come every 1.9 s: some happen while no server is there.
  await tab.press('Kill the server', 4)
  await kept(tab, 'Kill the server')
  await restarted(demo, startedAt)
  expect(await tab.page.locator('.diary').innerText()).toMatch(/gap of .* in (errors|stats)/)
  await expect.poll(() => tab.panel.innerText()).toMatch(/gap: \d+ events? fetched/)
})

test('half-open connection: the silence is noticed, and another connection dialled', async ({
  demo,
  open,
}) => {
  const tab = await open('/#overview')
  await tab.shows('live')
  const { handshakes } = await counted(demo)
  await tab.press('Half-open connection')
  await kept(tab, 'Half-open connection')
  expect(await tab.page.locator('.diary').innerText()).toContain('nothing heard for 10000 ms')
  expect((await counted(demo)).handshakes).toBe(handshakes + 1)
})

test('refuse sockets: retried and turned away, then live with the same session', async ({ demo, open }) => {
  const tab = await open('/#queue')
  await tab.shows('live')
  const { turnedAway } = await demo.census()
  await tab.press('Refuse sockets, answer HTTP', 4)
  await kept(tab, 'Refuse sockets, answer HTTP')
  expect((await demo.census()).turnedAway).toBeGreaterThan(turnedAway)
  expect(await tab.badge.innerText()).toContain('session recovered')
})

test('refuse tokens: not authorized and calm, live again once asked to retry', async ({ demo, open }) => {
  const tab = await open('/#overview')
  const { handshakes } = await counted(demo)
  await tab.press('Refuse tokens', 4)
  await tab.says('unauthorized')
  await tab.fault('Refuse tokens').locator('li[data-seen="true"]').nth(1).waitFor()
  expect((await counted(demo)).handshakes - handshakes).toBeLessThanOrEqual(3)
  expect(await tab.badge.innerText()).toContain('Not authorized')
  await tab.press('Retry now')
  await kept(tab, 'Refuse tokens')
  await tab.says('online')
})

test('expire tokens: a fresh one is fetched, and all is live again', async ({ demo, open }) => {
  const tab = await open('/#overview')
  await tab.shows('live')
  const before = await demo.census()
  await tab.press('Expire tokens now')
  await kept(tab, 'Expire tokens now')
  const after = await demo.census()
  expect(after.tokens).toBeGreaterThan(before.tokens)
  expect(after.partyline.handshakes).toBe(before.partyline.handshakes + 1)
  await tab.shows('live')
})

test('slow everything down: the panel says how far it is behind, and stays live', async ({ demo, open }) => {
  const tab = await open('/#tmux')
  await tab.shows('live')
  const { handshakes } = await counted(demo)
  await tab.press('Slow everything down', 4)
  await expect.poll(() => tab.panel.innerText()).toMatch(/1\.\d s behind/)
  await kept(tab, 'Slow everything down')
  await expect.poll(() => tab.panel.innerText()).not.toContain('behind')
  expect((await counted(demo)).handshakes).toBe(handshakes)
})

test('stop keepalives: data are a sign of life as well', async ({ demo, open }) => {
  const tab = await open('/#overview')
  await tab.shows('live')
  const { handshakes } = await counted(demo)
  await tab.press('Stop keepalives', 14)
  await kept(tab, 'Stop keepalives')
  expect((await counted(demo)).handshakes).toBe(handshakes)
})

test('burst of events: each of them comes to the errors panel', async ({ open }) => {
  const tab = await open('/#bugs')
  await tab.press('Burst of events', 500)
  await kept(tab, 'Burst of events')
  expect(new URL(tab.page.url()).hash).toBe('#errors')
  const total = async () =>
    Number(/last 90 s\s+([\d,]+) events/.exec(await tab.panel.innerText())?.[1]?.replace(',', ''))
  await expect.poll(total).toBeGreaterThanOrEqual(500)
})

test('deploy a new version: every tab reloads once, runs it, and is back on its panel', async ({
  demo,
  open,
}) => {
  const [tab, other] = [await open('/#queue'), await open('/#workflow/57')]
  const { version } = await demo.census()
  const [mine, theirs] = [loads(tab.page), loads(other.page)]
  await tab.press('Deploy a new version')
  await kept(tab, 'Deploy a new version')
  await expect.poll(theirs, { timeout: 20_000 }).toBe(1)
  await other.shows('live')
  const next = `v${Number(version.slice(1)) + 1}`
  for (const { page } of [tab, other]) expect(await page.locator('.version').innerText()).toBe(next)
  expect([mine(), theirs()]).toEqual([1, 1])
  expect([tab, other].map(({ page }) => new URL(page.url()).hash)).toEqual(['#queue', '#workflow/57'])
})

test('broadcast a reload: every tab reloads once, and is back on its panel', async ({ open }) => {
  const [tab, other] = [await open('/#features'), await open('/#errors')]
  const [mine, theirs] = [loads(tab.page), loads(other.page)]
  await other.press('Broadcast a reload')
  await kept(other, 'Broadcast a reload')
  await expect.poll(mine, { timeout: 15_000 }).toBe(1)
  await tab.shows('live')
  expect(theirs()).toBe(1)
  expect([tab, other].map(({ page }) => new URL(page.url()).hash)).toEqual(['#features', '#errors'])
})

test('kill the worker: another takes over, with one socket and nothing lost', async ({
  demo,
  browser,
  open,
}) => {
  const [tab, other] = [await open('/#errors'), await open('/#nodes')]
  await tab.shows('live')
  const [first] = await workers(browser)
  await tab.press('Kill the worker')
  await kept(tab, 'Kill the worker')
  await other.shows('live')
  expect(await workers(browser)).not.toContain(first)
  expect((await counted(demo)).sockets).toBe(1)
})

test('hang the worker: it is left behind, and closes itself when it wakes', async ({
  demo,
  browser,
  open,
}) => {
  const tab = await open('/#errors')
  await tab.shows('live')
  const [first] = await workers(browser)
  await tab.press('Hang the worker', 10)
  await kept(tab, 'Hang the worker')
  await expect.poll(() => workers(browser)).not.toContain(first)
  expect((await counted(demo)).sockets).toBe(1)
  await tab.shows('live')
})

test('wipe the database: it is written anew, so that a tab without a hash finds its panel', async ({
  demo,
  open,
}) => {
  const tab = await open('/#queue')
  await tab.shows('live')
  await tab.press('Wipe the database')
  await kept(tab, 'Wipe the database')
  await tab.page.goto('about:blank')
  await tab.page.goto(`${demo.url}/`)
  await expect.poll(() => new URL(tab.page.url()).hash).toBe('#queue')
  await tab.shows('live')
})

test('open another tab: live on the same socket', async ({ demo, context, open }) => {
  const tab = await open('/#nodes')
  await tab.shows('live')
  const { handshakes } = await counted(demo)
  const opened = context.waitForEvent('page')
  await tab.press('Open another tab')
  await kept(tab, 'Open another tab')
  await tabOf(await opened).shows('live')
  expect(await counted(demo)).toMatchObject({ sockets: 1, handshakes })
})

test('duplicate this tab: the copy shows the same panel, on the same socket', async ({
  demo,
  context,
  open,
}) => {
  const tab = await open('/#workflow/63')
  await tab.shows('live')
  const { handshakes } = await counted(demo)
  const opened = context.waitForEvent('page')
  await tab.press('Duplicate this tab')
  await kept(tab, 'Duplicate this tab')
  const copy = tabOf(await opened)
  await copy.shows('live')
  expect(new URL(copy.page.url()).hash).toBe('#workflow/63')
  expect(await counted(demo)).toMatchObject({ sockets: 1, handshakes })
})

test('freeze this tab: the other goes on, and this one has everything afterwards', async ({ demo, open }) => {
  const [tab, other] = [await open('/#tmux'), await open('/#overview')]
  await Promise.all([tab.shows('live'), other.shows('live')])
  const { handshakes } = await counted(demo)
  let asked = Date.now()
  const answer = async () => {
    asked = Date.now()
    await tab.page.evaluate(() => 1)
    return Date.now() - asked
  }
  // From before the click on: that may come back only once the page moves again.
  const frozen = expect.poll(answer, { timeout: 15_000 }).toBeGreaterThan(1500)
  const pressed = tab.press('Freeze this tab', 3)
  await expect.poll(() => Date.now() - asked, { timeout: 15_000 }).toBeGreaterThan(300)
  await expect.poll(() => other.panel.innerText(), { timeout: 2000 }).toContain('just now')
  await Promise.all([pressed, frozen])
  await kept(tab, 'Freeze this tab')
  expect((await counted(demo)).handshakes).toBe(handshakes)
})
