import { expect, onTestFinished, test, vi } from 'vitest'
import type { Place } from '../../../../shared/place'
import type { Inheritance } from '../../../../worker/succession/inheritance'
import { createSuccession, type Incumbent, type Succession } from '../../../../worker/succession/succession'

/** Which worker serves, told by several workers of one browser: its locks and its channel are simulated, so that workers can end. */

interface Engine extends Incumbent {
  readonly inheritedKept: unknown[]
  readonly inheritance: Inheritance | undefined
}

interface Worker extends Succession<Engine> {
  readonly address: string
  isOpen: boolean
  /** Ends it as a crash does. */
  end(): void
  /** From now on it hears of nothing but its locks. */
  hang(): void
}

interface Waiting {
  readonly owner: string
  readonly granted: () => void
}

/** One lock, as browsers have it. Each worker asks for it as an owner. */
function createLock() {
  let holder: { readonly owner: string; readonly robbed: () => void } | undefined
  let queue: Waiting[] = []

  function grant(owner: string, act: (lock: Lock | null) => unknown, robbed: () => void) {
    holder = { owner, robbed }
    act({} as Lock)
  }

  function next() {
    const [first, ...others] = queue
    queue = others
    first?.granted()
  }

  return {
    of: (owner: string) =>
      ({
        request: (_: string, options: LockOptions, act: (lock: Lock | null) => unknown) =>
          new Promise<void>((_, reject) => {
            const abort = () => reject(new DOMException('robbed', 'AbortError'))
            if (options.steal) holder?.robbed()
            if (options.steal || !holder) return grant(owner, act, abort)
            if (options.ifAvailable) return void act(null)
            const waiting = { owner, granted: () => grant(owner, act, abort) }
            queue.push(waiting)
            options.signal?.addEventListener('abort', () => {
              queue = queue.filter((each) => each !== waiting)
              reject(new DOMException('aborted', 'AbortError'))
            })
          }),
      }) as unknown as LockManager,
    end(owner: string) {
      queue = queue.filter((each) => each.owner !== owner)
      if (holder?.owner !== owner) return
      holder = undefined
      next()
    },
  }
}

/** A channel whose members can end. Messages come in later tasks, in order. */
function createChannels() {
  const members = new Set<{ owner: string; onmessage?: (event: { data: unknown }) => void }>()
  let opening = ''
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      owner = opening
      onmessage?: (event: { data: unknown }) => void
      constructor() {
        members.add(this)
      }
      postMessage(data: unknown) {
        if (!members.has(this)) return
        for (const each of members)
          if (each !== this) setTimeout(() => members.has(each) && each.onmessage?.({ data }))
      }
    },
  )
  onTestFinished(() => void vi.unstubAllGlobals())
  return {
    open(owner: string, act: () => void) {
      opening = owner
      act()
    },
    end(owner: string) {
      for (const each of members) if (each.owner === owner) members.delete(each)
    },
  }
}

const left: Omit<Inheritance, 'address' | 'builds'> = {
  url: '/',
  session: { worker: 'w', rooms: [], at: 0, tabs: [] },
  tabs: [],
  values: [],
  hasTokens: false,
  isPaused: false,
}

interface Pages {
  /** How long the engine takes to end its connection, in ms. */
  readonly closing?: number
  readonly canMove?: () => Promise<boolean>
  /** Called when the pages are sent to another worker. */
  readonly moved?: (place: Place) => void
  /** Whether the worker's address has another script than the one that runs. */
  readonly hasChanged?: boolean
  /** Called when one page is asked to start another worker. */
  readonly asked?: (tab: string, place: Place) => void
}

