import { expect } from 'vitest'
import { type DatabaseState, openDatabase, readDatabase } from '../support/database'
import { type Bench, isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 1000 }

const isPersistent = (tab: Tab) => tab.run(({ line }) => line.status.persistent)
const subscribe = (tab: Tab, panel: string) => tab.run(({ subscribe }, name) => void subscribe(name), panel)

/** The stored panels of all tabs, as strings. */
async function storedPanels(name: string): Promise<string[]> {
  const records = Object.values(await readDatabase(name)) as { panels?: string[][] }[]
  return records.flatMap(({ panels }) => (panels ?? []).map((ref) => ref.join(' '))).toSorted()
}

/** Sends an event, and expects that it arrives without an error. */
async function expectDelivery(tab: Tab, emit: (n: number) => Promise<unknown>, n: number) {
  await emit(n)
  await expect.poll(() => tab.run(({ data }) => data().at(-1))).toEqual({ room: 'errors', n })
  expect(await tab.run(({ log }) => log.error)).toEqual([])
}

/** Opens a tab whose panel is live and stored. */
async function openStored(bench: Bench) {
  const server = await bench.server()
  const url = await server.url()
  const database = bench.database(url)
  bench.serve({ url, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await expect.poll(() => storedPanels(database)).toEqual(['errors'])
  return { server, database, tab }
}

const warnings = (bench: Bench) => bench.consoleMessages.filter((words) => words.includes('IndexedDB'))

test('the database is deleted - delivery continues, and everything is stored again', async ({ bench }) => {
  const server = await bench.server()
  const url = await server.url()
  const database = bench.database(url)
  bench.serve({ url, ...QUICK })
  // The reload ends the worker, so the panels can only come from the database.
  const tab = await bench.page({ extendedLifetime: false })
  await subscribe(tab, 'errors')
  await isLive(tab)
  bench.worker('delete database')
  await subscribe(tab, 'tmux')
  await isLive(tab, 'tmux')
  await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
  await subscribe(tab, 'overview')
  await expect.poll(() => storedPanels(database)).toEqual(['errors', 'overview', 'tmux'])
  await tab.reload()
  expect(await tab.run(({ line }) => line.restored)).toEqual(['errors', 'tmux', 'overview'])
})

test('the site’s data is cleared - the panels in memory are stored again', async ({ bench }) => {
  const { server, database, tab } = await openStored(bench)
  await bench.wipeDatabases()
  await expect.poll(() => storedPanels(database)).toEqual(['errors'])
  await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
  expect(await isPersistent(tab)).toBe(true)
  expect(warnings(bench)).toEqual([])
})

test.for(['is missing', 'hangs', 'is unreadable'])(
  'the database %s from the start - panels are kept in memory, and stored once it works',
  async (fault, { bench }) => {
    const server = await bench.server()
    const url = await server.url()
    bench.serve({ url, ...QUICK, database: fault.replace('is ', '') })
    const tab = await bench.page({ panels: ['errors'] })
    await isLive(tab)
    await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
    await expect.poll(() => isPersistent(tab)).toBe(false)
    // The worker stays alive for another tab, and has the panels in memory.
    await bench.frame()
    await tab.reload()
    expect(await tab.run(({ line }) => line.restored)).toEqual(['errors'])
    await isLive(tab)
    await bench.setDatabase('works')
    await expect.poll(() => isPersistent(tab)).toBe(true)
    await expect.poll(() => storedPanels(bench.database(url))).toEqual(['errors'])
    expect(warnings(bench)).toHaveLength(1)
  },
)

test.for([
  ['hangs', 'works'],
  ['is unreadable', 'works'],
  ['is full', 'has room'],
] as const)(
  'the database %s after the start - changes made meanwhile are stored once it %s',
  async ([fault], { bench }) => {
    const server = await bench.server()
    const url = await server.url()
    const database = bench.database(url)
    bench.serve({ url, ...QUICK, grace: 300 })
    const tab = await bench.page({ panels: ['errors'] })
    const leaves = await bench.frame({ panels: ['overview'] })
    await isLive(tab)
    await expect.poll(() => storedPanels(database)).toEqual(['errors', 'overview'])
    await bench.setDatabase(fault.replace('is ', '') as DatabaseState)
    await subscribe(tab, 'tmux')
    await isLive(tab, 'tmux')
    await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
    await expect.poll(() => isPersistent(tab)).toBe(false)
    // A tab that closes meanwhile must not be restored later.
    await leaves.run(({ line }) => line.close())
    await expect.poll(async () => (await tab.run(({ line }) => line.inspect())).tabs).toHaveLength(1)
    await bench.setDatabase('works')
    await expect.poll(() => isPersistent(tab)).toBe(true)
    await expect.poll(() => storedPanels(database)).toEqual(['errors', 'tmux'])
    expect(warnings(bench)).toHaveLength(1)
  },
)

test('the user signs out while the database fails - the call rejects, and the user’s data is deleted once it works', async ({
  bench,
}) => {
  const server = await bench.server()
  const url = await server.url()
  bench.serve({ url, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await expect.poll(() => storedPanels(bench.database(url))).toEqual(['errors'])
  await bench.setDatabase('unreadable')
  const answer = await tab.run(({ line }) =>
    line.signOut().then(
      () => 'fine',
      ({ reason }) => reason,
    ),
  )
  expect(answer).toBe('unanswered')
  expect(await tab.run(({ line, log }) => `${line.status.state} ${log.signout.length}`)).toBe('closed 1')
  await bench.setDatabase('works')
  await expect.poll(() => readDatabase(bench.database(url))).toEqual({})
})

test.for([
  ['with unknown tables', 1, ['something']],
  ['of a later version', 7, ['tabs', 'more']],
] as const)('a database %s exists - it is replaced', async ([, version, tables], { bench }) => {
  const server = await bench.server()
  const url = await server.url()
  const database = bench.database(url)
  ;(await openDatabase(database, version, tables)).close()
  bench.serve({ url, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await expect.poll(() => storedPanels(database)).toEqual(['errors'])
  expect(await isPersistent(tab)).toBe(true)
  await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
  expect(warnings(bench)).toEqual([])
})

test('another page blocks the database - panels are kept in memory, and stored once it is free', async ({
  bench,
}) => {
  const server = await bench.server()
  const url = await server.url()
  const database = bench.database(url)
  const holder = await openDatabase(database, 1, ['tabs'])
  // The deletion waits until the holder closes, and every later open waits behind it.
  const deleted = indexedDB.deleteDatabase(database)
  await new Promise((resolve) => {
    deleted.onblocked = resolve
  })
  bench.serve({ url, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
  await expect.poll(() => isPersistent(tab)).toBe(false)
  holder.close()
  await expect.poll(() => isPersistent(tab)).toBe(true)
  await expect.poll(() => storedPanels(database)).toEqual(['errors'])
  expect(warnings(bench)).toHaveLength(1)
})

test('another page upgrades the database - the worker closes it at once, and continues', async ({
  bench,
}) => {
  const { server, database, tab } = await openStored(bench)
  const asked = performance.now()
  const changed = await openDatabase(database, 2)
  expect(performance.now() - asked).toBeLessThan(1000)
  await subscribe(tab, 'tmux')
  await isLive(tab, 'tmux')
  await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
  // The other page keeps its version open, so the worker cannot store anything.
  await expect.poll(() => isPersistent(tab)).toBe(false)
  changed.close()
  await expect.poll(() => isPersistent(tab)).toBe(true)
  await expect.poll(() => storedPanels(database)).toEqual(['errors', 'tmux'])
})
