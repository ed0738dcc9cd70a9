import { expect, test } from 'vitest'
import type { Unsettled } from '../../../../worker/delivery/unsettled'
import { createProgress } from '../../../../worker/persistence/progress'

type Waiting = Unsettled & { readonly tab: string }

const ROOMS = { rooms: ['errors'], missedSince: Number.POSITIVE_INFINITY }

function setUp() {
  const progress = createProgress('partyline/1/u', 'lock')
  progress.opened('session', false)
  const receive = (from: number, to: number) => {
    for (let n = from; n <= to; n += 1) progress.received(`p${n}`, n)
  }
  const record = (tabs: string[], pending: Waiting[] = []) => progress.record(ROOMS, tabs, pending)
  return { progress, receive, record }
}

const waits = (tab: string, ...oldest: string[]): Waiting => ({
  ...{ tab, oldest, since: 1, isBehind: false },
})

test('the next worker begins after the last event that every tab has handled', () => {
  const { receive, record } = setUp()
  receive(1, 10)
  expect(record(['a', 'b'], [waits('a', 'p7', 'p5'), waits('b', 'p9')])).toMatchObject({
    id: 'session',
    position: 'p4',
    at: 4,
    tabs: [['a'], ['b']],
  })
  expect(record(['a', 'b'], [waits('b', 'p9')])).toMatchObject({ position: 'p8', at: 8 })
  expect(record(['a', 'b'])).toMatchObject({ position: 'p10', at: 10 })
})

test('a tab that is too far behind does not hold up the others', () => {
  const { receive, record } = setUp()
  receive(1, 3000)
  expect(record(['a', 'b'], [{ ...waits('a', 'p5'), since: 5 }, waits('b', 'p2999')])).toMatchObject({
    position: 'p2998',
    tabs: [['a', 5], ['b']],
  })
})

test('a tab with a gap to report is behind', () => {
  const { receive, record } = setUp()
  receive(1, 3)
  expect(record(['a'], [{ tab: 'a', oldest: [], since: 2, isBehind: true }])).toMatchObject({
    position: 'p3',
    tabs: [['a', 2]],
  })
})

test('this worker itself continues after the last event it received', () => {
  const { progress, receive, record } = setUp()
  receive(1, 10)
  record(['a'], [waits('a', 'p2')])
  expect(progress.session()).toEqual({ id: 'session', position: 'p10' })
  progress.ended()
  expect(progress.session()).toBeUndefined()
})

test('after an event without a position, the last position before it counts', () => {
  const { progress, receive, record } = setUp()
  receive(1, 2)
  progress.received(17, 3)
  expect(record(['a'])).toMatchObject({ id: 'session', position: 'p2', at: 3 })
  expect(progress.session()).toEqual({ id: 'session', position: 'p2' })
  receive(4, 4)
  progress.received(18, 5)
  expect(record(['a'], [{ ...waits('a'), oldest: [18] }])).toMatchObject({ position: 'p4', at: 4 })
})

test('a server without positions - only the times are recorded', () => {
  const progress = createProgress('partyline/1/u', undefined)
  progress.opened(undefined, false)
  progress.received(17, 500)
  const record = progress.record(ROOMS, ['a'], [])
  expect(record).toEqual({ worker: 'partyline/1/u', rooms: ['errors'], at: 500, tabs: [['a']] })
})

test('an event that some tab has not handled comes again to the next worker, which continues before it', () => {
  const { progress, receive, record } = setUp()
  receive(1, 10)
  record(['a'], [waits('a', 'p7')])
  expect(['p6', 'p7', 'p10'].map(progress.isHandled)).toEqual([true, false, false])
  record(['a'])
  expect(progress.isHandled('p10')).toBe(true)
})
