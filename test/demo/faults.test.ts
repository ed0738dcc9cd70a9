import type { Browser, Page } from 'playwright'
import { expect } from 'vitest'
import { sharedWorkers } from '../support/debugger'
import type { Demo, Tab } from './demo'
import { tabOf } from './demo'
import { test } from './setup'

/** Each test asserts the page's verdict, and also what the server and the browser report. */

async function passes(tab: Tab, label: string) {
  const text = await tab.verdict(label)
  expect(text).toMatch(/^As expected/)
}

const partylineCounts = async (demo: Demo) => (await demo.counts()).partyline

/** Resolves once another server process answers. */
const restarted = (demo: Demo, startedAt: number) =>
  expect
    .poll(
      () =>
        demo
          .counts()
          .then((counts) => counts.startedAt)
          .catch(() => startedAt),
      { timeout: 20_000 },
    )
    .toBeGreaterThan(startedAt)

const workers = async (browser: Browser) => (await sharedWorkers(browser)).map(({ targetId }) => targetId)

/** Counters how often a page is loaded from now on. */
function loads(page: Page): () => number {
  let count = 0
  page.on('load', () => {
    count += 1
  })
  return () => count
}

test('disconnect: every tab is paused and stays paused; connect: every tab is live again', async ({
  demo,
  open,
}) => {
  const [tab, other] = [await open('/#errors'), await open('/#queue')]
  await tab.press('Disconnect')
  await passes(tab, 'Disconnect')
  await other.says('paused')
  expect((await partylineCounts(demo)).sockets).toBe(0)
  await tab.shows('stale')

  await other.press('Connect')
  await passes(other, 'Connect')
  await tab.says('online')
  await tab.shows('live')
  const { rooms, partyline } = await demo.counts()
  expect(partyline.sockets).toBe(1)
  expect(rooms).toEqual([['errors', 'queue', 'stats']])
})

test('retry now: retries at once instead of at the end of the countdown', async ({ demo, open }) => {
  const tab = await open('/#nodes')
  await tab.press('Refuse sockets, answer HTTP', 9)
  await expect.poll(() => tab.badge.innerText()).toMatch(/next retry in [456] s/)
  const { refused } = await demo.counts()
  await tab.press('Retry now')
  await expect.poll(async () => (await demo.counts()).refused, { timeout: 1500 }).toBeGreaterThan(refused)
  await passes(tab, 'Retry now')
  await passes(tab, 'Refuse sockets, answer HTTP')
})

test('a step that does not happen in time fails', async ({ open }) => {
  const tab = await open('/#nodes')
  await tab.press('Refuse sockets, answer HTTP', 7)
  await tab.says('offline')
  await tab.press('Connect')
  expect(await tab.verdict('Connect')).toMatch(/^Did not happen in time/)
  await passes(tab, 'Refuse sockets, answer HTTP')
})

test('cut the connection: the session is recovered with the missed events', async ({ demo, open }) => {
  const tab = await open('/#tmux')
  await tab.shows('live')
  await expect.poll(() => tab.panel.innerText()).toMatch(/just now/)
  const { handshakes } = await partylineCounts(demo)
  await tab.press('Cut the connection')
  await passes(tab, 'Cut the connection')
  expect(await tab.badge.innerText()).toContain('session recovered')
  expect((await partylineCounts(demo)).handshakes).toBe(handshakes + 1)
})

test('stop the server: data is shown as stale with its age, and missed events are fetched', async ({
  demo,
  open,
}) => {
  const tab = await open('/#errors')
  await tab.shows('live')
  const { startedAt } = await demo.counts()
  await tab.press('Stop the server', 5)
  await tab.shows('stale')
  await expect.poll(() => tab.panel.innerText()).toMatch(/data from [3-9] s ago/)
  expect(await tab.badge.innerText()).toMatch(/Offline\s+(next retry in \d s|connecting now|attempt)/)
  await restarted(demo, startedAt)
  await passes(tab, 'Stop the server')
  await tab.shows('live')
  await expect.poll(() => tab.panel.innerText()).toMatch(/gap: \d+ events? fetched/)
})

test('kill the server: another process takes over, and the gap is reported and filled', async ({
  demo,
  open,
}) => {
  const tab = await open('/#errors')
  await tab.shows('live')
  const { startedAt } = await demo.counts()
  // Errors come every 1.9 s: some happen while no server runs.
  await tab.press('Kill the server', 4)
  await passes(tab, 'Kill the server')
  await restarted(demo, startedAt)
  expect(await tab.page.locator('.line-events').innerText()).toMatch(/gap of .* in (errors|stats)/)
  await expect.poll(() => tab.panel.innerText()).toMatch(/gap: \d+ events? fetched/)
})

