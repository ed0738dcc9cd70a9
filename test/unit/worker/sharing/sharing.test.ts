import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSharing, type Hung, type SharedEngine, type Sharing } from '../../../../worker/sharing/sharing'
import type { Inheritance } from '../../../../worker/succession/inheritance'
import { createFakeBrowser } from '../../../support/fake-browser'

/** Which of the dedicated workers of a user serves. */

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

/** After this long, in ms, a worker that says nothing is replaced. */
const SILENCE = 1500

const left: Omit<Inheritance, 'address' | 'builds'> = {
  url: '/',
  session: { worker: 'w', rooms: [], at: 0, tabs: [] },
  tabs: [],
  values: [],
  hasTokens: false,
  isPaused: false,
}

interface Worker extends Sharing<SharedEngine> {
  readonly lock: string
  isOpen: boolean
  isInFront: boolean
  canHandOn: boolean
  /** What each of its engines began with. */
  readonly engines: (Inheritance | undefined)[]
  /** What its last engine was told of a worker that hangs. */
  hung: Hung | undefined
  readonly left: string[]
  moves: number
  end(): void
  /** From now on it neither hears nor is heard, but keeps its locks. */
  hang(): void
  /** Messages, and answers about locks, come to it this much later, in ms. */
  lag(ms: number): void
}

interface Starting {
  readonly build?: string
  /** Tells scripts at one address apart; `undefined` if the script cannot be read. */
  readonly text?: string | undefined
  readonly locks?: 'work' | 'refused'
  /** How long its engine takes to end the connection, in ms. */
  readonly closing?: number
  /** How long its engine takes to read the builds that the database knows, in ms. */
  readonly reading?: number
}

function createBrowser() {
  const browser = createFakeBrowser()
  const workers: Worker[] = []
  return {
    workers,
    locksOf: browser.locksOf,
    /** Starts a worker, whose page says hello at once. */
    start({ build = 'one', locks = 'work', closing = 0, reading = 0, ...script }: Starting = {}): Worker {
      const owner = `worker ${workers.length + 1}`
      const engine: SharedEngine = {
        canHandOn: () => worker.canHandOn,
        redial: () => {},
        async retire() {
          await new Promise((done) => setTimeout(done, closing))
          return left
        },
        async seenBuilds() {
          await new Promise((done) => setTimeout(done, reading))
          return []
        },
        rememberBuilds: () => {},
      }
      const refused = { request: () => Promise.reject(new DOMException('no', 'SecurityError')) }
      const own = {
        lock: owner,
        isOpen: true,
        isInFront: false,
        canHandOn: false,
        engines: [] as (Inheritance | undefined)[],
        hung: undefined,
        left: [] as string[],
        moves: 0,
        end() {
          worker.isOpen = false
          browser.end(owner)
        },
        hang: () => browser.silence(owner),
        lag: (ms: number) => browser.lag(owner, ms),
      }
      const sharing = browser.as(owner, () =>
        createSharing<SharedEngine>({
          base: 'base',
          lock: owner,
          script: {
            address: `https://app/${build}.js`,
            text: Promise.resolve('text' in script ? script.text : 'text'),
            hasChanged: async () => false,
          },
          locks: locks === 'work' ? browser.locksOf(owner) : (refused as unknown as LockManager),
          isInFront: () => worker.isInFront,
          start(inheritance, hung) {
            worker.engines.push(inheritance)
            worker.hung = hung
            return engine
          },
          startAlone: () => engine,
          left: (lock) => worker.left.push(lock),
          moved() {
            worker.moves += 1
          },
          close: () => worker.end(),
        }),
      )
      void browser.locksOf(owner).request(owner, {}, () => new Promise(() => {}))
      const worker: Worker = Object.assign(own, sharing)
      workers.push(worker)
      return worker
    },
    /** The open workers that serve the pages of all. */
    serving: () => workers.filter(({ isOpen, engine, isAlone }) => isOpen && engine() && !isAlone()),
  }
}

/** Starts workers one after another: the first serves. */
async function startAll(count: number) {
  const browser = createBrowser()
  const workers: Worker[] = []
  for (let n = 0; n < count; n += 1) {
    const worker = browser.start()
    const found = worker.found(false)
    await pass(20)
    expect(await found).toBe(n === 0 ? undefined : 'worker 1')
    workers.push(worker)
  }
  return { ...browser, all: workers as [Worker, Worker, Worker, Worker] }
}

