import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createStore } from '../../../../worker/persistence/store'

/** A database that cannot be opened; what a real one does is in test/browser. */
const open = vi.fn((): IDBOpenDBRequest => {
  throw new DOMException('no database here', 'SecurityError')
})
const parts = { changed() {}, rewrite() {}, isOurs: () => true }
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
  const store = createStore('name', { ...parts, changed })
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
  // There is none that could have anything.
  expect(await store.clear()).toBe(true)
  expect(tries()).toBe(before + 1)
})

test('too many changes for a database that does not work - everything is written again instead', async () => {
  const rewrite = vi.fn()
  const store = createStore('name', { ...parts, rewrite })
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
  const store = createStore('p/1/joe@https://now', parts)
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
  const store = createStore('name', parts)
  void store.save('first', {})
  await vi.advanceTimersByTimeAsync(0)
  void store.save('second', {})
  store.close()
  await vi.advanceTimersByTimeAsync(0)
  void store.save('third', {})
  await vi.advanceTimersByTimeAsync(0)
  expect(done).toEqual(['put first', 'put second', 'close', 'put third', 'close'])
})

test('the database works again once another worker serves - records are not written, and what waits to be removed is removed', async () => {
  let isOurs = true
  const store = createStore('name', { ...parts, isOurs: () => isOurs })
  void store.save('sent', { id: 'sent' })
  void store.save('ended', undefined)
  await vi.advanceTimersByTimeAsync(0)
  expect(open).toHaveBeenCalledTimes(2)
  isOurs = false
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
  expect(done).toEqual(['delete ended'])
  expect(await store.isWritten('sent')).toBe(true)
})

/** A database whose transactions end after this many ms, one after another, and an error if one is called off. */
function slowDatabase(first: number) {
  const held = new Set<string>()
  let took = first
  let last = Promise.resolve()
  function transaction() {
    const acts: (() => void)[] = []
    const own = {
      oncomplete: () => {},
      objectStore: () => table,
      abort() {
        throw new Error('called off')
      },
    }
    const table = {
      transaction: own,
      put: (_: object, key: string) => acts.push(() => held.add(key)),
      delete: (key: string) => acts.push(() => held.delete(key)),
      clear: () => acts.push(() => held.clear()),
    }
    last = last.then(async () => {
      await new Promise((done) => setTimeout(done, took))
      for (const act of acts) act()
      own.oncomplete()
    })
    return own
  }
  vi.stubGlobal('indexedDB', {
    open: () => ({
      result: { transaction, close() {} },
      set onsuccess(act: () => void) {
        queueMicrotask(act)
      },
    }),
  })
  return {
    held,
    take(ms: number) {
      took = ms
    },
  }
}

/** What a promise has resolved to by now. */
async function settled<T>(promise: Promise<T>): Promise<T | 'pending'> {
  return Promise.race([promise, Promise.resolve().then(() => 'pending' as const)])
}

test('the database takes 1.2 s for each transaction - records are written and removed, and that is known', async () => {
  const { held } = slowDatabase(1200)
  const store = createStore('name', parts)
  void store.save('tab', { panels: [] })
  await vi.advanceTimersByTimeAsync(2000)
  expect(held).toEqual(new Set(['tab']))
  expect(await store.isWritten('tab')).toBe(true)
  const cleared = store.clear()
  await vi.advanceTimersByTimeAsync(2000)
  expect(held.size).toBe(0)
  expect(await settled(cleared)).toBe(true)
})

test('the database does not answer in time - nobody is told that a record is written, or removed; both happen later', async () => {
  const { held, take } = slowDatabase(3000)
  const store = createStore('name', parts)
  const saved = store.save('kept', { id: 'kept' })
  await vi.advanceTimersByTimeAsync(2000)
  await saved
  expect(await store.isWritten('kept')).toBeUndefined()
  void store.save('kept', undefined)
  // It may be written now, and is not removed yet.
  await vi.advanceTimersByTimeAsync(1100)
  expect(held).toEqual(new Set(['kept']))
  expect(store.isPersistent()).toBe(false)
  expect(await settled(store.isWritten('kept'))).not.toBe(false)
  // The first attempt waits for one that is under way.
  const cleared = store.clear()
  await vi.advanceTimersByTimeAsync(4000)
  expect(await settled(cleared)).toBe(false)
  take(1)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(held.size).toBe(0)
  expect(await store.isWritten('kept')).toBe(true)
})