test('half-open connection: the silence is noticed, and the worker connects again', async ({
  demo,
  open,
}) => {
  const tab = await open('/#overview')
  await tab.shows('live')
  const { handshakes } = await partylineCounts(demo)
  await tab.press('Half-open connection')
  await passes(tab, 'Half-open connection')
  expect(await tab.page.locator('.line-events').innerText()).toContain(
    'The server sent nothing for 10000 ms.',
  )
  expect((await partylineCounts(demo)).handshakes).toBe(handshakes + 1)
})

test('refuse sockets: retries are refused, then online with the same session', async ({ demo, open }) => {
  const tab = await open('/#queue')
  await tab.shows('live')
  const { refused } = await demo.counts()
  await tab.press('Refuse sockets, answer HTTP', 4)
  await passes(tab, 'Refuse sockets, answer HTTP')
  expect((await demo.counts()).refused).toBeGreaterThan(refused)
  expect(await tab.badge.innerText()).toContain('session recovered')
})

test('refuse tokens: not authorized with few attempts, online again after Retry now', async ({
  demo,
  open,
}) => {
  const tab = await open('/#overview')
  const { handshakes } = await partylineCounts(demo)
  await tab.press('Refuse tokens', 4)
  await tab.says('unauthorized')
  await tab.fault('Refuse tokens').locator('li[data-passed="true"]').nth(1).waitFor()
  expect((await partylineCounts(demo)).handshakes - handshakes).toBeLessThanOrEqual(3)
  expect(await tab.badge.innerText()).toContain('Not authorized')
  await tab.press('Retry now')
  await passes(tab, 'Refuse tokens')
  await tab.says('online')
})

test('expire tokens: a new one is fetched, and the tab is live again', async ({ demo, open }) => {
  const tab = await open('/#overview')
  await tab.shows('live')
  const before = await demo.counts()
  await tab.press('Expire tokens now')
  await passes(tab, 'Expire tokens now')
  const after = await demo.counts()
  expect(after.tokens).toBeGreaterThan(before.tokens)
  expect(after.partyline.handshakes).toBe(before.partyline.handshakes + 1)
  await tab.shows('live')
})

test('slow everything down: the panel says how late its events are, and stays live', async ({
  demo,
  open,
}) => {
  const tab = await open('/#tmux')
  await tab.shows('live')
  const { handshakes } = await partylineCounts(demo)
  await tab.press('Slow everything down', 4)
  await expect.poll(() => tab.panel.innerText()).toMatch(/1\.\d s behind/)
  await passes(tab, 'Slow everything down')
  await expect.poll(() => tab.panel.innerText()).not.toContain('behind')
  expect((await partylineCounts(demo)).handshakes).toBe(handshakes)
})

test('stop keepalives: data alone keeps the connection', async ({ demo, open }) => {
  const tab = await open('/#overview')
  await tab.shows('live')
  const { handshakes } = await partylineCounts(demo)
  await tab.press('Stop keepalives', 14)
  await passes(tab, 'Stop keepalives')
  expect((await partylineCounts(demo)).handshakes).toBe(handshakes)
})

test('burst of events: every event arrives on the errors panel', async ({ open }) => {
  const tab = await open('/#bugs')
  await tab.press('Burst of events', 500)
  await passes(tab, 'Burst of events')
  expect(new URL(tab.page.url()).hash).toBe('#errors')
  const total = async () =>
    Number(/last 90 s\s+([\d,]+) events/.exec(await tab.panel.innerText())?.[1]?.replace(',', ''))
  await expect.poll(total).toBeGreaterThanOrEqual(500)
})