test('three workers start - the first serves, and the others follow it', async () => {
  const { all, serving } = await startAll(3)
  expect(serving()).toEqual([all[0]])
})

test('the database does not answer the worker that serves - others of the same build follow it at once', async () => {
  const { start } = createBrowser()
  const first = start({ reading: 60_000 })
  void first.found(false)
  await pass(20)
  const second = start()
  void second.found(false)
  await pass(20)
  expect(second.serves(first.lock)).toBe(true)
})

test('three workers start at once - one serves, and the others follow it', async () => {
  const { start, serving } = createBrowser()
  const found = [start(), start(), start()].map((worker) => worker.found(false))
  await pass(50)
  expect(serving()).toHaveLength(1)
  const [first] = serving()
  expect((await Promise.all(found)).toSorted()).toEqual([first?.lock, first?.lock, undefined])
})

test('the worker that serves ends - the next one serves at once, and the others follow it', async () => {
  const { all, serving } = await startAll(3)
  const [first, second, third] = all
  const moves = third.moves
  first.end()
  await pass(50)
  expect(serving()).toEqual([second])
  expect(second.left).toEqual(['worker 1'])
  expect(third.left).toEqual(['worker 1'])
  expect(third.moves).toBe(moves + 1)
  expect(await third.found(false)).toBe('worker 2')
})

test('the worker that serves hangs - one of the others takes its place, which ends it, and no second one takes it from that one', async () => {
  const { all, serving } = await startAll(4)
  const [first, ...others] = all
  // Each finds a little later than the one before that nothing is heard any more.
  for (const [index, worker] of others.entries()) worker.lag(5 * index)
  await pass(1000)
  first.hang()
  await pass(SILENCE + 100)
  expect(first.isOpen).toBe(false)
  expect(serving()).toHaveLength(1)
  await pass(3000)
  expect(others.map(({ isOpen }) => isOpen)).toEqual([true, true, true])
  expect(others.map(({ engines }) => engines.length).toSorted()).toEqual([0, 0, 1])
  expect([first, ...serving()].map(({ hung }) => hung)).toEqual([undefined, 'serving'])
})

test('the worker that has taken the place of one that hung hangs, too - another one takes its place', async () => {
  const { all, serving } = await startAll(4)
  await pass(1000)
  all[0].hang()
  await pass(SILENCE + 100)
  const [second] = serving()
  second?.hang()
  await pass(2 * SILENCE + 100)
  expect(serving()).toHaveLength(1)
  expect(second?.isOpen).toBe(false)
})

test('the worker that serves beats while another one waits for permission to replace it - it goes on', async () => {
  const { all, serving } = await startAll(2)
  const [first, second] = all
  const pulse = new BroadcastChannel('base/sharing/pulse')
  const beat = () => pulse.postMessage({ type: 'beat', from: first.lock, yields: false })
  second.lag(50)
  first.hang()
  beat()
  // The last beat takes 51 ms, like the lock that the silent worker would be replaced with.
  await pass(51 + SILENCE - 10)
  beat()
  await pass(200)
  expect(serving()).toEqual([first])
})

test('a frozen worker was granted the place of the one that served, and lost it - when it thaws, it does not serve, and the others stay where they are', async () => {
  const { all, serving } = await startAll(4)
  const [first, frozen, , fourth] = all
  frozen.lag(10_000)
  first.end()
  for (const each of all) each.ended(first.lock)
  await pass(3 * SILENCE)
  const [next] = serving()
  expect(next?.isOpen).toBe(true)
  // The session is that of the first one, which has ended.
  expect(next?.hung).toBe('unheard')
  const { moves } = fourth
  await pass(10_000)
  expect(frozen.engines).toEqual([])
  expect(frozen.isOpen).toBe(false)
  expect(fourth.moves).toBe(moves)
  expect(serving()).toEqual([next])
})

