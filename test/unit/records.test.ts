import { afterEach, expect, test, vi } from 'vitest'
import { createRecords, type SessionRecord, type TabRecord } from '../../worker/records'

const NOW = 1_000_000

afterEach(() => {
  vi.restoreAllMocks()
})

/** A database, as a list of keys with their records, and what is read of it. */
async function open(...found: [key: string | string[], record: object][]) {
  vi.spyOn(Date, 'now').mockReturnValue(NOW)
  const kept = new Map(found.map(([key, record]) => [JSON.stringify(key), record]))
  const records = createRecords({
    load: async () => found,
    async save(key, record) {
      if (record) kept.set(JSON.stringify(key), record)
      else kept.delete(JSON.stringify(key))
    },
    clear: async () => kept.clear(),
    isPersistent: () => true,
  })
  return { records, found: await records.loaded, keys: () => [...kept.keys()].toSorted() }
}

const TAB: TabRecord = { panels: [['errors']], at: NOW }
const session = (...tabs: string[]): SessionRecord => ({
  ...{ worker: 'w', rooms: ['errors'], at: NOW },
  tabs: tabs.map((tab) => [tab] as const),
})

test('two lines of a page - the session is found for each, and is written under the one that took it', async () => {
  const shared = session('x', 'y')
  const { found, keys } = await open(['x', TAB], ['y', TAB], [['session', 'x'], shared])
  expect(found.takeSession('y')).toBe(shared)
  expect(keys()).toEqual(['"x"', '"y"'])
  const again = await open(['x', TAB], ['y', TAB], [['session', 'y'], shared])
  expect(again.found.takeSession('y')).toBe(shared)
  expect(again.keys()).toEqual(['"x"', '"y"', '["session","y"]'])
})

test('the session of other tabs, or of a shared worker, is not taken', async () => {
  const { found, keys } = await open(
    ['x', TAB],
    ['y', TAB],
    [['session', 'x'], session('x')],
    [['session'], session('x', 'y')],
  )
  expect(found.takeSession('y')).toBeUndefined()
  expect(found.takeSession(undefined)).toEqual(session('x', 'y'))
  expect(keys()).toHaveLength(4)
})

test('the line that the session is written under leaves - the session stays for the other', async () => {
  const { records, keys } = await open()
  await records.write('x', TAB)
  await records.write('y', TAB)
  await records.keepSession('x', session('x', 'y'))
  await records.remove('x')
  expect(keys()).toEqual(['"y"', '["session","x"]'])
  // It connects again after a reload, before the other.
  const { found } = await open(['y', TAB], [['session', 'x'], session('y')])
  expect(found.takeSession('x')).toEqual(session('y'))
})

test('a session none of whose tabs is known is removed, unless it has just begun', async () => {
  const old = { at: NOW - 3_600_000 }
  const { keys } = await open(
    ['known', TAB],
    [['session', 'gone'], { ...session('gone'), ...old }],
    [['session', 'left'], { ...session('left', 'known'), ...old }],
    [['session', 'begun'], session('begun')],
  )
  expect(keys()).toEqual(['"known"', '["session","begun"]', '["session","left"]'])
})