function createBrowser({ locks = 'work' }: { locks?: 'work' | 'missing' | 'refused' } = {}) {
  const lock = createLock()
  const channels = createChannels()
  let count = 0

  const locksOf = (owner: string): LockManager | undefined => {
    if (locks === 'missing') return undefined
    if (locks === 'refused')
      return {
        request: () => Promise.reject(new DOMException('no', 'SecurityError')),
      } as unknown as LockManager
    return lock.of(owner)
  }

  return {
    /** Starts the worker of a build. Each of its pages stays open. */
    start(
      build: string,
      {
        closing = 0,
        canMove = async () => true,
        moved = () => {},
        hasChanged = false,
        asked = () => {},
      }: Pages = {},
    ): Worker {
      count += 1
      const owner = `${build} ${count}`
      const end = () => {
        worker.isOpen = false
        channels.end(owner)
        lock.end(owner)
      }
      const inheritedKept: unknown[] = []
      const start = (inheritance?: Inheritance): Engine => ({
        inheritance,
        inheritedKept,
        inheritKept: (kept) => void inheritedKept.push(kept),
        hasOwnPages: () => true,
        async canMove(tab, place) {
          asked(tab, place)
          return false
        },
        canAllMove: canMove,
        async retire(place) {
          if (place) moved(place)
          await new Promise((done) => setTimeout(done, closing))
          return { ...left, kept: build }
        },
        seenBuilds: async () => [],
        rememberBuilds: () => {},
        note: () => {},
      })
      let succession: Succession<Engine> | undefined
      channels.open(owner, () => {
        succession = createSuccession<Engine>({
          base: 'base',
          incarnation: owner,
          place: placeOf(build),
          script: {
            address: placeOf(build).address,
            text: Promise.resolve('text'),
            hasChanged: async () => hasChanged,
          },
          locks: locksOf(owner),
          start,
          close: end,
        })
      })
      const worker: Worker = {
        ...(succession as unknown as Succession<Engine>),
        address: placeOf(build).address,
        isOpen: true,
        end,
        hang: () => channels.end(owner),
      }
      return worker
    },
  }
}

const placeOf = (build: string): Place => ({
  address: `https://app/${build}.js`,
  generation: 0,
  type: 'module',
})

/** A page says hello: the address of the worker that serves it. */
async function hello(worker: Worker, moves = true): Promise<string> {
  const found = await worker.find({ tab: 't', moves })
  return 'address' in found ? found.address : worker.address
}

test('a worker of a new build starts - it serves from now on, with what the earlier one left', async () => {
  const { start } = createBrowser()
  const one = start('one')
  expect(await hello(one)).toBe(one.address)
  const two = start('two')
  expect(await hello(two)).toBe(two.address)
  expect(two.engine()?.inheritance).toMatchObject({ address: one.address })
  expect([one.place(), two.place()]).toEqual([undefined, placeOf('two')])
  expect(one.isOpen).toBe(true)
})

for (const closing of [0, 200])
  for (const locks of ['work', 'missing'] as const)
    test(`a page says hello to a worker that is handing over, within ${closing} ms, locks ${locks} - the page goes to the successor, which goes on serving`, async () => {
      const { start } = createBrowser({ locks })
      const answers: Promise<string>[] = []
      const one = start('one', { closing, moved: () => setTimeout(() => answers.push(hello(one))) })
      await hello(one)
      const two = start('two')
      expect(await hello(two)).toBe(two.address)
      expect(answers).toHaveLength(1)
      expect(await answers[0]).toBe(two.address)
      expect([one.engine(), two.isOpen, two.place()]).toEqual([undefined, true, placeOf('two')])
    })

test('the browser has started an old script from its cache - the first page is asked to start the new one', async () => {
  const asked = vi.fn()
  const worker = createBrowser().start('one', { hasChanged: true, asked })
  expect(await hello(worker)).toBe(worker.address)
  await worker.looked()
  expect(asked).toHaveBeenCalledExactlyOnceWith('t', expect.objectContaining({ address: worker.address }))
  expect(asked.mock.lastCall?.[1].generation).toBeGreaterThan(0)
})

test('a page says hello while the inheritance is on its way - the page goes to the successor', async () => {
  const { start } = createBrowser()
  const answers: Promise<string>[] = []
  const one = start('one', { closing: 20, moved: () => setTimeout(() => answers.push(hello(one)), 20) })
  await hello(one)
  const two = start('two')
  await hello(two)
  await expect.poll(() => answers).toHaveLength(1)
  expect(await answers[0]).toBe(two.address)
  expect([one.engine(), two.isOpen]).toEqual([undefined, true])
})

test('two builds are deployed at once - the later one serves in the end', async () => {
  const { start } = createBrowser()
  const one = start('one', { closing: 20 })
  await hello(one)
  const two = start('two', { closing: 20 })
  const three = start('three')
  const served = await Promise.all([hello(two), hello(three)])
  expect(served[1]).toBe(three.address)
  expect([one, two, three].map((worker) => worker.place())).toEqual([undefined, undefined, placeOf('three')])
  expect(three.engine()?.inheritance).toMatchObject({ address: two.address })
})

