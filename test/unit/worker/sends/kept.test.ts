import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PartylineError, type Reason } from '../../../../shared/errors'
import type { KeptOutcome } from '../../../../shared/kept'
import type { Key, Store } from '../../../../worker/persistence/store'
import { createKept } from '../../../../worker/sends/kept'
import type { Attempt } from '../../../../worker/sends/redelivery'

const START = 1_000_000_000
const HOUR = 3_600_000
const MONTH = 30 * 24 * HOUR

beforeEach(() => void vi.useFakeTimers({ now: START }))
afterEach(() => void vi.useRealTimers())

const settle = () => vi.advanceTimersByTimeAsync(0)
const numbers = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, index) => String(from + index))

/** A database that outlives the workers of a test, and what they hold and send. */
function setUp() {
  const held = new Map<string, object>()
  const pending = new Set<string>()
  const locks = new Set<string>()
  const watchers: (readonly [lock: string, freed: () => void])[] = []
  let works = true
  let isLate = false
  let isPersistent = true
  const store: Store = {
    load: async () => (works ? [...held].map(([key, record]) => [JSON.parse(key), record] as const) : []),
    async save(key: Key, record: object | undefined) {
      const text = JSON.stringify(key)
      pending.add(text)
      await Promise.resolve()
      isPersistent = works
      if (isLate && record) held.set(text, structuredClone(record))
      if (!works) return
      pending.delete(text)
      if (!record) held.delete(text)
      else held.set(text, structuredClone(record))
    },
    async isWritten(key) {
      await Promise.resolve()
      return !pending.has(JSON.stringify(key)) || (isLate ? undefined : false)
    },
    async clear() {
      held.clear()
      return true
    },
    isPersistent: () => isPersistent,
    close() {},
  }

  let last = Promise.resolve()
  function start(name: string, { keepFor = HOUR, hasLocks = true, isOpen = true } = {}) {
    if (hasLocks) locks.add(name)
    const attempts: (Attempt & {
      answer(with_: unknown): void
      fail(reason: Reason, words?: string): void
    })[] = []
    const outcomes: KeptOutcome[] = []
    const connection = { isOpen }
    const changed = vi.fn()
    const count = vi.fn()
    const kept = createKept({
      home: {
        lock: hasLocks ? name : undefined,
        isFree: async (lock) => !locks.has(lock),
        exclusively(_, act) {
          last = last.then(act)
          return last
        },
        watchLock: (lock, freed) => {
          if (locks.has(lock)) watchers.push([lock, freed])
          else queueMicrotask(freed)
          return () => {}
        },
      },
      database: 'database',
      store,
      keepFor,
      connection: { isOpen: () => connection.isOpen },
      deliver: (attempt) =>
        new Promise((resolve, reject) => {
          const fail = (reason: Reason, words = 'no') => reject(new PartylineError(reason, words))
          attempts.push({ ...attempt, answer: resolve, fail })
        }),
      ended: (outcome) => outcomes.push(outcome),
      changed,
      count,
    })
    const keep = (id: string, payload: unknown = { id }) => kept.keep({ id, name: 'ack', payload })
    return {
      kept,
      keep,
      changed,
      attempts,
      outcomes,
      sent: () => attempts.map(({ id }) => id),
      ids: async () => (await kept.unsent()).map(({ id }) => id),
      async open() {
        connection.isOpen = true
        kept.opened()
        await settle()
      },
      /** As the engine of sends does: what is under way was not answered. */
      async lose() {
        connection.isOpen = false
        for (const { fail } of attempts) fail('unanswered')
        await settle()
      },
      die() {
        locks.delete(name)
        for (const [lock, freed] of watchers) if (lock === name) freed()
      },
    }
  }
  return {
    start,
    store,
    held,
    keys: () => [...held.keys()].map((key) => JSON.parse(key)[1]),
    fail: () => (works = false),
    /** The database writes what it is given, and does not say so. It removes nothing. */
    answerNothing() {
      works = false
      isLate = true
    },
    work: () => {
      works = true
      isLate = false
      isPersistent = true
    },
  }
}

