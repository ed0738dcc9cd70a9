import { expect } from 'vitest'
import { type Demo, openTab, type Tab } from './demo'
import { test } from './setup'

/** The same dashboard on the server that has a WebSocket endpoint per room. */

const counts = (demo: Demo) => demo.counts('websocket')
const roomsOf = async (demo: Demo) => (await counts(demo)).rooms.flat()
const figure = (tab: Tab, name: string) => tab.page.locator(`[data-figure="${name}"]`)

async function passes(tab: Tab, label: string) {
  expect(await tab.verdict(label)).toMatch(/^As expected/)
}

/** Resolves once these rooms have one connection each, and no other room has one. */
const hasRooms = (demo: Demo, rooms: readonly string[]) =>
  expect.poll(() => roomsOf(demo).catch(() => []), { timeout: 20_000 }).toEqual(rooms)

test('the switch changes the kind of server, and keeps the panel and the way to be connected', async ({
  demo,
  open,
}) => {
  const tab = await open('/#queue')
  const choose = (label: string) => tab.page.getByRole('link', { name: label, exact: true }).click()
  await choose('WebSocket')
  await tab.shows('live')
  expect(new URL(tab.page.url())).toMatchObject({ search: '?websocket', hash: '#queue' })
  await hasRooms(demo, ['queue', 'stats'])
  await choose('Sockets per tab')
  await tab.shows('live')
  expect(new URL(tab.page.url())).toMatchObject({ search: '?websocket&per-tab', hash: '#queue' })
  await expect.poll(async () => (await counts(demo)).perTab.sockets).toBe(2)
  await choose('Socket.IO')
  await tab.shows('live')
  expect(new URL(tab.page.url())).toMatchObject({ search: '?per-tab', hash: '#queue' })
})

test('every panel is live, and a forbidden room is denied with the reason', async ({ open }) => {
  const tab = await open('/?websocket#overview')
  for (const each of ['errors', 'tmux', 'queue', 'nodes', 'features', 'bugs', 'workflow']) {
    await tab.page.getByRole('navigation', { name: 'Panels' }).getByRole('link', { name: each }).click()
    await tab.shows('live')
    await expect.poll(() => tab.panel.innerText()).toMatch(/just now|[1-3] s ago/)
  }
  await tab.page.getByRole('link', { name: 'vault' }).click()
  await tab.shows('denied')
  await expect
    .poll(() => tab.page.locator('.line-events').innerText())
    .toContain('Only the night shift may open the vault.')
})

test('ten tabs: 8 connections, as counted by the server and as shown', async ({ demo, context }) => {
  const panels = ['overview', 'errors', 'tmux', 'queue', 'nodes', 'features', 'bugs', 'overview']
  const tabs: Tab[] = []
  for (const each of [...panels, 'workflow/42', 'workflow/57'])
    tabs.push(await openTab(context, `${demo.url}/?websocket#${each}`))
  for (const tab of tabs) await tab.shows('live')
  await hasRooms(demo, [
    'activity',
    'adw-state/42',
    'adw-state/57',
    'errors',
    'nodes',
    'queue',
    'stats',
    'tmux',
  ])
  expect((await counts(demo)).partyline.sockets).toBe(8)
  for (const tab of tabs) {
    await expect.poll(() => figure(tab, 'partyline sockets').innerText()).toBe('8')
    // Two rooms each in four tabs, one each in six.
    await expect
      .poll(() => figure(tab, 'sharing').innerText())
      .toBe('10 tabs share 8 sockets; on their own they would have 14.')
  }
})

test('the server is stopped: offline; it is started: the same rooms are back, each once, and what was missed is fetched', async ({
  demo,
  open,
}) => {
  const [tab, other] = [await open('/?websocket#errors'), await open('/?websocket#queue')]
  await Promise.all([tab.shows('live'), other.shows('live')])
  await hasRooms(demo, ['errors', 'queue', 'stats'])
  await tab.press('Stop the server', 4)
  await Promise.all([tab.says('offline'), other.says('offline')])
  await tab.shows('stale')
  await passes(tab, 'Stop the server')
  await Promise.all([tab.shows('live'), other.shows('live')])
  await hasRooms(demo, ['errors', 'queue', 'stats'])
  expect((await counts(demo)).partyline.most).toBe(3)
  await expect.poll(() => tab.panel.innerText()).toMatch(/gap: \d+ events? fetched/)
})