test('a worker asks one that hangs, and nobody else is there - it serves, with nothing inherited', async () => {
  const { start, serving } = createBrowser()
  const first = start()
  void first.found(false)
  await pass(20)
  first.hang()
  const second = start()
  const found = second.found(false)
  await pass(2100)
  expect(await found).toBe(undefined)
  expect(serving()).toEqual([second])
  expect(second.engines).toEqual([undefined])
  expect(second.hung).toBe('unheard')
  expect(first.isOpen).toBe(false)
})

test('the worker that serves beats, and takes long to answer - it goes on, and the one that asks follows it', async () => {
  const { start, serving } = createBrowser()
  const first = start({ reading: 9000 })
  void first.found(false)
  await pass(20)
  const found = start().found(false)
  await pass(9100)
  expect(serving()).toEqual([first])
  expect(await found).toBe('worker 1')
})

/** What workers say to each other, as another one hears it. */
function overhear() {
  const channel = new BroadcastChannel('base/sharing')
  const said: { readonly type: string; readonly to?: string; readonly at?: number }[] = []
  channel.onmessage = ({ data }) => said.push(data)
  return { said, post: (message: unknown) => channel.postMessage(message) }
}

const inheritance: Inheritance = { ...left, address: '', builds: { seen: [], returns: [] } }

test('a worker stood still when it was handed over to, and the other one serves again by then - it asks again, and follows', async () => {
  const { all, start, serving } = await startAll(1)
  const { post } = overhear()
  const second = start()
  second.lag(100)
  const found = second.found(false)
  // It comes before the answer of the worker that serves.
  post({ type: 'handover', to: 'worker 2', at: Date.now() - 1600, inheritance })
  await pass(300)
  expect(serving()).toEqual(all)
  expect(await found).toBe('worker 1')
})

test('the worker that serves stood still, and was robbed - it gives one that asks no answer any more', async () => {
  const { all, locksOf } = await startAll(2)
  const { said, post } = overhear()
  const late = performance.now() + 1400
  vi.spyOn(performance, 'now').mockReturnValue(late)
  const candidate = { address: 'https://app/new.js', text: 'new', place: 'asks', isLoad: true }
  post({ type: 'candidate', from: 'asks', candidate })
  void locksOf('robber').request('base/sharing', { steal: true }, () => new Promise(() => {}))
  await pass(20)
  expect(all[0].isOpen).toBe(false)
  expect(said.map(({ type }) => type)).toEqual(['wait'])
})

test('a page comes to the front, and that of the worker that serves goes to the back - the session is handed on', async () => {
  const { all, serving } = await startAll(3)
  const [first, second, third] = all
  const { said } = overhear()
  first.canHandOn = true
  first.isInFront = true
  await pass(2000)
  first.isInFront = false
  second.isInFront = true
  await pass(300)
  // The page in front may be changing.
  expect(serving()).toEqual([first])
  await pass(700)
  expect(serving()).toEqual([second])
  expect(second.engines).toEqual([expect.objectContaining({ url: '/' })])
  const handover = said.find(({ type }) => type === 'handover')
  expect([handover?.to, Date.now() - (handover?.at ?? 0) < 700]).toEqual(['worker 2', true])
  expect([first.isOpen, await first.found(false), await third.found(false)]).toEqual([
    true,
    'worker 2',
    'worker 2',
  ])
})

test('a page comes to the front, and the connection is lost while the database is waited for - the worker that serves goes on', async () => {
  const { start, serving } = createBrowser()
  const first = start({ reading: 3000 })
  void first.found(false)
  await pass(20)
  const second = start()
  void second.found(false)
  first.canHandOn = true
  second.isInFront = true
  await pass(2500)
  first.canHandOn = false
  await pass(2000)
  expect(serving()).toEqual([first])
  expect(second.engines).toEqual([])
})

for (const [why, change] of [
  ['the session cannot be continued', { canHandOn: false }],
  ['both are in front', { isInFront: true }],
] as const)
  test(`a page is in front, but ${why} - the worker that serves goes on`, async () => {
    const { all, serving } = await startAll(2)
    const [first, second] = all
    Object.assign(first, { canHandOn: true, isInFront: false }, change)
    second.isInFront = true
    await pass(3000)
    expect(serving()).toEqual([first])
    expect(second.engines).toEqual([])
  })