test('kept while offline - stored first, sent in order once the connection is open, and told with its answer', async () => {
  const { start, held } = setUp()
  const { keep, open, attempts, outcomes, kept, changed } = start('w', { isOpen: false })
  await Promise.all(['a', 'b', 'c'].map((id) => keep(id)))
  expect(held.get('["kept","a"]')).toEqual({
    id: 'a',
    name: 'ack',
    payload: { id: 'a' },
    at: START,
    owner: 'w',
  })
  expect(await kept.unsent()).toMatchObject([
    { id: 'a', name: 'ack', payload: { id: 'a' }, at: START, expires: START + HOUR },
    { id: 'b' },
    { id: 'c' },
  ])
  expect(attempts).toEqual([])
  await open()
  expect(attempts).toMatchObject(['a', 'b', 'c'].map((id) => ({ id, name: 'ack', payload: { id } })))
  attempts[0]?.answer({ by: 'me' })
  await settle()
  expect(outcomes).toEqual([{ id: 'a', name: 'ack', outcome: 'acknowledged', answer: { by: 'me' } }])
  expect([...held.keys()]).toEqual(['["kept","b"]', '["kept","c"]'])
  expect(kept.count()).toBe(2)
  await vi.advanceTimersByTimeAsync(50)
  expect(changed).toHaveBeenCalledTimes(1)
})

test('one that is still being written - those behind it wait for it', async () => {
  const { start } = setUp()
  const { keep, sent } = start('w')
  const all = [keep('a'), keep('b')]
  expect(sent()).toEqual([])
  await Promise.all(all)
  expect(sent()).toEqual(['a', 'b'])
})

test('many - 32 are under way at most, the next ones follow the answers', async () => {
  const { start } = setUp()
  const { keep, sent, attempts } = start('w')
  await Promise.all(numbers(1, 100).map((id) => keep(id)))
  expect(sent()).toEqual(numbers(1, 32))
  attempts[4]?.answer(1)
  attempts[0]?.answer(1)
  await settle()
  expect(sent()).toEqual(numbers(1, 34))
})

test('the connection is lost - what was not answered is sent again with the same id, in order', async () => {
  const { start } = setUp()
  const { keep, sent, attempts, lose, open } = start('w')
  await Promise.all(['a', 'b', 'c'].map((id) => keep(id)))
  attempts[1]?.answer(1)
  await settle()
  await lose()
  await open()
  expect(sent()).toEqual(['a', 'b', 'c', 'a', 'c'])
})

test('no answer - sent again after 10 s, 20 s, 40 s, and every 60 s from then on; a new connection begins with 10 s', async () => {
  const { start } = setUp()
  const { keep, attempts, lose, open } = start('w')
  await keep('a')
  for (const ms of [10_000, 20_000, 40_000, 60_000]) {
    await vi.advanceTimersByTimeAsync(ms)
    attempts.at(-1)?.fail('unanswered')
    await settle()
  }
  expect(attempts.map(({ timeout }) => timeout)).toEqual([10_000, 20_000, 40_000, 60_000, 60_000])
  await lose()
  await open()
  expect(attempts.at(-1)?.timeout).toBe(10_000)
})

test('one that could not leave although the connection is open - tried again 10 s later, the others go on', async () => {
  const { start } = setUp()
  const { keep, sent, attempts } = start('w')
  await Promise.all(['a', 'b'].map((id) => keep(id)))
  attempts[0]?.fail('not-sent')
  attempts[1]?.answer(1)
  await settle()
  expect(sent()).toEqual(['a', 'b'])
  await vi.advanceTimersByTimeAsync(10_000)
  expect(sent()).toEqual(['a', 'b', 'a'])
})

test('the answer cannot be read - sent again 10 s later, not at once', async () => {
  const { start } = setUp()
  const { keep, sent, attempts } = start('w')
  await Promise.all(['a', 'b'].map((id) => keep(id)))
  attempts[0]?.fail('unanswered')
  await vi.advanceTimersByTimeAsync(9999)
  expect(sent()).toEqual(['a', 'b'])
  await vi.advanceTimersByTimeAsync(1)
  expect(sent()).toEqual(['a', 'b', 'a'])
})

test('more messages than the window for a room that is down - those behind them leave', async () => {
  const { start } = setUp()
  const { keep, attempts, outcomes, open } = start('w', { isOpen: false })
  const down = numbers(1, 70)
  await Promise.all([...down, 'b'].map((id) => keep(id)))
  await open()
  for (let n = 0; n <= 70; n += 32) {
    for (const { id, answer, fail } of attempts.slice(n)) id === 'b' ? answer(1) : fail('not-sent')
    await settle()
  }
  expect(outcomes).toMatchObject([{ id: 'b', outcome: 'acknowledged' }])
  await open()
  expect(attempts.slice(71).map(({ id }) => id)).toEqual(down.slice(0, 32))
})

