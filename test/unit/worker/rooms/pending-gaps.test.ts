import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createPendingGaps } from '../../../../worker/rooms/pending-gaps'
import type { Room } from '../../../../worker/rooms/room'

beforeEach(() => void vi.useFakeTimers({ now: 5000 }))
afterEach(() => void vi.useRealTimers())

const roomThatMissed = (from: number): Room => ({
  holders: new Set(['tab']),
  state: 'joining',
  since: 0,
  missed: { from, cause: 'link' },
})

function setUp(areJoinsOpen: boolean) {
  const told: string[] = []
  const pending = createPendingGaps({
    areJoinsOpen: () => areJoinsOpen,
    gap: (rooms, from, cause) => told.push(`gap ${rooms} ${from} ${cause}`),
    changed: (reports) => told.push(reports.map(([room, state]) => `${room} ${state}`).join()),
  })
  return { pending, take: () => told.splice(0) }
}

test('no join is open - one gap is reported for all rooms, from the earliest time, and then they are live', () => {
  const { pending, take } = setUp(false)
  const errors = roomThatMissed(2000)
  pending.rooms.set('errors', errors)
  pending.rooms.set('stats', roomThatMissed(1000))
  pending.reportSoon()
  expect(take()).toEqual(['gap errors,stats 1000 link', 'errors live,stats live'])
  expect(errors).toEqual({ holders: new Set(['tab']), state: 'live', since: 5000 })
  expect(pending.rooms.has('errors')).toBe(false)
})

test('a join is open - the rooms wait for a moment, and no longer', () => {
  const { pending, take } = setUp(true)
  pending.rooms.set('errors', roomThatMissed(1000))
  pending.reportSoon()
  vi.advanceTimersByTime(60)
  pending.rooms.set('stats', roomThatMissed(1000))
  pending.reportSoon()
  vi.advanceTimersByTime(39)
  expect(take()).toEqual([])
  vi.advanceTimersByTime(1)
  expect(take()).toEqual(['gap errors,stats 1000 link', 'errors live,stats live'])
})

test('an event of one of the rooms ends the wait, an event of another room does not', () => {
  const { pending, take } = setUp(true)
  pending.rooms.set('errors', roomThatMissed(1000))
  pending.reportWith(['stats'])
  expect(take()).toEqual([])
  pending.reportWith(['stats', 'errors'])
  expect(take()).toEqual(['gap errors 1000 link', 'errors live'])
})

test('a lost connection drops the rooms and the timer, and reports nothing', () => {
  const { pending, take } = setUp(true)
  pending.rooms.set('errors', roomThatMissed(1000))
  pending.reportSoon()
  pending.clear()
  expect(vi.getTimerCount()).toBe(0)
  expect(take()).toEqual([])
})
