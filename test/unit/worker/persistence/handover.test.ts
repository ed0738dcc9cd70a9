import { expect, onTestFinished, test, vi } from 'vitest'
import { createHandover } from '../../../../worker/persistence/handover'
import type { Found, SessionRecord, TabRecord } from '../../../../worker/persistence/records'

const NAME = 'partyline/1/u'
const SESSION: SessionRecord = {
  ...{ worker: NAME, lock: 'lock', id: 'session', position: 'p9', rooms: ['errors'], at: 900 },
  tabs: [['a'], ['slow', 700]],
}
const PANELS: TabRecord = { panels: [['errors']], at: 100 }

/** Never settles after `Infinity`. */
const after = (ms: number) =>
  new Promise<void>((resolve) => {
    if (ms < Infinity) setTimeout(resolve, ms)
  })

async function claim(
  tabs: Record<string, TabRecord>,
  session: SessionRecord | undefined,
  {
    isFree = true,
    isGranted = false,
    hung,
    ownsRecords = true,
    freeAfter,
    until,
    own,
    loaded = Promise.resolve(),
    leaves,
  }: {
    /** The tab that leaves while the lock of the last worker is waited for. */
    leaves?: string
    isFree?: boolean
    isGranted?: boolean
    hung?: 'serving' | 'unheard' | undefined
    /** Whether the records are this worker's once it has asked for the lock. */
    ownsRecords?: boolean
    /** Settles when it is known whether the lock of the last worker is free. */
    freeAfter?: Promise<void>
    /** What is looked at comes after this, and after the first handshake may begin. */
    until?: Promise<void>
    own?: string
    loaded?: Promise<void>
  } = {},
) {
  const found = {
    tabs: new Map(Object.entries(tabs)),
    takeSession: () => session,
    builds: [],
  } satisfies Found
  const revived: Record<string, number | undefined> = {}
  let carried: unknown
  let restored: unknown
  /** For each lock that was asked for, whether it may become free in a moment. */
  const waited: boolean[] = []
  const noted: string[] = []
  const handover = createHandover({
    isGranted,
    hung,
    arrived: Promise.resolve(),
    home: {
      name: NAME,
      async isFree(_, atOnce) {
        waited.push(!atOnce)
        if (leaves) found.tabs.delete(leaves)
        await freeAfter
        return isFree
      },
    },
    records: { loaded: loaded.then(() => found), writeSession: async () => {} },
    progress: {
      restore(record) {
        restored = record.id
      },
      ended() {},
    },
    grace: 1000,
    describe: () => SESSION,
    revive(tab, _, missing) {
      revived[tab] = missing
      return ['errors']
    },
    carry(had, until, joined) {
      carried = [[...had], until, [...joined]]
    },
    ownsRecords: () => waited.length === 0 || ownsRecords,
    note: ({ what }) => void noted.push(what),
  })
  handover.claim(own)
  await handover.ready()
  await until
  return { revived, carried, restored, noted, waited }
}

test('tabs that had handled everything continue the session, one that was behind gets a gap', async () => {
  expect(await claim({ a: PANELS, slow: PANELS }, SESSION)).toMatchObject({
    revived: { a: undefined, slow: 700 },
    carried: [['errors'], 900, ['errors']],
    restored: 'session',
    noted: ['session-restored'],
  })
})

test.for([
  [
    'a slow device reads the database in 900 ms - the session is continued, and no event is missed',
    900,
    undefined,
    1000,
    'session',
  ],
  [
    'the database hangs - the first handshake waits for it for 1 s, and continues no session',
    Infinity,
    undefined,
    1000,
    undefined,
  ],
  [
    'a worker that served hangs, and the database with it - the first handshake waits for it for 0.1 s',
    Infinity,
    'serving',
    100,
    undefined,
  ],
  [
    'nobody has heard the worker that hangs, and a slow device reads the database in 900 ms - the session of one before it is continued',
    900,
    'unheard',
    1000,
    'session',
  ],
] as const)('%s', async ([, ms, hung, waits, session]) => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const claimed = claim({ a: PANELS }, SESSION, { loaded: after(ms), hung })
  await vi.advanceTimersByTimeAsync(waits)
  expect((await claimed).restored).toBe(session)
})