test('40 messages that the server never answers - after three attempts each they leave half the window to others, and take turns', async () => {
  const { start } = setUp()
  const { keep, attempts, sent, outcomes } = start('w')
  const mute = numbers(1, 40)
  await Promise.all([...mute, ...numbers(101, 200)].map((id) => keep(id)))
  let handled = 0
  /** The server answers the others. Returns those that it does not answer. */
  async function serve() {
    const unanswered: typeof attempts = []
    for (; handled < attempts.length; handled += 1) {
      const attempt = attempts[handled] as (typeof attempts)[number]
      if (mute.includes(attempt.id)) unanswered.push(attempt)
      else attempt.answer(1)
      await settle()
    }
    return unanswered
  }
  async function pass(ms: number, before: typeof attempts = []) {
    const unanswered = [...before, ...(await serve())]
    await vi.advanceTimersByTimeAsync(ms)
    for (const { fail } of unanswered) fail('unanswered')
    await settle()
  }
  for (const ms of [10_000, 20_000, 40_000]) {
    expect(outcomes).toEqual([])
    await pass(ms)
  }
  const last = await serve()
  expect(last).toMatchObject([...numbers(33, 40), ...numbers(1, 8)].map((id) => ({ id })))
  expect(outcomes).toHaveLength(100)
  await pass(60_000, last)
  for (let n = 0; n < 10; n += 1) await pass(60_000)
  const times = mute.map((id) => sent().filter((each) => each === id).length)
  expect(Math.min(...times)).toBeGreaterThan(5)
})

test('the server refuses one, or this build does not permit it any more - told with the reason, and not sent again', async () => {
  const { start, held } = setUp()
  const { keep, attempts, outcomes, kept, lose, open } = start('w')
  await Promise.all(['a', 'b'].map((id) => keep(id)))
  attempts[0]?.fail('refused', 'not yours')
  attempts[1]?.fail('unknown-message', 'Pages may not send "ack".')
  await settle()
  expect(outcomes).toEqual([
    { id: 'a', name: 'ack', outcome: 'refused', reason: 'not yours' },
    { id: 'b', name: 'ack', outcome: 'refused', reason: 'Pages may not send "ack".' },
  ])
  await lose()
  await open()
  expect(attempts).toHaveLength(2)
  // Without the payload, until a page has handled it.
  expect(held.get('["kept","a"]')).toEqual({ id: 'a', name: 'ack', outcome: 'refused', reason: 'not yours' })
  expect(kept.untold()).toHaveLength(2)
  kept.told('a')
  kept.told('b')
  await settle()
  expect(held.size).toBe(0)
})

test('expired - told, while it is under way as well, whose answer then does not count', async () => {
  const { start } = setUp()
  const { keep, attempts, outcomes, kept } = start('w', { keepFor: 1000 })
  await keep('a')
  await vi.advanceTimersByTimeAsync(500)
  await keep('b')
  await vi.advanceTimersByTimeAsync(499)
  expect(outcomes).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  attempts[0]?.answer(1)
  await settle()
  const expired = { name: 'ack', outcome: 'expired', reason: 'The server did not acknowledge it within 1 s.' }
  expect(outcomes).toEqual([{ ...expired, id: 'a' }])
  await vi.advanceTimersByTimeAsync(500)
  expect(outcomes).toEqual([
    { ...expired, id: 'a' },
    { ...expired, id: 'b' },
  ])
  expect(kept.count()).toBe(0)
})

test('expired, and it never left - its reason says so', async () => {
  const { start } = setUp()
  const { keep, attempts, outcomes, open } = start('w', { keepFor: 1000, isOpen: false })
  await keep('a')
  await open()
  attempts[0]?.fail('not-sent')
  await vi.advanceTimersByTimeAsync(1000)
  expect(outcomes).toMatchObject([{ outcome: 'expired', reason: 'It was not sent within 1 s.' }])
})

test('kept for a month - it expires then, not when the longest timer of a browser ends', async () => {
  const { start } = setUp()
  const { keep, outcomes } = start('w', { keepFor: MONTH, isOpen: false })
  await keep('a')
  await vi.advanceTimersByTimeAsync(MONTH - 1)
  expect(outcomes).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(outcomes).toMatchObject([{ outcome: 'expired' }])
})

