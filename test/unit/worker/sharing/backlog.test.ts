import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createSharing, type SharedEngine, type Sharing } from '../../../../worker/sharing/sharing'
import type { Script } from '../../../../worker/succession/script'

/** Two workers of one browser, of which one serves. Beats, which wait behind many messages, can be left out. */

let isQuiet: boolean

/** A channel whose messages come in later tasks. */
function stubChannels() {
  const members = new Set<{ readonly name: string; onmessage?: (event: { data: unknown }) => void }>()
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      onmessage?: (event: { data: unknown }) => void
      constructor(readonly name: string) {
        members.add(this)
      }
      postMessage(data: unknown) {
        if (isQuiet && this.name.endsWith('/pulse')) return
        for (const member of members) {
          if (member === this || member.name !== this.name) continue
          setTimeout(() => member.onmessage?.({ data }))
        }
      }
    },
  )
}

/** Locks whose holders keep them until they are robbed. */
function createLocks(): LockManager {
  const robbed = new Map<string, () => void>()
  const request = (name: string, options: LockOptions, act: (lock: Lock | null) => unknown) =>
    new Promise((resolve, reject) => {
      if (options.steal) robbed.get(name)?.()
      else if (robbed.has(name)) return options.ifAvailable ? resolve(act(null)) : undefined
      robbed.set(name, () => reject(new DOMException('robbed', 'AbortError')))
      const held = act({} as Lock)
      void Promise.resolve(held).then(() => {
        robbed.delete(name)
        resolve(held)
      })
    })
  return { request, query: async () => ({ held: [] }) } as unknown as LockManager
}

interface Worker extends Sharing<SharedEngine> {
  readonly close: () => void
  readonly redial: () => void
}

function start(lock: string, locks: LockManager): Worker {
  const close = vi.fn()
  const redial = vi.fn()
  const engine: SharedEngine = {
    retire: async () => ({}) as Awaited<ReturnType<SharedEngine['retire']>>,
    seenBuilds: async () => [],
    rememberBuilds: () => {},
    canHandOn: () => false,
    redial,
  }
  const sharing = createSharing({
    base: 'partyline/1/',
    lock,
    script: { address: 'https://app/worker.js', text: Promise.resolve('text') } as Script,
    locks,
    isInFront: () => true,
    start: () => engine,
    startAlone: () => engine,
    left: () => {},
    moved: () => {},
    close,
  })
  return { ...sharing, close, redial }
}

beforeEach(() => {
  vi.useFakeTimers()
  isQuiet = false
  stubChannels()
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function startTwo() {
  const locks = createLocks()
  const [first, second] = [start('first', locks), start('second', locks)]
  await first.found(false)
  const found = second.found(false)
  await vi.advanceTimersByTimeAsync(100)
  expect(await found).toBe('first')
  return { first, second }
}

test('beats do not come, and other messages of the worker that serves do - it goes on serving', async () => {
  const { first, second } = await startTwo()
  isQuiet = true
  for (let step = 0; step < 50; step += 1) {
    await vi.advanceTimersByTimeAsync(100)
    second.received()
  }
  expect(second.engine()).toBeUndefined()
  expect(first.close).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1600)
  expect(second.engine()).toBeDefined()
})

test('many messages of pages come before its timer - the worker that serves keeps its connection, and beats', async () => {
  const { first, second } = await startTwo()
  const { now } = performance
  let ahead = 0
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + ahead)
  for (let step = 0; step < 30; step += 1) {
    ahead += 100
    first.received()
    await vi.advanceTimersByTimeAsync(0)
  }
  expect(first.isStale()).toBe(false)
  expect(first.redial).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(100)
  expect(second.engine()).toBeUndefined()
})

test('the worker that serves stood still - before it handles what comes, it drops its connection', async () => {
  const { first } = await startTwo()
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1400)
  first.received()
  expect(first.redial).toHaveBeenCalledOnce()
  expect(first.isStale()).toBe(true)
})

test('the worker that serves stood still, and wants to know whether it still serves - it drops its connection first, and asks', async () => {
  const { first } = await startTwo()
  vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1400)
  await first.confirmed()
  expect(first.redial).toHaveBeenCalledOnce()
  expect(first.isStale()).toBe(false)
})

test('the machine slept, and all workers with it - the one that serves goes on, and dials anew once', async () => {
  const { first, second } = await startTwo()
  const { now } = performance
  vi.spyOn(performance, 'now').mockImplementation(() => now.call(performance) + 600_000)
  await vi.advanceTimersByTimeAsync(6000)
  expect(first.redial).toHaveBeenCalledOnce()
  expect([first.engine() !== undefined, second.engine()]).toEqual([true, undefined])
  expect(first.close).not.toHaveBeenCalled()
})