test('a tab that the last worker did not know gets a gap since its own record', async () => {
  expect((await claim({ a: PANELS, stranger: PANELS }, SESSION)).revived).toEqual({
    a: undefined,
    stranger: 100,
  })
})

test('a dedicated worker claims the tab that says hello first, and those of its page, however long they were gone', async () => {
  const gone = { ...PANELS, goneAt: 500 }
  expect((await claim({ a: gone, slow: gone, stranger: PANELS }, SESSION, { own: 'slow' })).revived).toEqual({
    a: undefined,
    slow: 700,
  })
})

test('a dedicated worker that finds no session claims its own tab alone', async () => {
  expect((await claim({ a: PANELS, b: PANELS }, undefined, { own: 'b' })).revived).toEqual({ b: 100 })
})

test('the user signs out while the lock of the last worker is waited for - no tab comes back, and no session is continued', async () => {
  const { revived, carried, restored } = await claim({ a: PANELS }, SESSION, { leaves: 'a' })
  expect([revived, carried, restored]).toStrictEqual([{}, undefined, undefined])
})

test('another worker takes over while the lock of the last worker is waited for - no tab comes back in this one', async () => {
  expect((await claim({ a: PANELS }, SESSION, { ownsRecords: false })).revived).toStrictEqual({})
})

test('tabs that went away long ago are not claimed', async () => {
  const gone = { ...PANELS, goneAt: Date.now() - 2000 }
  const { revived, carried } = await claim({ gone }, SESSION)
  expect(revived).toEqual({})
  expect(carried).toBeUndefined()
})

test('the session of a worker that may still live is not continued', async () => {
  expect(await claim({ a: PANELS }, SESSION, { isFree: false })).toMatchObject({
    carried: [['errors'], 900, []],
    restored: undefined,
    noted: ['session-not-restored'],
  })
  expect(await claim({ a: PANELS }, { ...SESSION, worker: `${NAME}/1` })).toMatchObject({
    restored: undefined,
  })
  expect(await claim({ a: PANELS }, SESSION, { hung: 'serving', isFree: false })).toMatchObject({
    restored: undefined,
  })
})

test('the worker that had the turn hangs, and the session is that of one before it, which has ended - it is continued, and no lock is waited for', async () => {
  const { restored, waited } = await claim({ a: PANELS }, SESSION, { hung: 'unheard' })
  expect([restored, waited]).toEqual(['session', [false]])
  const { lock: _, ...lockless } = SESSION
  expect(await claim({ a: PANELS }, lockless, { hung: 'unheard' })).toMatchObject({ restored: undefined })
})

test('the worker of another generation has ended - the one that was granted its turn continues the session', async () => {
  const session = { ...SESSION, worker: `${NAME}/1` }
  expect(await claim({ a: PANELS }, session, { isGranted: true })).toMatchObject({ restored: 'session' })
  expect(await claim({ a: PANELS }, session, { isGranted: true, isFree: false })).toMatchObject({
    restored: undefined,
  })
})

test('a server that recovers no sessions - none is noted as restored', async () => {
  const { id: _, position: __, ...nameless } = SESSION
  expect((await claim({ a: PANELS }, nameless)).noted).toEqual(['session-not-restored'])
  expect((await claim({ a: PANELS }, undefined)).noted).toEqual(['session-not-restored'])
})

test('the first handshake begins while the lock of the last worker is waited for - each tab gets a gap, and no session is continued', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const claimed = claim({ a: PANELS, slow: PANELS }, SESSION, { freeAfter: after(1100), until: after(1200) })
  await vi.advanceTimersByTimeAsync(1200)
  const { revived, carried, restored } = await claimed
  expect(revived).toEqual({ a: 900, slow: 700 })
  expect([carried, restored]).toEqual([undefined, undefined])
})

test('a database that answers after the handshake - each tab gets a gap', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const claimed = claim({ a: PANELS }, SESSION, { loaded: after(1100), until: after(1200) })
  await vi.advanceTimersByTimeAsync(1200)
  expect(await claimed).toMatchObject({
    revived: { a: 900 },
    carried: undefined,
    restored: undefined,
    noted: [],
  })
})
