import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRecords, type SessionRecord, type TabRecord } from '../../../../worker/persistence/records'
import type { Key, Store } from '../../../../worker/persistence/store'

const START = 1_000_000_000
const DAY = 24 * 3_600_000

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

/** A database that outlives the workers of a test. */
function setUp(found: readonly (readonly [Key, object])[]) {
  const held = new Map(found.map(([key, record]) => [JSON.stringify(key), record]))
  const store: Store = {
    load: async () => [...held].map(([key, record]) => [JSON.parse(key), record] as const),
    async save(key: Key, record: object | undefined) {
      if (record) held.set(JSON.stringify(key), record)
      else held.delete(JSON.stringify(key))
    },
    isWritten: async () => true,
    async clear() {
      held.clear()
      return true
    },
    isPersistent: () => true,
    close: () => {},
  }
  return { start: () => createRecords(store), held }
}

const panels = [['errors']]

test('the clock was set back by a year since a tab went - its record counts as new, and is removed after a day', async () => {
  const { start, held } = setUp([['gone', { panels, at: START + 365 * DAY, goneAt: START + 365 * DAY }]])
  const { tabs } = await start().loaded
  expect(tabs.get('gone')).toEqual({ panels, at: START, goneAt: START })
  vi.setSystemTime(START + DAY + 1)
  await start().loaded
  expect([...held]).toEqual([])
})

test('the ends of thousands of tabs were not noticed - the latest records are kept', async () => {
  const { start, held } = setUp(
    Array.from({ length: 3000 }, (_, age) => [`${age}`, { panels, at: START - age }] as const),
  )
  const { tabs } = await start().loaded
  expect([...tabs.keys()]).toEqual(Array.from({ length: 1000 }, (_, age) => `${age}`))
  expect(held.size).toBe(1000)
})

test('many tabs are open, and one closes - its record is kept for when it is reopened', async () => {
  const { start, held } = setUp(
    Array.from({ length: 600 }, (_, n) => [`${n}`, { panels, at: START }] as const),
  )
  const records = start()
  await records.loaded
  await records.write('closed', { panels: [['errors']], goneAt: START })
  expect(held.has('"closed"')).toBe(true)
})

test('the clock was set back since a session was written - what may be missing begins with this worker at the latest', async () => {
  const session = { worker: 'w', rooms: ['errors'] }
  const { start } = setUp([
    ['here', { panels, at: START + 20 }],
    ['earlier', { panels, at: START - 20 }],
    [
      ['session'],
      { ...session, at: START + 30, tabs: [['a'], ['slow', START + 10], ['slower', START - 10]] },
    ],
  ])
  const found = await start().loaded
  expect(found.tabs.get('here')).toEqual({ panels, at: START })
  expect(found.tabs.get('earlier')).toEqual({ panels, at: START - 20 })
  expect(found.takeSession(undefined)).toEqual({
    ...session,
    at: START,
    tabs: [['a'], ['slow', START], ['slower', START - 10]],
  })
})

test('cleared while the database is still read - nothing is found', async () => {
  const { start } = setUp([['here', { panels, at: START }]])
  const records = start()
  void records.clear()
  expect([...(await records.loaded).tabs.keys()]).toEqual([])
  expect(records.get('here')).toBeUndefined()
})

test('cleared after the database was read - what was found is gone, too', async () => {
  const { start } = setUp([
    ['here', { panels, at: START }],
    [['session'], { worker: 'w', rooms: ['errors'], at: START, tabs: [] }],
  ])
  const records = start()
  const found = await records.loaded
  expect([...found.tabs.keys()]).toEqual(['here'])
  await records.clear()
  expect([...found.tabs.keys()]).toEqual([])
  expect(found.takeSession(undefined)).toBeUndefined()
  expect(records.get('here')).toBeUndefined()
})

const TAB: TabRecord = { panels: [['errors']], at: START }
const sessionOf = (...tabs: string[]): SessionRecord => ({
  ...{ worker: 'w', rooms: ['errors'], at: START },
  tabs: tabs.map((tab) => [tab] as const),
})

/** What a worker finds, and the keys of the database when it has looked. */
async function open(...records: (readonly [Key, object])[]) {
  const { start, held } = setUp(records)
  const opened = start()
  return { records: opened, found: await opened.loaded, keys: () => [...held.keys()].toSorted() }
}

test('two lines of a page - each finds the session, which is then written under the one that took it', async () => {
  const shared = sessionOf('x', 'y')
  const { found, keys } = await open(['x', TAB], ['y', TAB], [['session', 'x'], shared])
  expect(found.takeSession('y')).toEqual(shared)
  expect(keys()).toEqual(['"x"', '"y"'])
  const again = await open(['x', TAB], ['y', TAB], [['session', 'y'], shared])
  expect(again.found.takeSession('y')).toEqual(shared)
  expect(again.keys()).toEqual(['"x"', '"y"', '["session","y"]'])
})

test('the session of other tabs, or of a shared worker, is not taken', async () => {
  const { found, keys } = await open(
    ['x', TAB],
    ['y', TAB],
    [['session', 'x'], sessionOf('x')],
    [['session'], sessionOf('x', 'y')],
  )
  expect(found.takeSession('y')).toBeUndefined()
  expect(found.takeSession(undefined)).toEqual(sessionOf('x', 'y'))
  expect(keys()).toHaveLength(4)
})

test('the line that the session is written under leaves - the other still finds the session', async () => {
  const { records, keys } = await open()
  await records.write('x', TAB)
  await records.write('y', TAB)
  await records.writeSession('x', sessionOf('x', 'y'))
  await records.remove('x')
  expect(keys()).toEqual(['"y"', '["session","x"]'])
  // It connects again after a reload, before the other.
  const { found } = await open(['y', TAB], [['session', 'x'], sessionOf('y')])
  expect(found.takeSession('x')).toEqual(sessionOf('y'))
})

test('a session without any known tab is removed, unless it has just begun', async () => {
  const old = { at: START - 3_600_000 }
  const { keys } = await open(
    ['known', TAB],
    [['session', 'gone'], { ...sessionOf('gone'), ...old }],
    [['session', 'left'], { ...sessionOf('left', 'known'), ...old }],
    [['session', 'begun'], sessionOf('begun')],
  )
  expect(keys()).toEqual(['"known"', '["session","begun"]', '["session","left"]'])
})

test('the user signs out while the builds are still looked up - they are written only once a tab has come again', async () => {
  const { start, held } = setUp([])
  const records = start()
  await records.clear()
  records.writeBuilds([['build', START]])
  records.rewrite()
  expect([...held]).toEqual([])
  await records.write('tab', { panels: [['errors']] })
  records.writeBuilds([['build', START]])
  expect([...held.keys()]).toEqual(['"tab"', '["builds"]'])
})