test('deploy a new version: its worker takes over all tabs on one socket, and every tab reloads once', async ({
  demo,
  browser,
  open,
}) => {
  const [tab, other] = [await open('/#queue'), await open('/#workflow/57')]
  const { version } = await demo.counts()
  const [first] = await workers(browser)
  const [mine, theirs] = [loads(tab.page), loads(other.page)]
  await tab.press('Deploy a new version')
  await passes(tab, 'Deploy a new version')
  expect(await tab.verdict('Deploy a new version')).toContain('2 tabs taken over')
  await expect.poll(theirs, { timeout: 20_000 }).toBe(1)
  await other.shows('live')
  const next = `v${Number(version.slice(1)) + 1}`
  for (const { page } of [tab, other]) expect(await page.locator('.version').innerText()).toBe(next)
  expect([mine(), theirs()]).toEqual([1, 1])
  expect([tab, other].map(({ page }) => new URL(page.url()).hash)).toEqual(['#queue', '#workflow/57'])
  const { partyline } = await demo.counts()
  expect(partyline).toMatchObject({ sockets: 1, most: 1 })
  // The old worker may have connected to the new server before it handed over.
  expect(partyline.handshakes).toBeLessThanOrEqual(2)
  await expect.poll(() => workers(browser), { timeout: 20_000 }).not.toContain(first)
  expect(await workers(browser)).toHaveLength(1)
})

test('broadcast a reload: every tab reloads once, and shows the same panel', async ({ open }) => {
  const [tab, other] = [await open('/#features'), await open('/#errors')]
  const [mine, theirs] = [loads(tab.page), loads(other.page)]
  await other.press('Broadcast a reload')
  await passes(other, 'Broadcast a reload')
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
  await passes(tab, 'Kill the worker')
  await other.shows('live')
  expect(await workers(browser)).not.toContain(first)
  expect((await partylineCounts(demo)).sockets).toBe(1)
})

test('hang the worker: a new one takes over, and the old one closes itself when it runs again', async ({
  demo,
  browser,
  open,
}) => {
  const tab = await open('/#errors')
  await tab.shows('live')
  const [first] = await workers(browser)
  await tab.press('Hang the worker', 10)
  await passes(tab, 'Hang the worker')
  await expect.poll(() => workers(browser)).not.toContain(first)
  expect((await partylineCounts(demo)).sockets).toBe(1)
  await tab.shows('live')
})

test('wipe the database: it is written again, so that a tab without a hash shows its panel', async ({
  demo,
  open,
}) => {
  const tab = await open('/#queue')
  await tab.shows('live')
  await tab.press('Wipe the database')
  await passes(tab, 'Wipe the database')
  await tab.page.goto('about:blank')
  await tab.page.goto(`${demo.url}/`)
  await expect.poll(() => new URL(tab.page.url()).hash).toBe('#queue')
  await tab.shows('live')
})

test('open another tab: live on the same socket', async ({ demo, context, open }) => {
  const tab = await open('/#nodes')
  await tab.shows('live')
  const { handshakes } = await partylineCounts(demo)
  const opened = context.waitForEvent('page')
  await tab.press('Open another tab')
  await passes(tab, 'Open another tab')
  await tabOf(await opened).shows('live')
  expect(await partylineCounts(demo)).toMatchObject({ sockets: 1, handshakes })
})

test('duplicate this tab: the copy shows the same panel, on the same socket', async ({
  demo,
  context,
  open,
}) => {
  const tab = await open('/#workflow/63')
  await tab.shows('live')
  const { handshakes } = await partylineCounts(demo)
  const opened = context.waitForEvent('page')
  await tab.press('Duplicate this tab')
  await passes(tab, 'Duplicate this tab')
  const copy = tabOf(await opened)
  await copy.shows('live')
  expect(new URL(copy.page.url()).hash).toBe('#workflow/63')
  expect(await partylineCounts(demo)).toMatchObject({ sockets: 1, handshakes })
})

test('freeze this tab: the other is not affected, and this one gets all events afterwards', async ({
  demo,
  open,
}) => {
  const [tab, other] = [await open('/#tmux'), await open('/#overview')]
  await Promise.all([tab.shows('live'), other.shows('live')])
  const { handshakes } = await partylineCounts(demo)
  let asked = Date.now()
  const answer = async () => {
    asked = Date.now()
    await tab.page.evaluate(() => 1)
    return Date.now() - asked
  }
  // Start before the click: `press` may return only when the page runs again.
  const frozen = expect.poll(answer, { timeout: 15_000 }).toBeGreaterThan(1500)
  const pressed = tab.press('Freeze this tab', 3)
  await expect.poll(() => Date.now() - asked, { timeout: 15_000 }).toBeGreaterThan(300)
  await expect.poll(() => other.panel.innerText(), { timeout: 2000 }).toContain('just now')
  await Promise.all([pressed, frozen])
  await passes(tab, 'Freeze this tab')
  expect((await partylineCounts(demo)).handshakes).toBe(handshakes)
})
