import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRooms } from '../../worker/rooms'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp() {
  const sent: string[] = []
  const dropped: string[] = []
  const rooms = createRooms({
    linger: 1000,
    join: (room) => sent.push(`join ${room}`),
    leave: (room) => sent.push(`leave ${room}`),
    changed: () => {},
    gap: (room, from, cause) => sent.push(`gap ${room} ${from} ${cause}`),
    dropped: (room) => dropped.push(room),
  })
  const take = () => sent.splice(0)
  const states = () => Object.fromEntries(rooms.inspect().map(({ room, state }) => [room, state]))
  return { rooms, take, states, dropped }
}

test('rooms wanted before the handshake are joined after it, each once', () => {
  const { rooms, take } = setUp()
  rooms.hold('tab 1', ['errors', 'stats'])
  rooms.hold('tab 2', ['stats'])
  expect(take()).toEqual([])
  rooms.opened(false)
  expect(take()).toEqual(['join errors', 'join stats'])
})

test('a room two tabs want is left only after both let go, and a moment later', () => {
  const { rooms, take, dropped } = setUp()
  rooms.opened(false)
  rooms.hold('tab 1', ['stats'])
  rooms.hold('tab 2', ['stats'])
  rooms.confirm('stats')
  expect(take()).toEqual(['join stats'])
  rooms.hold('tab 1', [])
  vi.advanceTimersByTime(5000)
  expect(take()).toEqual([])
  rooms.hold('tab 2', [])
  vi.advanceTimersByTime(999)
  expect(take()).toEqual([])
  vi.advanceTimersByTime(1)
  expect(take()).toEqual(['leave stats'])
  expect(dropped).toEqual(['stats'])
})

test('a holder that had its time already is gone at once', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats'])
  rooms.hold('other', ['errors'])
  take()
  rooms.hold('tab', [], 0)
  expect(take()).toEqual(['leave stats'])
})

test('a room wanted again before its leave is neither left nor joined again', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats'])
  rooms.confirm('stats')
  rooms.hold('tab', [])
  vi.advanceTimersByTime(500)
  rooms.hold('tab', ['stats'])
  vi.advanceTimersByTime(5000)
  expect(take()).toEqual(['join stats'])
})

test('panels swapped in one step keep the rooms they share', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats', 'activity'])
  take()
  rooms.hold('tab', ['errors', 'stats'])
  vi.advanceTimersByTime(5000)
  expect(take()).toEqual(['join errors', 'leave activity'])
})

test('panel switched while offline - reconnect - exactly the wanted rooms are joined', () => {
  const { rooms, take, states } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats', 'activity'])
  rooms.confirm('stats')
  rooms.confirm('activity')
  rooms.lost(1000)
  expect(states()).toEqual({ stats: 'stale', activity: 'stale' })
  rooms.hold('tab', ['errors', 'stats'])
  take()
  rooms.opened(false)
  expect(take()).toEqual(['join stats', 'join errors'])
})

test('recovered session - confirmed rooms are live at once and not joined again', () => {
  const { rooms, take, states } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats', 'errors'])
  rooms.confirm('stats')
  rooms.lost(1000)
  take()
  rooms.opened(true)
  expect(take()).toEqual(['join errors'])
  expect(states()).toEqual({ stats: 'live', errors: 'joining' })
})

test('recovered session - a room let go meanwhile is left on the server', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats', 'activity'])
  rooms.confirm('stats')
  rooms.confirm('activity')
  rooms.lost(1000)
  rooms.hold('tab', ['stats'])
  take()
  rooms.opened(true)
  expect(take()).toEqual(['leave activity'])
})

test('fresh session - a room left in the last one is not left again', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['activity'])
  rooms.hold('tab', [])
  vi.advanceTimersByTime(1000)
  rooms.lost(1000)
  take()
  rooms.opened(false)
  expect(take()).toEqual([])
})

test('a room lingering when the connection is lost is forgotten', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats'])
  rooms.confirm('stats')
  rooms.hold('tab', [])
  rooms.lost(1000)
  take()
  rooms.opened(false)
  vi.advanceTimersByTime(5000)
  expect(take()).toEqual([])
  expect(rooms.has('stats')).toBe(false)
})