test('the machine slept for longer than messages are kept - nothing is sent when the connection opens', async () => {
  const { start } = setUp()
  const { keep, open, sent, outcomes } = start('w', { isOpen: false })
  await keep('a')
  vi.setSystemTime(START + HOUR)
  await open()
  expect(sent()).toEqual([])
  expect(outcomes).toMatchObject([{ id: 'a', outcome: 'expired' }])
})

test('it expired while nobody was there - the next worker tells it, and the one after it too, until a page has handled it', async () => {
  const { start, held } = setUp()
  const first = start('w1', { isOpen: false })
  await first.keep('a')
  first.die()
  vi.setSystemTime(START + 2 * HOUR)
  const second = start('w2')
  await settle()
  const outcome = { id: 'a', name: 'ack', outcome: 'expired' }
  expect(second.outcomes).toMatchObject([outcome])
  expect(second.sent()).toEqual([])
  second.die()
  const third = start('w3')
  await settle()
  expect(third.outcomes).toMatchObject([outcome])
  expect(third.kept.untold()).toMatchObject([outcome])
  third.kept.told('a')
  await settle()
  expect(held.size).toBe(0)
})

test('withdrawn - it is removed, and told; an answer that comes later does not count', async () => {
  const { start, held } = setUp()
  const { keep, attempts, outcomes, kept } = start('w')
  await keep('a')
  expect(await kept.withdraw('a')).toBe(true)
  expect(held.size).toBe(0)
  attempts[0]?.answer(1)
  await settle()
  expect(outcomes).toEqual([{ id: 'a', name: 'ack', outcome: 'withdrawn' }])
  expect(await kept.withdraw('a')).toBe(false)
  expect(await kept.withdraw('unknown')).toBe(false)
})

test('the same id twice - kept once: at the same time, later, and after it was acknowledged', async () => {
  const { start } = setUp()
  const { keep, sent, attempts, ids } = start('w')
  await Promise.all([keep('a', 1), keep('a', 2)])
  await keep('a', 3)
  expect(await ids()).toEqual(['a'])
  attempts[0]?.answer(1)
  await settle()
  await keep('a', 4)
  expect(await ids()).toEqual([])
  expect(sent()).toEqual(['a'])
})

test('the id of a message that was withdrawn or refused - it is kept again', async () => {
  const { start, held } = setUp()
  const { keep, kept, attempts, sent } = start('w')
  await keep('a')
  await kept.withdraw('a')
  await keep('a')
  // Two with one id are never under way at the same time.
  expect(sent()).toEqual(['a'])
  attempts[0]?.answer('to the first one')
  await settle()
  attempts[1]?.fail('refused')
  await settle()
  await keep('a', 'better')
  expect(sent()).toEqual(['a', 'a', 'a'])
  expect(kept.untold()).toEqual([])
  expect(held.get('["kept","a"]')).toMatchObject({ payload: 'better' })
})

test('ten thousand messages - a thousand are kept and arrive, the others are refused with the limit', async () => {
  const { start, held } = setUp()
  const { keep, kept, open, attempts } = start('w', { isOpen: false })
  const results = await Promise.allSettled(numbers(1, 10_000).map((id) => keep(id)))
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1000)
  expect(results[1000]).toMatchObject({ reason: { reason: 'limit' } })
  expect(String((results[1000] as PromiseRejectedResult).reason.message)).toContain('1000 messages')
  expect([kept.count(), held.size]).toEqual([1000, 1000])
  await open()
  for (let n = 0; n < 1000; n += 32) {
    for (const { answer } of attempts.slice(n)) answer(1)
    await settle()
  }
  expect(attempts.map(({ id }) => id)).toEqual(numbers(1, 1000))
  expect(held.size).toBe(0)
  await keep('more')
})

test('five million characters - a payload that does not fit is refused; there is space again once one was answered', async () => {
  const { start } = setUp()
  const { keep, attempts } = start('w')
  for (const id of ['a', 'b', 'c', 'd']) await keep(id, 'x'.repeat(999_998))
  await expect(keep('e', 'x'.repeat(1_000_000))).rejects.toMatchObject({ reason: 'limit' })
  await keep('e', new Uint8Array(new ArrayBuffer(999_996), 0, 1))
  await expect(keep('f', 1)).rejects.toMatchObject({ reason: 'limit' })
  attempts[0]?.answer(1)
  await settle()
  await keep('f', new ArrayBuffer(999_996))
})