test('the successor ends before it has answered - the worker that handed over serves the next page that comes, and stays open', async () => {
  const { start } = createBrowser()
  const one = start('one', { moved: () => two.end() })
  await hello(one)
  const two: Worker = start('two')
  await expect.poll(() => two.isOpen).toBe(false)
  // The first that come are sent to the successor.
  await vi.waitFor(async () => expect(await hello(one)).toBe(one.address), { timeout: 4000 })
  await new Promise((done) => setTimeout(done, 50))
  expect([one.isOpen, one.place()]).toEqual([true, placeOf('one')])
})

test('the worker that serves ends while pages are asked - the candidate serves at once', async () => {
  const { start } = createBrowser()
  const one: Worker = start('one', {
    canMove: () => {
      one.end()
      return new Promise(() => {})
    },
  })
  await hello(one)
  const startedAt = performance.now()
  const two = start('two')
  expect(await hello(two)).toBe(two.address)
  expect(performance.now() - startedAt).toBeLessThan(200)
})

test('the worker that serves ends after it has sent its pages away - the candidate serves at once', async () => {
  const { start } = createBrowser()
  const one: Worker = start('one', { closing: 50, moved: () => one.end() })
  await hello(one)
  const startedAt = performance.now()
  const two = start('two')
  expect(await hello(two)).toBe(two.address)
  expect(performance.now() - startedAt).toBeLessThan(200)
  expect(two.engine()?.inheritance).toBeUndefined()
})

test('the worker that serves hangs - the candidate takes its turn, and it ends once it notices', async () => {
  const { start } = createBrowser()
  const one = start('one')
  await hello(one)
  one.hang()
  const two = start('two')
  expect(await hello(two)).toBe(two.address)
  expect([one.isOpen, two.isOpen, two.place()]).toEqual([false, true, placeOf('two')])
})

for (const locks of ['missing', 'refused'] as const)
  test(`locks are ${locks} - the first worker serves within 300 ms`, async () => {
    const { start } = createBrowser({ locks })
    const startedAt = performance.now()
    const one = start('one')
    expect(await hello(one)).toBe(one.address)
    expect(performance.now() - startedAt).toBeLessThan(300)
  })

test('an old page cannot move - the new worker serves its own page alone, and all once the old page is gone and another one loads', async () => {
  const { start } = createBrowser()
  let canMove = false
  const one = start('one', { canMove: async () => canMove })
  await hello(one)
  const two = start('two')
  expect(await hello(two)).toBe(two.address)
  expect([one.place(), two.place()]).toEqual([placeOf('one'), undefined])
  const alone = two.engine()
  canMove = true
  expect(await hello(two)).toBe(two.address)
  expect([one.place(), two.place()]).toEqual([undefined, placeOf('two')])
  expect(two.engine()).not.toBe(alone)
  expect(two.engine()?.inheritance).toMatchObject({ address: one.address, kept: 'one' })
  // And what it has kept for its own page.
  await expect.poll(() => two.engine()?.inheritedKept).toEqual(['two'])
})

test('a page could not go to the worker that serves - its own worker serves it, and sends those there that come later', async () => {
  const { start } = createBrowser()
  const one = start('one')
  await hello(one)
  const two = start('two')
  await hello(two)
  expect(await hello(one, false)).toBe(one.address)
  expect(await hello(one)).toBe(two.address)
  expect(await hello(one, false)).toBe(one.address)
  expect([one.isOpen, one.place(), two.place()]).toEqual([true, undefined, placeOf('two')])
})

test('the worker that serves all ends - one that served its own pages alone serves all, with the connection it has', async () => {
  const { start } = createBrowser()
  const one = start('one')
  await hello(one)
  const two = start('two')
  await hello(two)
  await hello(one, false)
  const alone = one.engine()
  two.end()
  await expect.poll(() => one.place()).toEqual(placeOf('one'))
  expect(one.engine()).toBe(alone)
})

test('a page could not open the new worker for a while - the new worker serves alone, asks again, and serves all in the end', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { start } = createBrowser()
  let opens = false
  const one = start('one', { canMove: async () => opens })
  await hello(one)
  const two = start('two')
  const found = hello(two)
  await vi.advanceTimersByTimeAsync(1000)
  expect(await found).toBe(two.address)
  expect([one.place(), two.place()]).toEqual([placeOf('one'), undefined])
  await vi.advanceTimersByTimeAsync(60_000)
  expect([one.place(), two.place()]).toEqual([placeOf('one'), undefined])
  opens = true
  await vi.advanceTimersByTimeAsync(25_000)
  expect([one.place(), two.place()]).toEqual([undefined, placeOf('two')])
})

