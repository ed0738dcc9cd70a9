import { expect, test } from 'vitest'
import { createRecords } from '../../worker/records'
import type { Key, Store } from '../../worker/store'

/** A database with the record of one tab, which is read when the test says so. */
function setUp() {
  let read = () => {}
  const found: (readonly [Key, unknown])[] = [['a', { panels: [['errors']], at: 1 }]]
  const store: Store = {
    load: () =>
      new Promise((resolve) => {
        read = () => resolve(found)
      }),
    save: async () => {},
    clear: async () => {},
    isPersistent: () => true,
  }
  return { records: createRecords(store), read: () => read() }
}

test('what earlier workers have written is found', async () => {
  const { records, read } = setUp()
  read()
  expect([...(await records.loaded).tabs.keys()]).toEqual(['a'])
  expect(records.get('a')?.panels).toEqual([['errors']])
})

test('everything is to be forgotten while the database is still read - nothing is found', async () => {
  const { records, read } = setUp()
  const cleared = records.clear()
  read()
  await cleared
  expect([...(await records.loaded).tabs.keys()]).toEqual([])
  expect(records.get('a')).toBeUndefined()
})

test('everything is to be forgotten after the database was read - what was found is gone, too', async () => {
  const { records, read } = setUp()
  read()
  await records.loaded
  await records.clear()
  expect([...(await records.loaded).tabs.keys()]).toEqual([])
  expect(records.get('a')).toBeUndefined()
})