test('a payload that cannot be stored - refused, and nothing is kept', async () => {
  const { start, held } = setUp()
  const { keep } = start('w')
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  for (const payload of [1n, circular, new Map(), { port: new MessageChannel().port1 }, () => {}])
    await expect(keep('a', payload)).rejects.toMatchObject({ reason: 'bad-argument' })
  expect(held.size).toBe(0)
  await keep('none', undefined)
  await keep('all', {
    date: new Date(),
    list: [null, undefined, 1],
    bytes: new Uint8Array(3),
    file: new Blob(['a']),
  })
})

test('the database does not work - not sent, and nothing is kept, also not when it works again', async () => {
  const { start, fail, work, store, held } = setUp()
  const { keep, ids, open, sent } = start('w', { isOpen: false })
  await settle()
  const save = vi.spyOn(store, 'save')
  fail()
  await expect(keep('a')).rejects.toMatchObject({ reason: 'not-sent' })
  expect(save).toHaveBeenLastCalledWith(['kept', 'a'], undefined)
  save.mockClear()
  // Known from now on: the database is not asked.
  await expect(keep('b')).rejects.toMatchObject({ reason: 'not-sent' })
  expect(save).not.toHaveBeenCalled()
  work()
  await open()
  expect(await ids()).toEqual([])
  expect(sent()).toEqual([])
  await keep('a')
  expect(held.size).toBe(1)
})

test('the database does not answer in time - the message may be kept, whoever asks, and another one is not', async () => {
  const { start, answerNothing, work, held } = setUp()
  const { keep, ids, sent } = start('w')
  await settle()
  answerNothing()
  await expect(keep('a')).rejects.toMatchObject({ reason: 'unanswered' })
  // The next worker would send it.
  expect(held.size).toBe(1)
  await expect(keep('a')).rejects.toMatchObject({ reason: 'unanswered' })
  await expect(keep('b')).rejects.toMatchObject({ reason: 'not-sent' })
  expect(await ids()).toEqual([])
  work()
  await keep('a')
  expect(await ids()).toEqual(['a'])
  expect(sent()).toEqual(['a'])
})

test('withdrawn while the database does not work - it is not sent by this worker, and each call says that a later one may', async () => {
  const { start, fail, work, store, held } = setUp()
  const { keep, kept, open, sent, outcomes } = start('w', { isOpen: false })
  await keep('a')
  fail()
  await expect(kept.withdraw('a')).rejects.toMatchObject({ reason: 'unanswered' })
  await expect(kept.withdraw('a')).rejects.toMatchObject({ reason: 'unanswered' })
  expect(held.size).toBe(1)
  expect(outcomes).toEqual([{ id: 'a', name: 'ack', outcome: 'withdrawn' }])
  await open()
  expect(sent()).toEqual([])
  work()
  // The store writes again what waits.
  await store.save(['kept', 'a'], undefined)
  expect(await kept.withdraw('a')).toBe(false)
})

test('the database has lost everything - all is written again', async () => {
  const { start, held, keys } = setUp()
  const { keep, kept, attempts } = start('w')
  await Promise.all(['a', 'b'].map((id) => keep(id)))
  attempts[0]?.fail('refused')
  await settle()
  held.clear()
  kept.rewrite()
  await settle()
  expect(keys()).toEqual(['b', 'a'])
})

test('the worker died - the next one sends its messages in order, before those that are kept later', async () => {
  const { start, held } = setUp()
  const first = start('w1')
  await Promise.all(['c', 'b', 'a'].map((id) => first.keep(id)))
  first.attempts[1]?.answer(1)
  await settle()
  first.die()
  const second = start('w2', { isOpen: false })
  await second.keep('0')
  expect(await second.ids()).toEqual(['c', 'a', '0'])
  await second.open()
  expect(second.sent()).toEqual(['c', 'a', '0'])
  expect(held.get('["kept","c"]')).toMatchObject({ owner: 'w2' })
})

