import { afterEach, expect, test, vi } from 'vitest'
import { openWorker } from '../../../../src/host/open-worker'
import { takePlace } from '../../../../src/tab/place'
import type { EndReason } from '../../../../src/tab/shared-page'

afterEach(() => {
  delete (globalThis as { [name: symbol]: unknown })[Symbol.for('partyline/1')]
})

const NAME = 'partyline/1/u'

/** Dedicated workers that a factory creates, and lines that use them. */
function setUp() {
  const workers: { posted: unknown[]; isTerminated: boolean }[] = []
  const told: string[] = []
  const start = () => {
    const worker = { posted: [] as unknown[], isTerminated: false }
    workers.push(worker)
    return {
      postMessage: (message: unknown, [port]: [MessagePort]) => {
        worker.posted.push(message)
        port.close()
      },
      terminate: () => {
        worker.isTerminated = true
      },
    } as unknown as Worker
  }
  /** A line that calls `act` when it is told that the worker has ended. */
  function open(line: string, act = (_: EndReason) => {}) {
    const handle = openWorker(NAME, start, (reason) => {
      told.push(`${line}: ${reason}`)
      handle.leave(reason)
      act(reason)
    })
    return handle
  }
  return { workers, told, open, ended: () => workers.map(({ isTerminated }) => isTerminated) }
}

test('the lines of a page share a dedicated worker - it is terminated when the last of them leaves', () => {
  const { workers, open, ended } = setUp()
  const first = open('first')
  const second = open('second')
  expect(workers).toEqual([{ posted: [{ type: 'connect' }, { type: 'connect' }], isTerminated: false }])
  first.leave()
  expect(ended()).toEqual([false])
  second.leave()
  expect(ended()).toEqual([true])
  open('third').leave()
  expect(ended()).toEqual([true, true])
})

test('one line finds that the worker has ended - each other line is told once, and the first to continue starts the next worker', () => {
  const { told, open, ended } = setUp()
  const next: ReturnType<typeof open>[] = []
  const goOn = () => void next.push(open('next'))
  const first = open('first', goOn)
  open('second', goOn)
  open('third', goOn)
  first.leave('died')
  goOn()
  expect(told).toEqual(['second: died', 'third: died'])
  expect(ended()).toEqual([true, false])
  expect(new Set(next.map(({ worker }) => worker)).size).toBe(1)
  // A later report about the old worker does not affect the new one.
  first.leave('hangs')
  expect(told).toHaveLength(2)
  expect(ended()).toEqual([true, false])
})

test('each line opens a shared worker itself', () => {
  const { port1, port2 } = new MessageChannel()
  const start = vi.fn(() => ({ port: port1 }) as unknown as SharedWorker)
  for (const _ of [1, 2]) openWorker(NAME, start, () => {}).leave('died')
  expect(start).toHaveBeenCalledTimes(2)
  port2.close()
})

test('a line takes the first free place', () => {
  const places = ['u', 'u', 'u', 'other'].map((user) => takePlace(`partyline/1/${user}`))
  expect(places.map(({ key }) => key)).toEqual([
    NAME,
    `${NAME}/line/2`,
    `${NAME}/line/3`,
    'partyline/1/other',
  ])
  places[1]?.leave(Promise.resolve())
  expect(takePlace(NAME).key).toBe(`${NAME}/line/2`)
  expect(takePlace(NAME).key).toBe(`${NAME}/line/4`)
})

test('a place that was left is free when its lock is released', async () => {
  let release = () => {}
  takePlace(NAME).leave(
    new Promise((released) => {
      release = released
    }),
  )
  const { key, free } = takePlace(NAME)
  expect(key).toBe(NAME)
  let isFree = false
  void free.then(() => {
    isFree = true
  })
  await Promise.resolve()
  expect(isFree).toBe(false)
  release()
  await free
  expect(isFree).toBe(true)
})