for (const others of [0, 1])
  test(`a worker ends while it is handed over to, and ${others} others are there - one serves again`, async () => {
    const { all, serving } = await startAll(2 + others)
    const [first, second] = all
    Object.assign(first, { canHandOn: true, isInFront: true })
    await pass(1000)
    first.isInFront = false
    second.isInFront = true
    // Ends after it was given everything, and before it serves.
    const start = second.engine
    await expect
      .poll(async () => {
        await pass(1)
        return first.engine()
      })
      .toBe(undefined)
    expect(start()).toBe(undefined)
    second.end()
    const found = first.found(false)
    await pass(2 * SILENCE)
    expect(serving()).toHaveLength(1)
    expect(await found).toBe(serving()[0] === first ? undefined : 'worker 3')
  })

test('a worker of a newer build starts - it serves; one of an older build follows it', async () => {
  const { start, serving } = createBrowser()
  const old = start({ build: 'old' })
  void old.found(false)
  await pass(20)
  const next = start({ build: 'new' })
  expect(next.found(false)).toBeInstanceOf(Promise)
  await pass(20)
  expect(serving()).toEqual([next])
  expect(await old.found(false)).toBe(next.lock)
  const late = start({ build: 'old' })
  const found = late.found(false)
  await pass(20)
  expect(await found).toBe(next.lock)
  expect(serving()).toEqual([next])
})

test('a new text is deployed at the same address - its worker serves, and the old one follows it', async () => {
  const { start, serving } = createBrowser()
  const old = start({ text: 'old' })
  void old.found(false)
  await pass(20)
  const next = start({ text: 'new' })
  const found = next.found(false)
  await pass(2000)
  expect(serving()).toEqual([next])
  expect(await found).toBe(undefined)
  expect(await old.found(false)).toBe(next.lock)
  expect([old, next].map(({ engines }) => engines.length)).toEqual([1, 1])
})

test('the old text is deployed again at the same address - its worker serves, and that of the later text follows it', async () => {
  const { start, serving } = createBrowser()
  const workers = []
  for (const text of ['old', 'new', 'old']) {
    const worker = start({ text })
    void worker.found(false)
    workers.push(worker)
    await pass(2000)
  }
  expect(serving()).toEqual([workers[2]])
  expect(workers.map(({ engines }) => engines.length)).toEqual([1, 1, 1])
})

test('a worker cannot read its own script - it follows the one at the same address', async () => {
  const { start, serving } = createBrowser()
  const first = start()
  void first.found(false)
  await pass(20)
  const second = start({ text: undefined })
  void second.found(false)
  await pass(2000)
  expect(serving()).toEqual([first])
  expect(second.engines).toEqual([])
})

test('locks are refused - each worker serves its own pages', async () => {
  const { start } = createBrowser()
  const workers = [start({ locks: 'refused' }), start({ locks: 'refused' })]
  for (const worker of workers) {
    expect(await worker.found(false)).toBe(undefined)
    expect(worker.isAlone()).toBe(true)
  }
})

test('the first page of a worker does not share - it serves its pages alone, and no other worker follows it', async () => {
  const { start, serving } = createBrowser()
  const alone = start()
  expect(await alone.found(true)).toBe(undefined)
  expect(await alone.found(false)).toBe(undefined)
  expect(alone.isAlone()).toBe(true)
  const other = start()
  const found = other.found(false)
  await pass(20)
  expect(await found).toBe(undefined)
  expect(serving()).toEqual([other])
})

test('a script of the origin posts nonsense on the channels of the workers - nothing changes', async () => {
  const { all, serving } = await startAll(2)
  for (const name of ['base/sharing', 'base/sharing/pulse']) {
    const channel = new BroadcastChannel(name)
    for (const message of [
      null,
      7,
      'beat',
      {},
      { type: 'beat' },
      { type: 'beat', from: 3, yields: true },
      { type: 'candidate', from: 'x' },
      { type: 'handover', to: 'worker 2', inheritance: {} },
      { type: 'stay', to: 'worker 2', place: 4 },
      { type: 'serves' },
    ])
      channel.postMessage(message)
  }
  const moves = all.map((worker) => worker.moves)
  await pass(3000)
  expect(serving()).toEqual([all[0]])
  expect(all.map((worker) => worker.moves)).toEqual(moves)
})