test('fresh session - a room is missing what came since it was lost, told once it is live again', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats', 'errors'])
  rooms.confirm('stats')
  rooms.lost(1000)
  rooms.opened(false)
  rooms.lost(2000)
  rooms.opened(false)
  take()
  rooms.confirm('stats')
  rooms.confirm('errors')
  expect(take()).toEqual(['gap stats 1000 link'])
})

test('recovered session - nothing is missing', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats'])
  rooms.confirm('stats')
  rooms.lost(1000)
  rooms.opened(true)
  rooms.lost(2000)
  rooms.opened(false)
  take()
  rooms.confirm('stats')
  expect(take()).toEqual(['gap stats 2000 link'])
})

test('a denied room is not asked again before the next handshake, and then it is', () => {
  const { rooms, take, states } = setUp()
  rooms.opened(false)
  rooms.hold('tab 1', ['secret'])
  rooms.deny('secret', 'no')
  rooms.hold('tab 2', ['secret'])
  expect(take()).toEqual(['join secret'])
  expect(rooms.reason('secret')).toBe('no')
  rooms.lost(1000)
  expect(states()).toEqual({ secret: 'denied' })
  rooms.opened(true)
  expect(take()).toEqual(['join secret'])
  expect(rooms.reason('secret')).toBeUndefined()
})

test('a denied room that nobody wants any more is forgotten without a leave', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['secret'])
  rooms.deny('secret', 'no')
  rooms.hold('tab', [])
  vi.advanceTimersByTime(5000)
  expect(take()).toEqual(['join secret'])
  expect(rooms.has('secret')).toBe(false)
})

test('answers about rooms nobody asked for change nothing', () => {
  const { rooms, states } = setUp()
  rooms.opened(false)
  rooms.confirm('ghost')
  rooms.deny('ghost', 'no')
  expect(states()).toEqual({})
})

test('rooms named __proto__ and constructor are rooms like any other', () => {
  const { rooms, take } = setUp()
  rooms.hold('__proto__', ['__proto__', 'constructor'])
  rooms.opened(false)
  expect(take()).toEqual(['join __proto__', 'join constructor'])
  rooms.confirm('__proto__')
  expect(rooms.isJoined('__proto__')).toBe(true)
  expect(rooms.isJoined('toString')).toBe(false)
})

test('a session remembers a bounded number of left rooms', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  for (let n = 0; n < 1000; n += 1) {
    rooms.hold('tab', [`adw-state/${n}`])
    vi.advanceTimersByTime(1000)
  }
  rooms.lost(1000)
  take()
  rooms.opened(true)
  expect(take().filter((each) => each.startsWith('leave')).length).toBe(256)
})

test('rooms an earlier worker had joined - recovered: asked for again, and nothing is missing', () => {
  const { rooms, take } = setUp()
  rooms.hold('tab', ['errors', 'stats'])
  rooms.carry(['errors', 'stats'], 500, ['errors', 'gone'])
  rooms.opened(true)
  expect(take()).toEqual(['leave gone', 'join errors', 'join stats'])
  // What comes before the answer is the room's.
  expect(rooms.isJoined('errors')).toBe(true)
  expect(rooms.miss('errors', 300, 'worker')).toBe(false)
  rooms.confirm('errors')
  rooms.confirm('stats')
  expect(take()).toEqual(['gap stats 500 worker'])
})

test('rooms an earlier worker had joined - not recovered: a gap since then, or since a page had less, whatever is known first', () => {
  const { rooms, take } = setUp()
  rooms.hold('tab', ['errors', 'stats'])
  rooms.miss('stats', 300, 'worker')
  rooms.carry(['errors', 'stats'], 500, ['errors', 'stats'])
  rooms.miss('errors', 300, 'worker')
  rooms.opened(false)
  rooms.confirm('errors')
  rooms.confirm('stats')
  expect(take()).toEqual(['join errors', 'join stats', 'gap errors 300 worker', 'gap stats 300 worker'])
})

test('a carried room whose connection is lost before the answer is missing from then on', () => {
  const { rooms, take } = setUp()
  rooms.hold('tab', ['errors'])
  rooms.carry(['errors'], 500, ['errors'])
  rooms.opened(true)
  rooms.lost(800)
  rooms.opened(false)
  rooms.confirm('errors')
  expect(take()).toEqual(['join errors', 'join errors', 'gap errors 800 link'])
})
