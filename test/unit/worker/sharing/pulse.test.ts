import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Beat, createPulse } from '../../../../worker/sharing/pulse'

/** The signs of life of the worker that serves, and what a worker does that misses them. */

let posted: unknown[]
let receive: (data: unknown) => void

beforeEach(() => {
  vi.useFakeTimers()
  posted = []
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      set onmessage(listener: (event: { data: unknown }) => void) {
        receive = (data) => listener({ data })
      }
      postMessage(message: unknown) {
        posted.push(message)
      }
    },
  )
})

afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

const BEAT: Beat = { type: 'beat', from: 'another', yields: false }

function start() {
  const silent = vi.fn()
  const stalled = vi.fn()
  const heard = vi.fn()
  const pulse = createPulse({ channel: 'pulse', beat: () => BEAT, heard, silent, stalled })
  return { pulse, silent, stalled, heard }
}

/** Time passes, and no timer runs, as while a task takes long. */
const stand = (ms: number) => vi.spyOn(performance, 'now').mockReturnValue(performance.now() + ms)

test('a worker that serves beats every 400 ms', () => {
  const { pulse, stalled } = start()
  pulse.beat()
  expect(posted).toEqual([BEAT])
  vi.advanceTimersByTime(4000)
  expect(posted).toHaveLength(11)
  expect(pulse.hasStalled()).toBe(false)
  expect(stalled).not.toHaveBeenCalled()
})

test('many messages come before the timer - it beats between them, and has not stalled', () => {
  const { pulse, stalled } = start()
  pulse.beat()
  for (let step = 1; step <= 30; step += 1) {
    stand(100)
    expect(pulse.hasStalled()).toBe(false)
  }
  expect(posted.length).toBeGreaterThanOrEqual(6)
  expect(stalled).not.toHaveBeenCalled()
})

test('a worker that serves stands still for over 1 s - it has stalled, and says so before it beats again', () => {
  const { pulse, stalled } = start()
  pulse.beat()
  stand(1001)
  expect(pulse.hasStalled()).toBe(true)
  expect(stalled).toHaveBeenCalledOnce()
  expect(posted).toHaveLength(1)
})

test('no beat for 1.2 s - silent, once', () => {
  const { pulse, silent } = start()
  pulse.listen()
  vi.advanceTimersByTime(1000)
  receive(BEAT)
  vi.advanceTimersByTime(1199)
  expect(silent).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  expect(silent).toHaveBeenCalledOnce()
  vi.advanceTimersByTime(10_000)
  expect(silent).toHaveBeenCalledOnce()
})

test('beats come late, and other messages of the worker that serves in time - it is not silent', () => {
  const { pulse, silent } = start()
  pulse.listen()
  for (let step = 1; step <= 30; step += 1) {
    vi.advanceTimersByTime(100)
    pulse.isHeard()
  }
  expect(silent).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1200)
  expect(silent).toHaveBeenCalledOnce()
})

test('a worker that listens stood still itself - it waits for the beats behind its timer', () => {
  const { pulse, silent } = start()
  pulse.listen()
  vi.advanceTimersByTime(1100)
  const now = stand(600)
  vi.advanceTimersByTime(100)
  expect(silent).not.toHaveBeenCalled()
  now.mockRestore()
  vi.advanceTimersByTime(1800)
  expect(silent).toHaveBeenCalledOnce()
})

test('a message of another shape - is no beat', () => {
  const { pulse, silent, heard } = start()
  pulse.listen()
  vi.advanceTimersByTime(1000)
  for (const data of [null, {}, { type: 'beat' }, { ...BEAT, yields: 1 }]) receive(data)
  expect(heard).not.toHaveBeenCalled()
  vi.advanceTimersByTime(200)
  expect(silent).toHaveBeenCalledOnce()
})
