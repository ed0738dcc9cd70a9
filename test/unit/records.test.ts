import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRecords } from '../../worker/records'
import type { Key, Store } from '../../worker/store'

const START = 1_000_000_000
const DAY = 24 * 3_600_000

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

/** A database that outlives the workers of a test. */
function setUp(found: readonly (readonly [Key, object])[]) {
  const held = new Map(found.map(([key, record]) => [JSON.stringify(key), record]))
  const store = {
    load: async () => [...held].map(([key, record]) => [JSON.parse(key), record] as const),
    async save(key: Key, record: object | undefined) {
      if (record) held.set(JSON.stringify(key), record)
      else held.delete(JSON.stringify(key))
    },
  } as unknown as Store
  return { start: () => createRecords(store), held }
}

const panels = [['errors']]

test('the clock was set back by a year since a tab went - its record is as old as this worker, and goes after a day', async () => {
  const { start, held } = setUp([['gone', { panels, at: START + 365 * DAY, goneAt: START + 365 * DAY }]])
  const { tabs } = await start().loaded
  expect(tabs.get('gone')).toEqual({ panels, at: START, goneAt: START })
  vi.setSystemTime(START + DAY + 1)
  await start().loaded
  expect([...held]).toEqual([])
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
  expect(found.session()).toEqual({
    ...session,
    at: START,
    tabs: [['a'], ['slow', START], ['slower', START - 10]],
  })
})