test('the worker stood still - it writes nothing before it knows that it still serves, and then what waits', async () => {
  const { held } = slowDatabase(1)
  let confirm = () => {}
  const known = new Promise<void>((resolve) => {
    confirm = resolve
  })
  const store = createStore('name', { ...parts, confirmed: () => known })
  const saved = store.save('kept', { id: 'kept' })
  await vi.advanceTimersByTimeAsync(500)
  expect(held.size).toBe(0)
  expect(await settled(saved)).toBe('pending')
  confirm()
  await vi.advanceTimersByTimeAsync(10)
  expect(held).toEqual(new Set(['kept']))
  expect(await store.isWritten('kept')).toBe(true)
})

test('another worker serves before a late write is tried again - only removals are written', async () => {
  const { held, take } = slowDatabase(1)
  let isOurs = true
  const store = createStore('name', { ...parts, isOurs: () => isOurs })
  void store.save('ended', {})
  await vi.advanceTimersByTimeAsync(10)
  take(1500)
  void store.save('tab', {})
  void store.save('ended', undefined)
  await vi.advanceTimersByTimeAsync(900)
  isOurs = false
  await vi.advanceTimersByTimeAsync(700)
  // The first attempt is done, and the other worker removes the record.
  expect(held).toEqual(new Set(['tab']))
  held.clear()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(held.size).toBe(0)
})

test('everything is cleared while an earlier write fails - it is tried all the same', async () => {
  const { held, take } = slowDatabase(1)
  const store = createStore('name', parts)
  await Promise.all([store.save('tab', { panels: [] }), vi.advanceTimersByTimeAsync(10)])
  take(1950)
  void store.save('tab', { panels: ['errors'] })
  await vi.advanceTimersByTimeAsync(500)
  const cleared = store.clear()
  await vi.advanceTimersByTimeAsync(1460)
  take(1)
  await vi.advanceTimersByTimeAsync(2500)
  expect(await settled(cleared)).toBe(true)
  expect(held.size).toBe(0)
})

test('a record is just being written - whoever asks for it waits until it is', async () => {
  slowDatabase(10)
  const store = createStore('name', parts)
  void store.save('tab', { panels: [] })
  const asked = store.isWritten('tab')
  await vi.advanceTimersByTimeAsync(5)
  expect(await settled(asked)).toBe('pending')
  await vi.advanceTimersByTimeAsync(5)
  expect(await settled(asked)).toBe(true)
})

test('two pages clear everything at the same time - both are told that it is done', async () => {
  const { held } = slowDatabase(10)
  const store = createStore('name', parts)
  void store.save('tab', { panels: [] })
  await vi.advanceTimersByTimeAsync(20)
  const first = store.clear()
  await vi.advanceTimersByTimeAsync(5)
  const second = store.clear()
  await vi.advanceTimersByTimeAsync(50)
  expect(await Promise.all([first, second])).toEqual([true, true])
  expect(held.size).toBe(0)
})

test.each([
  ['UnknownError', 'it may still have records', false],
  ['SecurityError', 'there is none, so it has no records', true],
])('the database fails with %s - a record is not written, and %s', async (name, _, isEmpty) => {
  vi.stubGlobal('indexedDB', {
    open() {
      throw new DOMException('it does not open', name)
    },
  })
  const store = createStore('name', parts)
  await store.save('tab', { panels: [] })
  expect(await store.isWritten('tab')).toBe(false)
  expect(await store.clear()).toBe(isEmpty)
})
