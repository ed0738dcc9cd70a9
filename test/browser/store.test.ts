import { expect } from 'vitest'
import { type DatabaseState, openDatabase, readDatabase } from '../support/database'
import { type Bench, isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 1000 }

const isPersistent = (tab: Tab) => tab.run(({ line }) => line.status.persistent)
const subscribe = (tab: Tab, panel: string) => tab.run(({ subscribe }, name) => void subscribe(name), panel)

/** The panels written down of all tabs, as texts. */
async function writtenPanels(name: string): Promise<string[]> {
  const records = Object.values(await readDatabase(name)) as { panels?: string[][] }[]
  return records.flatMap(({ panels }) => (panels ?? []).map((ref) => ref.join(' '))).toSorted()
}

/** An event comes through, whatever the database does. */
async function expectDelivery(tab: Tab, emit: (n: number) => Promise<unknown>, n: number) {
  await emit(n)
  await expect.poll(() => tab.run(({ data }) => data().at(-1))).toEqual({ room: 'errors', n })
  expect(await tab.run(({ log }) => log.error)).toEqual([])
}

/** A tab whose panel is live and written down, and where. */
async function written(bench: Bench) {
  const server = await bench.server()
  const url = await server.url()
  const database = bench.database(url)
  bench.serve({ url, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await expect.poll(() => writtenPanels(database)).toEqual(['errors'])
  return { server, database, tab }
}

const warnings = (bench: Bench) => bench.consoleMessages.filter((words) => words.includes('IndexedDB'))

test('the database is deleted under way - delivery goes on, and everything is written again', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  // The reload ends the worker, so that only the database can know.
  const tab = await bench.page({ extendedLifetime: false })
  await subscribe(tab, 'errors')
  await isLive(tab)
  bench.worker('delete database')
  await subscribe(tab, 'tmux')
  await isLive(tab, 'tmux')
  await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
  await subscribe(tab, 'overview')
  await isLive(tab, 'overview')
  await tab.reload()
  expect(await tab.run(({ line }) => line.restored)).toEqual(['errors', 'tmux', 'overview'])
})

test('the site’s data is cleared under way - what is in memory is written again by itself', async ({
  bench,
}) => {
  const { server, database, tab } = await written(bench)
  await bench.wipeDatabases()
  await expect.poll(() => writtenPanels(database)).toEqual(['errors'])
  await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
  expect(await isPersistent(tab)).toBe(true)
  expect(warnings(bench)).toEqual([])
})

test.for(['is missing', 'hangs', 'is unreadable'])(
  'a database that %s from the start - panels are kept in memory, and written down once it works',
  async (fault, { bench }) => {
    const server = await bench.server()
    const url = await server.url()
    bench.serve({ url, ...QUICK, database: fault.replace('is ', '') })
    const opened = Date.now()
    const tab = await bench.page({ panels: ['errors'] })
    await isLive(tab)
    expect(Date.now() - opened).toBeLessThan(2000)
    await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
    await expect.poll(() => isPersistent(tab)).toBe(false)
    // The worker lives on, and remembers.
    await tab.reload()
    expect(await tab.run(({ line }) => line.restored)).toEqual(['errors'])
    await isLive(tab)
    bench.worker({ database: 'works' })
    await expect.poll(() => isPersistent(tab)).toBe(true)
    await expect.poll(() => writtenPanels(bench.database(url))).toEqual(['errors'])
    expect(warnings(bench)).toHaveLength(1)
  },
)

test.for([
  ['hangs', 'works'],
  ['is unreadable', 'works'],
  ['is full', 'has room'],
] as const)(
  'a database that %s under way - what changes meanwhile is written down once it %s',
  async ([fault], { bench }) => {
    const server = await bench.server()
    const url = await server.url()
    const database = bench.database(url)
    bench.serve({ url, ...QUICK, grace: 300 })
    const tab = await bench.page({ panels: ['errors'] })
    const leaves = await bench.frame({ panels: ['overview'] })
    await isLive(tab)
    await expect.poll(() => writtenPanels(database)).toEqual(['errors', 'overview'])
    bench.worker({ database: fault.replace('is ', '') as DatabaseState })
    await subscribe(tab, 'tmux')
    await isLive(tab, 'tmux')
    await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
    await expect.poll(() => isPersistent(tab)).toBe(false)
    // What is forgotten meanwhile is not found again.
    await leaves.run(({ line }) => line.close())
    await expect.poll(async () => (await tab.run(({ line }) => line.inspect())).tabs).toHaveLength(1)
    bench.worker({ database: 'works' })
    await expect.poll(() => isPersistent(tab)).toBe(true)
    await expect.poll(() => writtenPanels(database)).toEqual(['errors', 'tmux'])
    expect(warnings(bench)).toHaveLength(1)
  },
)

test('sign-out while the database fails - nothing is left of the user once it works', async ({ bench }) => {
  const server = await bench.server()
  const url = await server.url()
  bench.serve({ url, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await expect.poll(() => writtenPanels(bench.database(url))).toEqual(['errors'])
  bench.worker({ database: 'unreadable' })
  await tab.run(({ line }) => line.signOut())
  expect(await tab.run(({ line }) => line.status.state)).toBe('closed')
  bench.worker({ database: 'works' })
  await expect.poll(() => readDatabase(bench.database(url))).toEqual({})
})

test.for([
  ['of another’s making', 1, ['something']],
  ['of a later version', 7, ['tabs', 'more']],
] as const)('a database %s - it is made anew', async ([, version, tables], { bench }) => {
  const server = await bench.server()
  const url = await server.url()
  const database = bench.database(url)
  ;(await openDatabase(database, version, tables)).close()
  bench.serve({ url, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await expect.poll(() => writtenPanels(database)).toEqual(['errors'])
  expect(await isPersistent(tab)).toBe(true)
  await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
  expect(warnings(bench)).toEqual([])
})

test('a database that somebody else blocks - memory until they let go, then everything is written', async ({
  bench,
}) => {
  const server = await bench.server()
  const url = await server.url()
  const database = bench.database(url)
  const holder = await openDatabase(database, 1, ['tabs'])
  // Waits until the holder closes, and everybody who opens waits behind it.
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
  await expect.poll(() => writtenPanels(database)).toEqual(['errors'])
  expect(warnings(bench)).toHaveLength(1)
})

test('somebody else wants to change the database - the worker lets go of it at once, and goes on', async ({
  bench,
}) => {
  const { server, database, tab } = await written(bench)
  const asked = performance.now()
  const changed = await openDatabase(database, 2)
  expect(performance.now() - asked).toBeLessThan(1000)
  await subscribe(tab, 'tmux')
  await isLive(tab, 'tmux')
  await expectDelivery(tab, (n) => server.emit('errors', 'row', { room: 'errors', n }), 1)
  // The other one does not let go: there is nothing to write to.
  await expect.poll(() => isPersistent(tab)).toBe(false)
  changed.close()
  await expect.poll(() => isPersistent(tab), { timeout: 8000 }).toBe(true)
  await expect.poll(() => writtenPanels(database)).toEqual(['errors', 'tmux'])
})