test('a worker serves alone, and the worker of a later build serves all others - the pages go there', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { start } = createBrowser()
  let opens = false
  const moved: Place[] = []
  const one = start('one', { canMove: async () => opens })
  await hello(one)
  const two = start('two', { moved: (place) => moved.push(place) })
  const alone = hello(two)
  await vi.advanceTimersByTimeAsync(1000)
  await alone
  opens = true
  const three = start('three')
  const found = hello(three)
  await vi.advanceTimersByTimeAsync(1000)
  expect(await found).toBe(three.address)
  await vi.advanceTimersByTimeAsync(25_000)
  expect(moved).toEqual([placeOf('three')])
  expect([two.engine(), three.place()]).toEqual([undefined, placeOf('three')])
})

test('a page is loaded while the worker looks for a new script - it looks once more, for that page', async () => {
  const asked = vi.fn()
  const worker = createBrowser().start('one', { hasChanged: true, asked })
  await hello(worker)
  await worker.find({ tab: 'second', moves: true })
  await worker.looked()
  expect(asked.mock.calls.map(([tab]) => tab)).toEqual(['t', 'second'])
})

test('a page says hello while the worker that serves alone asks again - both get an answer, and it goes on asking', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { start } = createBrowser()
  let opens: Promise<boolean> | boolean = false
  const one = start('one', { canMove: async () => opens })
  await hello(one)
  const two = start('two')
  const first = hello(two)
  await vi.advanceTimersByTimeAsync(1000)
  await first
  // The pages answer late, so that the worker's question is open when the next page comes.
  opens = new Promise((resolve) => setTimeout(resolve, 500, false))
  await vi.advanceTimersByTimeAsync(19_200)
  const second = hello(two)
  await vi.advanceTimersByTimeAsync(3000)
  expect(await second).toBe(two.address)
  opens = true
  await vi.advanceTimersByTimeAsync(25_000)
  expect(two.place()).toEqual(placeOf('two'))
})

test('a page has found that the worker that serves hangs - the next one does not wait for its answer', async () => {
  const { start } = createBrowser()
  const one = start('one')
  await hello(one)
  one.hang()
  const startedAt = performance.now()
  const two = start('two')
  const found = await two.find({ tab: 't', moves: true, hung: true })
  expect('address' in found).toBe(false)
  expect(two.place()).toEqual(placeOf('two'))
  expect(performance.now() - startedAt).toBeLessThan(500)
})

test('two builds start at the same time, and there are no locks - one worker serves all in the end', async () => {
  const { start } = createBrowser({ locks: 'missing' })
  const workers = [start('one'), start('two')]
  for (const worker of workers) await hello(worker)
  await vi.waitFor(() => expect(workers.filter((worker) => worker.place())).toHaveLength(1), {
    timeout: 3000,
  })
  await expect.poll(() => workers.filter((worker) => worker.engine())).toHaveLength(1)
})

test('an old page cannot move, and its worker asks again and again - the new worker goes on serving', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { start } = createBrowser()
  const one = start('one', { canMove: async () => false })
  const two = start('two')
  await vi.advanceTimersByTimeAsync(3000)
  const found = hello(one, false)
  await vi.advanceTimersByTimeAsync(3000)
  expect(await found).toBe(one.address)
  await vi.advanceTimersByTimeAsync(200_000)
  expect([one.place(), two.place()].filter(Boolean)).toHaveLength(1)
  const serving = one.place() ? one : two
  await vi.advanceTimersByTimeAsync(200_000)
  expect(serving.place()).toBeDefined()
})

test('a worker that no page has used is told to stay - it closes', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { start } = createBrowser()
  const one = start('one', { canMove: async () => false })
  const found = hello(one)
  await vi.advanceTimersByTimeAsync(10)
  await found
  const two = start('two')
  await vi.advanceTimersByTimeAsync(12_000)
  expect([one.isOpen, two.isOpen]).toEqual([true, false])
})

test('a page says hello just before the worker would close - the worker answers it', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const { start } = createBrowser()
  const one = start('one')
  const first = hello(one)
  await vi.advanceTimersByTimeAsync(10)
  await first
  const two = start('two', { canMove: () => new Promise((resolve) => setTimeout(resolve, 400, true)) })
  const next = hello(two)
  await vi.advanceTimersByTimeAsync(100)
  await next
  await vi.advanceTimersByTimeAsync(9800)
  // A build in between, whose page asks: its answer takes longer than the old worker would stay.
  start('three')
  const late = hello(one)
  await vi.advanceTimersByTimeAsync(1000)
  expect(await late).not.toBe(one.address)
  expect(one.isOpen).toBe(true)
})
