import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { generationOf } from '../../../../shared/names'
import type { Place } from '../../../../shared/place'
import { createHost, type Host, type HostParts } from '../../../../src/host/host'

/** What the page waits for: the lock that its worker holds. */
let granted = () => {}

beforeEach(() => {
  const request = async (_: string, { mode }: LockOptions, grant: () => void) => {
    if (mode === 'shared') granted = grant
  }
  vi.stubGlobal('navigator', { locks: { request } })
  return () => vi.unstubAllGlobals()
})

/** Answers every call that comes through this port, or the first ones only. */
function answer(port: MessagePort, answers = Infinity, place?: Place) {
  port.onmessage = ({ data: { id } }) => {
    answers -= 1
    const value = { incarnation: 'first', lock: 'held', ...(place && { place }) }
    if (answers >= 0) port.postMessage({ id, type: 'RAW', value })
  }
}

/** A shared worker. `place`: where other pages find it. */
function startWorker(answers = Infinity, place?: Place) {
  const { port1, port2 } = new MessageChannel()
  answer(port1, answers, place)
  return { port: port2, addEventListener() {} } as unknown as SharedWorker
}

const workerInUse = { generation: () => 0, place: () => undefined, reached() {}, leave() {}, forget() {} }

/** A page's host that is told nothing, but for `parts`. */
const hostOf = (parts: Pick<HostParts, 'factory'> & Partial<HostParts>): Host =>
  createHost({
    base: 'partyline/1/host',
    share: false,
    workerInUse,
    timeout: 1000,
    hello: (worker) => ({ protocol: 1, worker, tab: 'tab' }),
    handled: () => [],
    message() {},
    greeting() {},
    report() {},
    up() {},
    down() {},
    ...parts,
  })

/** The same, with fake timers, for one test: it is closed after that. */
function startWithFakeTimers(parts: Parameters<typeof hostOf>[0]) {
  vi.useFakeTimers()
  const host = hostOf(parts)
  onTestFinished(() => {
    void host.close(false)
    vi.useRealTimers()
  })
  host.start()
  return host
}

test('a retry while a worker that died is replaced - one worker is started, not two', async () => {
  let starts = 0
  const told: string[] = []
  const host: Host = hostOf({
    factory() {
      starts += 1
      if (starts === 1) throw new Error('not yet')
      return startWorker()
    },
    up: () => told.push('up'),
    down({ reason }) {
      told.push(reason)
      host.retry()
    },
  })
  host.start()
  await expect.poll(() => told, { interval: 1 }).toContain('up')
  expect(starts).toBe(2)
  granted()
  await expect.poll(() => told.slice(-2), { interval: 1 }).toEqual(['worker-died', 'up'])
  // Whatever was still to be started has been by now.
  await new Promise((done) => setTimeout(done, 20))
  expect(starts).toBe(3)
  await host.close(false)
})

test('a retry after each failed start - four starts a second, not thousands', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  let starts = 0
  const host: Host = hostOf({
    factory() {
      starts += 1
      throw new Error('never')
    },
    down: () => host.retry(),
  })
  host.start()
  await vi.advanceTimersByTimeAsync(10_000)
  expect(starts).toBeGreaterThan(20)
  expect(starts).toBeLessThanOrEqual(41)
  await host.close(false)
})

/**
 * Returns the generations of the workers that a page opens, in their order, and those that it tells of a worker that hangs. `answers` says
 * which of them answer, counted from 1, and how many calls.
 */
function openGenerations(answers: Readonly<Record<number, number>>) {
  const opened: number[] = []
  const toldOfHang: number[] = []
  let generation = 0
  startWithFakeTimers({
    factory({ name }) {
      opened.push(generationOf(name))
      return startWorker(answers[opened.length] ?? 0)
    },
    workerInUse: {
      ...workerInUse,
      generation: () => generation,
      leave(left) {
        generation = Math.max(generation, left + 1)
      },
    },
    timeout: 5000,
    hello(worker, { hung }) {
      if (hung) toldOfHang.push(generationOf(worker))
      return { protocol: 1, worker, tab: 'tab' }
    },
  })
  return { opened, toldOfHang }
}