test('events are shown, keepalives reach the worker and no tab', async ({ open }) => {
  const tab = await open('/?websocket#nodes')
  await tab.shows('live')
  const inspector = tab.page.getByRole('region', { name: 'Inspector', exact: true })
  await inspector.scrollIntoViewIfNeeded()
  const table = (name: string) => inspector.getByRole('table', { name }).innerText()
  const counters = async () => {
    const text = `${await table('From the server')}\n${await table('To the tabs')}`
    const count = (name: string) => Number(new RegExp(`\\b${name}\\s+(\\d+)`).exec(text)?.[1])
    return {
      keepalives: count('system'),
      unrouted: count('unrouted'),
      malformed: count('malformed'),
      unseen: count('data') - count('delivered'),
    }
  }
  await expect.poll(async () => (await counters()).keepalives).toBeGreaterThan(0)
  await expect.poll(counters).toMatchObject({ unrouted: 0, malformed: 0, unseen: 0 })
  await expect.poll(() => tab.panel.innerText()).toContain('just now')
})

test('side by side: a socket per room for each tab, and one per room with Partyline', async ({
  demo,
  context,
}) => {
  const before = await counts(demo)
  const { page } = await openTab(context, `${demo.url}/?websocket&compare`)
  const shown = async (name: string) => Number(await page.locator(`[data-figure="${name}"]`).innerText())
  await expect.poll(() => shown('perTab sockets')).toBe(8)
  await expect.poll(() => shown('partyline sockets')).toBe(2)
  const { partyline, perTab } = await counts(demo)
  expect(partyline.joins - before.partyline.joins).toBe(2)
  expect(perTab.joins - before.perTab.joins).toBe(8)
  for (const frame of page.frames().slice(1)) await frame.locator('#panel[data-state="live"]').waitFor()
})

const FAULTS = [
  ['Disconnect'],
  ['Connect'],
  ['Cut the connection'],
  ['Kill the server', 2],
  ['Refuse sockets, answer HTTP', 3],
  ['Expire tokens now'],
  ['Slow everything down', 3],
  ['Stop keepalives', 12],
  ['Burst of events', 500],
  ['Broadcast a reload'],
  ['Deploy a new version'],
  ['Kill the worker'],
  ['Hang the worker', 10],
  ['Wipe the database'],
  ['Open another tab'],
  ['Duplicate this tab'],
  ['Freeze this tab', 3],
] as const

const RELOADING: readonly string[] = ['Broadcast a reload', 'Deploy a new version']

for (const [label, amount] of FAULTS)
  test(`the button "${label}" works, with no extra socket`, async ({ demo, open }) => {
    const tab = await open('/?websocket#errors')
    await tab.shows('live')
    if (label === 'Connect') {
      await tab.press('Disconnect')
      await tab.says('paused')
    }
    let loads = 0
    tab.page.on('load', () => {
      loads += 1
    })
    await tab.press(label, amount)
    await passes(tab, label)
    await hasRooms(demo, label === 'Disconnect' ? [] : ['errors', 'stats'])
    expect(loads).toBe(RELOADING.includes(label) ? 1 : 0)
  })

test('half-open connection: the silence is noticed, and the worker connects each room again', async ({
  demo,
  open,
}) => {
  const tab = await open('/?websocket#errors')
  await tab.shows('live')
  const { handshakes } = (await counts(demo)).partyline
  await tab.press('Half-open connection')
  await passes(tab, 'Half-open connection')
  await tab.shows('live')
  expect((await counts(demo)).partyline.handshakes).toBe(handshakes + 2)
  // The server has not noticed: it would close the old connections after a ping without an answer.
  await tab.press('Cut the connection')
  await passes(tab, 'Cut the connection')
  await hasRooms(demo, ['errors', 'stats'])
})

test('refuse tokens: not authorized with few attempts, online again after Retry now', async ({
  demo,
  open,
}) => {
  const tab = await open('/?websocket#overview')
  await tab.shows('live')
  const { handshakes } = (await counts(demo)).partyline
  await tab.press('Refuse tokens', 4)
  await tab.says('unauthorized')
  await tab.fault('Refuse tokens').locator('li[data-passed="true"]').nth(1).waitFor()
  expect((await counts(demo)).partyline.handshakes - handshakes).toBeLessThanOrEqual(6)
  await tab.press('Retry now')
  await passes(tab, 'Refuse tokens')
  await tab.says('online')
})
