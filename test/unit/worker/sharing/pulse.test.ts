import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPulse } from '../../../../worker/sharing/pulse'
import { createFakeBrowser } from '../../../support/fake-browser'

/** The signs of life of the worker that serves. */

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms)

function setUp() {
  createFakeBrowser()
  const pulse = (from: string) => {
    const told: string[] = []
    const own = createPulse({
      channel: 'pulse',
      beat: () => ({ type: 'beat', from, yields: false }),
      heard: (beat) => told.push(beat.from),
      silent: () => told.push('silence'),
      stalled: () => told.push('stalled'),
    })
    return { ...own, told }
  }
  return { serving: pulse('a'), following: pulse('b') }
}

test('a worker beats, and stops - the other hears it, and then that it is silent, once', async () => {
  const { serving, following } = setUp()
  following.listen()
  serving.serve()
  serving.beat()
  await pass(2050)
  expect(following.told).toEqual(Array(6).fill('a'))
  serving.listen()
  await pass(1400)
  expect(following.told).toHaveLength(6)
  await pass(5000)
  expect(following.told.slice(6)).toEqual(['silence'])
})

/** From now on the clock shows that this worker stood still for so long, in ms. */
function standStill(ms: number) {
  vi.restoreAllMocks()
  const clock = performance.now.bind(performance)
  vi.spyOn(performance, 'now').mockImplementation(() => clock() + ms)
}

test('the worker that serves stood still - it finds out when it is asked or before it beats again, once', async () => {
  const { serving } = setUp()
  serving.serve()
  serving.beat()
  await pass(800)
  expect(serving.hasStalled()).toBe(false)
  standStill(1400)
  expect(serving.hasStalled()).toBe(true)
  expect(serving.hasStalled()).toBe(false)
  await pass(400)
  expect(serving.told).toEqual(['stalled'])
  standStill(3100)
  await pass(400)
  expect(serving.told).toEqual(['stalled', 'stalled'])
})

test('a worker that serves stood still, and is asked by another one - it finds out before it answers', async () => {
  const { serving } = setUp()
  serving.serve()
  serving.beat()
  await pass(800)
  standStill(1400)
  serving.beat()
  expect(serving.told).toEqual(['stalled'])
})

test('a worker that listens stood still itself - it does not take the other for dead', async () => {
  const { serving, following } = setUp()
  following.listen()
  serving.serve()
  serving.beat()
  await pass(1000)
  serving.listen()
  standStill(3000)
  await pass(1600)
  expect(following.told).not.toContain('silence')
  await pass(1600)
  expect(following.told).toContain('silence')
})

test('a worker that knows of no other serves, and its tab was frozen - it finds out before another one learns that it serves', async () => {
  const { serving, following } = setUp()
  serving.serve()
  await pass(800)
  standStill(3000)
  expect(serving.hasStalled()).toBe(false)
  following.listen()
  standStill(7100)
  serving.beat()
  expect(serving.told).toEqual(['stalled'])
  await pass(100)
  expect(following.told).toEqual(['a'])
})
