import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from '../../../../worker/persistence/store'

/** A database that cannot be opened; what a real one does is in test/browser. */
const open = vi.fn((): IDBOpenDBRequest => {
  throw new DOMException('no database here', 'SecurityError')
})
const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('indexedDB', { open })
  vi.clearAllMocks()
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a database that never works is tried at growing intervals, with one warning', async () => {
  const changed = vi.fn()
  const store = createStore('name', { changed, rewrite: () => {} })
  expect(await store.load()).toEqual([])
  expect(store.isPersistent()).toBe(false)
  expect(open).toHaveBeenCalledTimes(2)
  // In between it is left alone.
  await store.save('tab', { panels: [] })
  expect(open).toHaveBeenCalledTimes(2)
  await vi.advanceTimersByTimeAsync(60_000)
  const tries = () => open.mock.calls.length / 2 - 1
  expect(tries()).toBe(5)
  await vi.advanceTimersByTimeAsync(24 * 3_600_000)
  expect(tries()).toBeLessThan(300)
  expect(tries()).toBeGreaterThan(280)
  expect(changed).toHaveBeenCalledTimes(1)
  expect(warn).toHaveBeenCalledTimes(1)
  // But what is to be gone is tried to be removed at once.
  const before = tries()
  await store.clear()
  expect(tries()).toBe(before + 1)
})

test('too many changes for a database that does not work - everything is written again instead', async () => {
  const rewrite = vi.fn()
  const store = createStore('name', { changed: () => {}, rewrite })
  for (let n = 1; n <= 2000; n += 1) void store.save(`tab ${n}`, undefined)
  for (let n = 1; n <= 2000; n += 1) void store.save(`tab ${n}`, { panels: [] })
  expect(rewrite).not.toHaveBeenCalled()
  void store.save('one more', { panels: [] })
  expect(rewrite).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1)
})

test("everything is cleared - so are the databases of this user for other servers, and no other user's", async () => {
  const names = ['p/1/joe@https://now', 'p/1/joe@https://before', 'p/1/joe%40home@https://now', 'of the app']
  const deleted: string[] = []
  const deleteDatabase = (name: string) => {
    deleted.push(name)
    return {
      set onsuccess(act: () => void) {
        queueMicrotask(act)
      },
    }
  }
  vi.stubGlobal('indexedDB', {
    open,
    deleteDatabase,
    databases: async () => names.map((name) => ({ name })),
  })
  const store = createStore('p/1/joe@https://now', { changed: () => {}, rewrite: () => {} })
  await store.clear()
  expect(deleted).toEqual(['p/1/joe@https://before'])
})

test('the store is closed - what waits is written, and what comes later, each on a handle that is closed after it', async () => {
  const done: string[] = []
  const transaction = {
    objectStore: () => table,
    set oncomplete(act: () => void) {
      queueMicrotask(act)
    },
  }
  const table = { transaction, put: (_: object, key: string) => done.push(`put ${key}`) }
  vi.stubGlobal('indexedDB', {
    open: () => ({
      result: { transaction: () => transaction, close: () => done.push('close') },
      set onsuccess(act: () => void) {
        queueMicrotask(act)
      },
    }),
  })
  const store = createStore('name', { changed: () => {}, rewrite: () => {} })
  void store.save('first', {})
  await vi.advanceTimersByTimeAsync(0)
  void store.save('second', {})
  store.close()
  await vi.advanceTimersByTimeAsync(0)
  void store.save('third', {})
  await vi.advanceTimersByTimeAsync(0)
  expect(done).toEqual(['put first', 'put second', 'close', 'put third', 'close'])
})

test('the database works again once a record is not valid any more - it is not written, and what waits to be removed is removed', async () => {
  const store = createStore('name', { changed: () => {}, rewrite: () => {} })
  let isValid = true
  void store.save('sent', { id: 'sent' }, () => isValid)
  void store.save('kept', { id: 'kept' })
  void store.save('ended', undefined)
  await vi.advanceTimersByTimeAsync(0)
  expect(open).toHaveBeenCalledTimes(2)
  isValid = false
  const done: string[] = []
  const transaction = {
    set oncomplete(act: () => void) {
      queueMicrotask(act)
    },
  }
  const table = {
    transaction,
    put: (_: object, key: string) => done.push(`put ${key}`),
    delete: (key: string) => done.push(`delete ${key}`),
  }
  const request = {
    result: { transaction: () => ({ objectStore: () => table }) },
    set onsuccess(act: () => void) {
      queueMicrotask(act)
    },
  }
  open.mockReturnValueOnce(request as unknown as IDBOpenDBRequest)
  await vi.advanceTimersByTimeAsync(1000)
  expect(done).toEqual(['put kept', 'delete ended'])
  expect(store.isWritten('sent')).toBe(true)
})