test('the clock was set back by a year - the messages of before expire an hour from now, and their order stays', async () => {
  const { start } = setUp()
  vi.setSystemTime(START + 365 * 24 * HOUR)
  const first = start('w1', { isOpen: false })
  await Promise.all(['c', 'b', 'a'].map((id) => first.keep(id)))
  first.die()
  vi.setSystemTime(START)
  const second = start('w2', { isOpen: false })
  await second.keep('0')
  expect(await second.ids()).toEqual(['c', 'b', 'a', '0'])
  second.die()
  const third = start('w3', { isOpen: false })
  expect(await third.ids()).toEqual(['c', 'b', 'a', '0'])
  await vi.advanceTimersByTimeAsync(HOUR)
  expect(third.outcomes.map(({ outcome }) => outcome)).toEqual(['expired', 'expired', 'expired', 'expired'])
})

test('a worker that has been up for long takes over a new message - it does not expire early', async () => {
  const { start } = setUp()
  const first = start('w1')
  const second = start('w2', { keepFor: 10_000, isOpen: false })
  await vi.advanceTimersByTimeAsync(9000)
  await first.keep('a')
  first.die()
  await vi.advanceTimersByTimeAsync(5000)
  await second.open()
  expect(second.sent()).toEqual(['a'])
  expect(await second.kept.unsent()).toMatchObject([{ at: START + 9000 }])
})

test('a worker ends while another one is online - its messages are taken over within a minute', async () => {
  const { start } = setUp()
  const first = start('w1', { isOpen: false })
  const second = start('w2')
  await second.open()
  await first.keep('a')
  await vi.advanceTimersByTimeAsync(60_000)
  expect(second.sent()).toEqual([])
  first.die()
  await vi.advanceTimersByTimeAsync(60_000)
  expect(second.sent()).toEqual(['a'])
})

test('what the same worker kept for its pages alone is handed over late - each message is sent once', async () => {
  const { start } = setUp()
  const alone = start('w', { isOpen: false })
  await alone.keep('a')
  const next = start('w')
  await settle()
  await alone.keep('b')
  await alone.kept.retire()
  next.kept.inherit(alone.kept.handOver())
  await settle()
  expect(next.sent()).toEqual(['a', 'b'])
})

test('another worker is alive - its messages are its own until it ends, and then go to one of the others', async () => {
  const { start } = setUp()
  const first = start('w1')
  const [second, third] = [start('w2'), start('w3')]
  await first.keep('a')
  await second.open()
  expect(second.sent()).toEqual([])
  first.die()
  await Promise.all([second.open(), third.open()])
  expect([...second.sent(), ...third.sent()]).toEqual(['a'])
  // And not again.
  await Promise.all([second.open(), third.open()])
  expect((await Promise.all([second.ids(), third.ids()])).flat()).toEqual(['a'])
})

test('another worker ends while this one is online - its messages are taken over as soon as its lock is free', async () => {
  const { start } = setUp()
  const first = start('w1', { isOpen: false })
  await first.keep('a')
  const second = start('w2')
  await settle()
  await first.keep('b')
  expect(second.sent()).toEqual([])
  first.die()
  await settle()
  expect(second.sent()).toEqual(['a', 'b'])
})

test('a worker begins to keep messages later, and ends - they are taken over within a minute', async () => {
  const { start } = setUp()
  const [first, second] = [start('w1', { isOpen: false }), start('w2')]
  await first.keep('a')
  first.die()
  await vi.advanceTimersByTimeAsync(59_999)
  expect(second.sent()).toEqual([])
  await vi.advanceTimersByTimeAsync(1)
  expect(second.sent()).toEqual(['a'])
})

test('a worker serves all pages, having served its own ones - it also sends what those kept until they moved', async () => {
  const { start } = setUp()
  const alone = start('w1', { isOpen: false })
  const next = start('w1')
  await settle()
  await alone.keep('a')
  await alone.kept.retire()
  alone.kept.handOver()
  await next.open()
  expect(next.sent()).toEqual(['a'])
  expect(alone.sent()).toEqual([])
})

test('many rooms come up at once - the database is read once', async () => {
  const { start, store } = setUp()
  const { kept } = start('w')
  await settle()
  const load = vi.spyOn(store, 'load')
  for (const _ of numbers(1, 100)) kept.opened()
  await settle()
  expect(load).toHaveBeenCalledTimes(1)
})

test('a worker hands over, and serves again - it finds what it has left in the database', async () => {
  const { start } = setUp()
  const first = start('w1', { isOpen: false })
  await first.keep('a')
  await first.kept.retire()
  first.kept.handOver()
  const again = start('w1')
  expect(await again.ids()).toEqual(['a'])
  expect(again.sent()).toEqual(['a'])
})