test('the worker dies, and three of its name in a row do not answer - the page opens the next generation within 3.7 s', async () => {
  const { opened } = openGenerations({ 1: Infinity, 5: Infinity })
  await vi.advanceTimersByTimeAsync(100)
  granted()
  await vi.advanceTimersByTimeAsync(3690)
  expect(opened).toEqual([0, 0, 0, 0])
  await vi.advanceTimersByTimeAsync(20)
  expect(opened).toEqual([0, 0, 0, 0, 1])
  // It answers. Should it die as well, its name may be silent, too.
  await vi.advanceTimersByTimeAsync(100)
  granted()
  await vi.advanceTimersByTimeAsync(3800)
  expect(opened).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2])
})

test('the worker dies - the page closes its port at once, opens the next worker 50 ms later, and a call waits for that', async () => {
  const told: string[] = []
  const host = startWithFakeTimers({
    factory() {
      told.push('opens')
      const worker = startWorker()
      const close = worker.port.close.bind(worker.port)
      worker.port.close = () => {
        told.push('closes')
        close()
      }
      return worker
    },
    down: ({ reason }) => told.push(reason),
  })
  await vi.advanceTimersByTimeAsync(10)
  granted()
  expect(told).toEqual(['opens', 'closes', 'worker-died'])
  const answered = host.call('ping')
  await vi.advanceTimersByTimeAsync(40)
  expect(told).toEqual(['opens', 'closes', 'worker-died'])
  await vi.advanceTimersByTimeAsync(20)
  expect(told).toEqual(['opens', 'closes', 'worker-died', 'opens'])
  expect(await answered).toMatchObject({ incarnation: 'first' })
})

test('the worker dies, and the app calls as soon as it is told - the next worker answers the call', async () => {
  const answers: Promise<unknown>[] = []
  const host = startWithFakeTimers({
    factory: () => startWorker(),
    down: () => answers.push(host.call('ping')),
  })
  await vi.advanceTimersByTimeAsync(10)
  granted()
  expect(answers).toHaveLength(1)
  const answered = expect(answers[0]).resolves.toMatchObject({ incarnation: 'first' })
  await vi.advanceTimersByTimeAsync(60)
  await answered
})

test('no worker answers, whatever its name - the page leaves one name, and starts no worker of a third', async () => {
  const { opened } = openGenerations({})
  await vi.advanceTimersByTimeAsync(60_000)
  expect(opened.slice(0, 4)).toEqual([0, 0, 0, 1])
  expect(new Set(opened)).toEqual(new Set([0, 1]))
})

test('a worker hangs, and the next does not answer - a third is not told that the one that may serve by then hangs', async () => {
  const { opened, toldOfHang } = openGenerations({ 1: 1, 5: Infinity })
  await vi.advanceTimersByTimeAsync(20_000)
  expect(opened).toEqual([0, 1, 1, 1, 2])
  expect(toldOfHang).toEqual([1, 1, 1])
})

/** A page whose factory starts the worker `one`, which sends it to `two`, unless it says that it does not move. Returns who has got which hello. */
function openSent(starts: () => boolean) {
  vi.stubGlobal('location', { origin: 'https://app' })
  const hellos: string[] = []
  const place = { address: 'https://app/two.js', generation: 0, type: 'module' } as const
  const open = (address: string, isThere: boolean) => {
    const { port1, port2 } = new MessageChannel()
    port1.onmessage = ({ data: { id, path, argumentList = [] } }) => {
      if (!isThere) return
      const hello = argumentList[0]?.value
      if (hello) hellos.push(`${address} ${hello.moves}`)
      const isSent = address === 'one' && hello?.moves
      const value = path[0] === 'ping' ? address : { incarnation: address, ...(isSent && { moved: place }) }
      port1.postMessage({ id, type: 'RAW', value })
    }
    return { port: port2, addEventListener() {} } as unknown as SharedWorker
  }
  vi.stubGlobal('SharedWorker', function openTwo() {
    return open('two', starts())
  })
  startWithFakeTimers({
    factory: () => open('one', true),
    workerInUse: { ...workerInUse, place: () => place },
    share: true,
    hello: (worker, page) => ({ protocol: 1, worker, tab: 'tab', ...page }),
  })
  return hellos
}

