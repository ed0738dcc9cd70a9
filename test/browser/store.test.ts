import { expect } from 'vitest'
import { type Bench, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 1000 }
/** Each reload ends the worker, so that only the database can know. */
const FORGETFUL = { extendedLifetime: false }

const isLive = (tab: Tab, panel: 'errors' | 'tmux' | 'overview' = 'errors') =>
  expect.poll(() => tab.run(({ line }, name) => line.panel(name).state, panel)).toBe('live')
const isPersistent = (tab: Tab) => tab.run(({ line }) => line.status.persistent)
const warnings = ({ said }: Bench) => said.filter((words) => words.includes('IndexedDB'))

const settled = (request: IDBRequest | IDBTransaction) =>
  new Promise<void>((resolve, reject) => {
    const done = () => resolve()
    Object.assign(request, { onsuccess: done, oncomplete: done, onerror: reject, onblocked: reject })
  })

/** A database of the worker's name, as somebody else has made it. */
async function makeDatabase(name: string, version: number, table: string) {
  const request = indexedDB.open(name, version)
  request.onupgradeneeded = () => request.result.createObjectStore(table)
  await settled(request)
  request.result.close()
}

test('the database is deleted under way - delivery goes on, and everything is written anew', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page(FORGETFUL)
  await tab.run(({ subscribe }) => {
    subscribe('errors')
    subscribe('tmux')
  })
  await isLive(tab)
  // Not blocked by the worker's own handle.
  await settled(indexedDB.deleteDatabase(`partyline/1/${bench.id}@${await server.url()}/`))
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  await tab.reload()
  expect(await tab.run(({ line }) => line.restored)).toEqual(['errors', 'tmux'])
  expect(await tab.run(({ log }) => log.error)).toEqual([])
  expect(await isPersistent(tab)).toBe(true)
})

test('no database at all - everything works from memory, and the status says so', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, database: 'none' })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await expect.poll(() => isPersistent(tab)).toBe(false)
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  expect(await tab.run(({ log }) => log.error)).toEqual([])
  expect(warnings(bench)).toHaveLength(1)
  // The worker lives on, and remembers.
  await tab.reload()
  expect(await tab.run(({ line }) => line.restored)).toEqual(['errors'])
})

test('a database that hangs holds nothing up, and is said to be missing once', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, database: 'hangs' })
  const start = Date.now()
  const tab = await bench.page()
  await tab.run(({ subscribe }) => void subscribe('errors'))
  await isLive(tab)
  expect(Date.now() - start).toBeLessThan(1500)
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  await expect.poll(() => isPersistent(tab)).toBe(false)
  for (const panel of ['tmux', 'overview'] as const) {
    await tab.run(({ subscribe }, name) => void subscribe(name), panel)
    await isLive(tab, panel)
  }
  expect(warnings(bench)).toHaveLength(1)
})

test('a full database - memory takes over, and what is in it is written once there is room', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, database: 'full' })
  const tab = await bench.page({ panels: ['errors'], ...FORGETFUL })
  await isLive(tab)
  await expect.poll(() => isPersistent(tab)).toBe(false)
  bench.worker({ database: 'fine' })
  // Looked at again ten seconds after it failed.
  await expect.poll(() => isPersistent(tab), { timeout: 12_000 }).toBe(true)
  expect(warnings(bench)).toHaveLength(1)
  await tab.reload()
  expect(await tab.run(({ line }) => line.restored)).toEqual(['errors'])
})

for (const [what, version, table] of [
  ['of a later version', 7, 'tabs'],
  ['without our table', 1, 'something-else'],
] as const) {
  test(`a database ${what} is made anew`, async ({ bench }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url(), ...QUICK })
    await makeDatabase(`partyline/1/${bench.id}@${await server.url()}/`, version, table)
    const tab = await bench.page({ panels: ['errors'], ...FORGETFUL })
    await isLive(tab)
    await tab.run(({ subscribe }) => void subscribe('tmux'))
    await isLive(tab, 'tmux')
    expect(await isPersistent(tab)).toBe(true)
    await tab.reload()
    expect(await tab.run(({ line }) => line.restored)).toEqual(['errors', 'tmux'])
    expect(warnings(bench)).toEqual([])
  })
}