test('no locks - a worker takes over what it finds when it starts, and nothing later', async () => {
  const { start } = setUp()
  const first = start('w1', { hasLocks: false })
  await first.keep('a')
  const second = start('w2', { hasLocks: false })
  expect(await second.ids()).toEqual(['a'])
  await first.keep('b')
  await second.open()
  expect(await second.ids()).toEqual(['a'])
})

test('handed over - the next worker goes on with the same messages and outcomes, the one before stops', async () => {
  const { start, held } = setUp()
  const first = start('w1')
  await Promise.all(['c', 'b', 'a'].map((id) => first.keep(id)))
  first.attempts[0]?.fail('refused')
  await settle()
  await first.kept.retire()
  await expect(first.keep('later')).rejects.toMatchObject({ reason: 'unregistered' })
  const handover = first.kept.handOver()
  const second = start('w2')
  second.kept.inherit(structuredClone(handover))
  await settle()
  expect(second.sent()).toEqual(['b', 'a'])
  expect(second.kept.untold()).toMatchObject([{ id: 'c', outcome: 'refused' }])
  await first.lose()
  await first.open()
  await vi.advanceTimersByTimeAsync(20_000)
  expect(first.sent()).toEqual(['c', 'b', 'a'])
  expect(held.get('["kept","b"]')).toMatchObject({ owner: 'w2' })
})

test('a message that is being written when the worker hands over - it is handed over as well', async () => {
  const { start } = setUp()
  const first = start('w1')
  await settle()
  const keeping = first.keep('a')
  await Promise.resolve()
  await first.kept.retire()
  await keeping
  const second = start('w2')
  second.kept.inherit(first.kept.handOver())
  await settle()
  expect(first.sent()).toEqual([])
  expect(second.sent()).toEqual(['a'])
})

test('handed over - the worker writes nothing any more, and changes nothing', async () => {
  const { start, held, keys } = setUp()
  const first = start('w1', { isOpen: false })
  await Promise.all(['a', 'b'].map((id) => first.keep(id)))
  await first.kept.retire()
  const withdrawn = first.kept.withdraw('a')
  first.kept.handOver()
  await expect(withdrawn).rejects.toMatchObject({ reason: 'unregistered' })
  expect(keys()).toEqual(['a', 'b'])
  held.clear()
  first.kept.rewrite()
  await settle()
  expect(keys()).toEqual([])
})

test('the database takes too long for a hand-over - the page is told to ask the next worker', async () => {
  const { start, store } = setUp()
  const first = start('w1')
  await settle()
  const { save } = store
  vi.spyOn(store, 'save').mockImplementation(async (...args) => {
    await new Promise((done) => setTimeout(done, 1500))
    return save(...args)
  })
  const keeping = expect(first.keep('a')).rejects.toMatchObject({ reason: 'unregistered' })
  await settle()
  const retired = first.kept.retire()
  await vi.advanceTimersByTimeAsync(1000)
  await retired
  expect(first.kept.handOver().messages).toEqual([])
  await vi.advanceTimersByTimeAsync(500)
  await keeping
})

test('signed out - nothing is kept any more, also not what is being written or read', async () => {
  const { start, store, held } = setUp()
  const first = start('w1', { isOpen: false })
  await first.keep('a')
  first.die()
  const second = start('w2')
  second.kept.clear()
  await store.clear()
  expect(await second.ids()).toEqual([])
  const writing = second.keep('b')
  const refused = expect(writing).rejects.toMatchObject({ reason: 'closed' })
  await Promise.resolve()
  await Promise.resolve()
  second.kept.clear()
  await refused
  await second.open()
  expect(second.sent()).toEqual([])
  // What the store still had to write is dropped there.
  held.clear()
  await second.keep('b')
  expect(await second.ids()).toEqual(['b'])
})

test('signed out while a new worker still reads the database - what was to be kept is not', async () => {
  const { start, held } = setUp()
  const { keep, kept } = start('w')
  const keeping = expect(keep('a')).rejects.toMatchObject({ reason: 'closed' })
  kept.clear()
  await keeping
  expect(held.size).toBe(0)
})

test('a record that makes no sense - it is removed', async () => {
  const { start, held } = setUp()
  held.set('["kept","x"]', { id: 7 })
  held.set('["session"]', { rooms: [] })
  const { ids } = start('w')
  expect(await ids()).toEqual([])
  expect([...held.keys()]).toEqual(['["session"]'])
})