test('the worker that serves is slow, so that a page cannot go there - it does once the worker answers', async () => {
  let isThere = false
  const hellos = openSent(() => isThere)
  await vi.advanceTimersByTimeAsync(15_000)
  expect(hellos).toEqual(['one true', 'one false'])
  isThere = true
  // Messages take real time: in small steps, they arrive before a page loses its patience.
  for (let step = 0; step < 100; step += 1) await vi.advanceTimersByTimeAsync(100)
  expect(hellos).toEqual(['one true', 'one false', 'one true', 'two true'])
})

test('a page cannot open the worker that serves - it tries again less and less often, and stays served meanwhile', async () => {
  let tries = 0
  const hellos = openSent(() => {
    tries += 1
    return false
  })
  await vi.advanceTimersByTimeAsync(15_000)
  tries = 0
  await vi.advanceTimersByTimeAsync(400_000)
  expect(hellos).toEqual(['one true', 'one false'])
  expect(tries).toBe(4)
})

test('a page cannot open the worker that serves for days - it goes on trying, at least once an hour', async () => {
  const waits: number[] = []
  openSent(() => false)
  const { setTimeout } = globalThis
  vi.stubGlobal('setTimeout', (act: () => void, ms: number) => {
    if (ms < 20_000) return setTimeout(act, ms)
    waits.push(ms)
    return setTimeout(act, 10)
  })
  await vi.advanceTimersByTimeAsync(30_000)
  expect(waits.length).toBeGreaterThan(20)
  // A timer that is to wait for longer than 24 days does not wait at all.
  expect(Math.max(...waits)).toBe(2_560_000)
})

/** Starts a host of this origin while storage names a worker at `place()`. Returns what it opens by itself, and what it tells. */
function startWithPlace(origin: string, place: () => Place, makeWorker: () => SharedWorker | Worker) {
  const opened: string[] = []
  const told: string[] = []
  const factory = vi.fn(makeWorker)
  vi.stubGlobal('location', { origin })
  vi.stubGlobal('SharedWorker', function open(address: string) {
    opened.push(address)
    return startWorker()
  })
  const host = hostOf({
    factory,
    workerInUse: { ...workerInUse, place },
    up: () => told.push('up'),
    down: ({ reason }) => told.push(reason),
  })
  host.start()
  return { host, factory, opened, told: () => expect.poll(() => told, { interval: 1 }) }
}

const placeAt = (address: string): Place => ({ address, generation: 0, type: 'module' })

test('storage names the shared worker of an earlier build, and the factory makes a dedicated one, which ends - the factory makes the next', async () => {
  const { host, factory, opened, told } = startWithPlace(
    'https://app',
    () => placeAt('https://app/earlier.js'),
    () => {
      const postMessage = (_: unknown, [page]: [MessagePort]) => answer(page)
      return { postMessage, addEventListener() {}, terminate() {} } as unknown as Worker
    },
  )
  await told().toEqual(['up'])
  granted()
  await told().toEqual(['up', 'worker-died', 'up'])
  expect([factory.mock.calls.length, opened]).toEqual([2, []])
  await host.close(false)
})

test('storage names a worker of another origin - it is not opened, and the factory starts one', async () => {
  let address = 'https://dashboard.example/worker.js'
  const { host, factory, opened, told } = startWithPlace(
    'https://dashboard.example',
    () => placeAt(address),
    () => startWorker(Infinity, placeAt('https://dashboard.example/own.js')),
  )
  await told().toEqual(['up'])
  granted()
  await told().toEqual(['up', 'worker-died', 'up'])
  expect([factory.mock.calls.length, opened]).toEqual([1, [address]])
  address = 'data:text/javascript,onconnect=()=>{}'
  granted()
  await told().toEqual(['up', 'worker-died', 'up', 'worker-died', 'worker-failed', 'up'])
  expect(factory).toHaveBeenCalledTimes(2)
  expect(opened).toHaveLength(1)
  await host.close(false)
})
