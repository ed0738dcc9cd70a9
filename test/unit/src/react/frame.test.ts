import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { onNextFrame } from '../../../../src/react/frame'

/** Requested frames that are not drawn yet. */
const requests = new Map<number, () => void>()
let ids = 0

async function drawFrame() {
  const callbacks = [...requests.values()]
  requests.clear()
  for (const callback of callbacks) callback()
  await null
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vi.stubGlobal('requestAnimationFrame', (act: () => void) => {
    ids += 1
    requests.set(ids, act)
    return ids
  })
  vi.stubGlobal('cancelAnimationFrame', (id: number) => requests.delete(id))
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

test('a hundred requests between two frames - one call, at the next frame', async () => {
  const one = vi.fn()
  const two = vi.fn()
  for (let n = 0; n < 100; n += 1) {
    onNextFrame(one)
    onNextFrame(two)
  }
  expect(one).not.toHaveBeenCalled()
  expect(requests.size).toBe(1)
  await drawFrame()
  vi.runAllTimers()
  expect([one, two].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  for (let n = 0; n < 100; n += 1) onNextFrame(one)
  expect(requests.size).toBe(1)
  await drawFrame()
  expect(one).toHaveBeenCalledTimes(2)
})

test('a minute in the background - at most ten calls a second, and no frame request remains', async () => {
  const show = vi.fn()
  for (let ms = 0; ms < 60_000; ms += 10) {
    onNextFrame(show)
    await vi.advanceTimersByTimeAsync(10)
  }
  expect(show).toHaveBeenCalledTimes(600)
  expect(requests.size).toBe(0)
})

test('a callback that throws does not stop the others', async () => {
  const uncaught: unknown[] = []
  const listeners = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException')
  process.once('uncaughtException', (error) => uncaught.push(error.message))
  const after = vi.fn()
  onNextFrame(() => {
    throw new Error('not drawn')
  })
  onNextFrame(after)
  await drawFrame()
  await new Promise(setImmediate)
  for (const listener of listeners) process.on('uncaughtException', listener)
  expect(after).toHaveBeenCalledTimes(1)
  expect(uncaught).toEqual(['not drawn'])
})
