import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createRooms } from '../../../../worker/rooms/rooms'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

type Setting = ReturnType<typeof setUp>

function setUp() {
  const sent: string[] = []
  const dropped: string[] = []
  const ended: string[] = []
  const told: string[] = []
  const rooms = createRooms({
    linger: 1000,
    join: (room) => sent.push(`join ${room}`) > 0,
    unanswered: (room) => sent.push(`unanswered ${room}`),
    leave: (room, isDenied) => (isDenied ? ended.push(room) : sent.push(`leave ${room}`)),
    changed: (reports) => told.push(reports.map(([room, state]) => `${room} ${state}`).join(', ')),
    gap(rooms, from, cause) {
      sent.push(`gap ${rooms} ${from} ${cause}`)
      told.push(`gap ${rooms}`)
    },
    dropped: (room) => dropped.push(room),
  })
  const take = () => sent.splice(0)
  const states = () => Object.fromEntries(rooms.inspect().map(({ room, state }) => [room, state]))
  return { rooms, take, states, dropped, ended, tell: () => told.splice(0) }
}

test('rooms wanted before the handshake are joined after it, each once', () => {
  const { rooms, take } = setUp()
  rooms.hold('tab 1', ['errors', 'stats'])
  rooms.hold('tab 2', ['stats'])
  expect(take()).toEqual([])
  rooms.opened(false)
  expect(take()).toEqual(['join errors', 'join stats'])
})

test('a room that two tabs want is left a moment after both have stopped wanting it', () => {
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

test('without a delay for a holder, its rooms are left at once', () => {
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

/** A tab had two rooms, the connection was lost, and now it wants `stats` alone. */
function setUpWithOneGivenUp() {
  const all = setUp()
  all.rooms.opened(false)
  all.rooms.hold('tab', ['stats', 'activity'])
  all.rooms.confirm('stats')
  all.rooms.confirm('activity')
  all.rooms.lost(1000)
  all.rooms.hold('tab', ['stats'])
  all.take()
  return all
}

/** The only tab gives up the room that it has, and wants it again at once. */
function setUpWithLeaveUnderWay() {
  const all = setUp()
  all.rooms.opened(false)
  all.rooms.hold('tab', ['stats'])
  all.rooms.confirm('stats')
  all.rooms.hold('tab', [], 0)
  all.rooms.hold('tab', ['stats'])
  all.take()
  return all
}

test('recovered session - a room that nobody wants since then is left', () => {
  const { rooms, take } = setUpWithOneGivenUp()
  rooms.opened(true)
  expect(take()).toEqual(['leave activity'])
})

test('recovered session - a room that was given up and is wanted again is not left', () => {
  const { rooms, take } = setUpWithOneGivenUp()
  rooms.hold('tab', ['stats', 'activity'])
  rooms.opened(true)
  // The server still has it, so what came meanwhile shows that it is joined.
  rooms.heard(['activity'])
  expect(take()).toEqual(['join activity'])
  expect(rooms.isJoined('activity')).toBe(true)
})

test('the session of an earlier worker had a room that its tab wants only now - it is not left', () => {
  const { rooms, take } = setUp()
  rooms.carry([], 500, ['activity', 'gone'])
  rooms.hold('tab', ['activity'])
  rooms.opened(true)
  expect(take()).toEqual(['leave gone', 'join activity'])
})

test('a room is wanted again while its leave is on its way - an event from before it proves nothing, and a gap is reported before the next', () => {
  const { rooms, take, states } = setUpWithLeaveUnderWay()
  const heardAt = Date.now()
  rooms.heard(['stats'])
  expect(states()).toEqual({ stats: 'joining' })
  vi.advanceTimersByTime(50)
  rooms.confirm('stats')
  expect(take()).toEqual([`gap stats ${heardAt} link`])
  expect(states()).toEqual({ stats: 'live' })
})

test('the same, and the connection breaks before the server has answered - recovered: the room is joined again, and counts as joined only then', () => {
  const { rooms, take, states } = setUpWithLeaveUnderWay()
  rooms.heard(['stats'])
  rooms.lost(1000)
  take()
  rooms.opened(true)
  rooms.heard(['stats'])
  expect([take(), states()]).toEqual([['join stats'], { stats: 'joining' }])
})

test('a room is left, and the connection breaks - wanted and given up again meanwhile, an event from before its leave still proves nothing', () => {
  const { rooms, take, states } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats', 'errors'])
  rooms.confirm('stats')
  rooms.hold('tab', ['errors'], 0)
  rooms.lost(Date.now())
  for (const wanted of [['errors', 'stats'], ['errors'], ['errors', 'stats']]) rooms.hold('tab', wanted)
  take()
  rooms.opened(true)
  rooms.heard(['stats'])
  expect(take()).toEqual(['join errors', 'join stats'])
  expect(states()).toMatchObject({ stats: 'joining' })
})

test('a server that answers no joins sends an event of a room that was left 2 s ago - it is joined', () => {
  const { rooms, states } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['stats'])
  rooms.heard(['stats'])
  rooms.hold('tab', [], 0)
  vi.advanceTimersByTime(2000)
  rooms.hold('tab', ['stats'])
  rooms.heard(['stats'])
  expect(states()).toEqual({ stats: 'live' })
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

test('a room whose leave is delayed is forgotten when the connection is lost', () => {
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

test('fresh session - a gap since the loss is reported when the room is live again', () => {
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

test('a session remembers a limited number of left rooms', () => {
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

test('rooms an earlier worker had joined - recovered: joined again, and nothing is missing', () => {
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

test.for(['before', 'after'])(
  'rooms an earlier worker had joined - not recovered: a gap since the earlier time that a page named %s it',
  (when) => {
    const { rooms, take } = setUp()
    rooms.hold('tab', ['errors'])
    if (when === 'before') rooms.miss('errors', 300, 'worker')
    rooms.carry(['errors'], 500, ['errors'])
    if (when === 'after') rooms.miss('errors', 300, 'worker')
    rooms.opened(false)
    rooms.confirm('errors')
    expect(take()).toEqual(['join errors', 'gap errors 300 worker'])
  },
)

test('a carried room whose connection is lost before the answer gets a gap since the loss', () => {
  const { rooms, take } = setUp()
  rooms.hold('tab', ['errors'])
  rooms.carry(['errors'], 500, ['errors'])
  rooms.opened(true)
  rooms.lost(800)
  rooms.opened(false)
  rooms.confirm('errors')
  expect(take()).toEqual(['join errors', 'join errors', 'gap errors 800 link'])
})

test('a room that no panel had in the earlier worker - nothing of it is missing, though its pages name a time', () => {
  const { rooms, take } = setUp()
  rooms.hold('tab', ['errors', 'load'])
  rooms.carry(['errors', 'load'], 500, ['errors'], new Set(['errors']))
  rooms.miss('load', 300, 'worker')
  rooms.opened(true)
  rooms.confirm('errors')
  rooms.confirm('load')
  expect(take()).toEqual(['join errors', 'join load'])
  rooms.lost(800)
  rooms.opened(false)
  rooms.confirm('errors')
  rooms.confirm('load')
  expect(take()).toEqual(['join errors', 'join load', 'gap errors,load 800 link'])
})

/** Rooms that were live when the connection was lost, asked for anew. */
function setUpAnew(...names: string[]) {
  const { rooms, take, tell, states } = setUp()
  rooms.hold('tab', names)
  rooms.opened(false)
  for (const name of names) rooms.confirm(name)
  rooms.lost(1000)
  rooms.opened(false)
  take()
  tell()
  return { rooms, take, tell, states }
}

test('rooms with a gap become live together, after one gap for all of them', () => {
  const { rooms, tell, states } = setUpAnew('errors', 'stats', 'tmux', 'secret')
  rooms.confirm('stats')
  rooms.confirm('errors')
  rooms.deny('secret', 'no')
  expect(tell()).toEqual(['secret denied'])
  expect(states()).toEqual({ errors: 'joining', stats: 'joining', tmux: 'joining', secret: 'denied' })
  rooms.confirm('tmux')
  expect(tell()).toEqual(['gap stats,errors,tmux', 'stats live, errors live, tmux live'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a last room that is denied, or not wanted any more, does not hold up the others', () => {
  const { rooms, tell } = setUpAnew('errors', 'secret')
  rooms.confirm('errors')
  rooms.deny('secret', 'no')
  expect(tell()).toEqual(['secret denied', 'gap errors', 'errors live'])
  const other = setUpAnew('errors', 'stats')
  other.rooms.confirm('errors')
  other.rooms.hold('tab', ['errors'], 0)
  expect(other.tell()).toEqual(['gap errors', 'errors live'])
})

test('joined rooms with a gap wait a moment for one that is not answered, and no longer', () => {
  const { rooms, tell } = setUpAnew('errors', 'stats', 'tmux')
  rooms.confirm('errors')
  vi.advanceTimersByTime(60)
  rooms.confirm('stats')
  vi.advanceTimersByTime(39)
  expect(tell()).toEqual([])
  vi.advanceTimersByTime(1)
  expect(tell()).toEqual(['gap errors,stats', 'errors live, stats live'])
  rooms.confirm('tmux')
  expect(tell()).toEqual(['gap tmux', 'tmux live'])
})

test('a room that has been unanswered for long does not hold up the others', () => {
  const { rooms, tell } = setUpAnew('errors', 'tmux')
  vi.advanceTimersByTime(10_000)
  rooms.confirm('errors')
  expect(tell()).toEqual(['gap errors', 'errors live'])
})

test('an event of a room with a gap ends the wait at once', () => {
  const { rooms, tell, states } = setUpAnew('errors', 'stats', 'tmux')
  rooms.confirm('errors')
  // Its event may be known by its name alone.
  expect(rooms.isJoined('errors')).toBe(true)
  rooms.heard(['tmux', 'errors'])
  expect(tell()).toEqual(['gap errors,tmux', 'errors live, tmux live'])
  expect(states()).toEqual({ errors: 'live', stats: 'joining', tmux: 'live' })
})

test('an event of another room does not end the wait', () => {
  const { rooms, tell } = setUpAnew('errors', 'stats')
  rooms.hold('other', ['activity'])
  rooms.confirm('errors')
  rooms.heard(['activity'])
  expect(tell()).toEqual(['activity live'])
  rooms.confirm('stats')
  expect(tell()).toEqual(['gap errors,stats', 'errors live, stats live'])
})

test('rooms that miss events for different causes get a gap for each cause', () => {
  const { rooms, take } = setUpAnew('errors', 'stats')
  rooms.hold('other', ['tmux', 'activity'])
  for (const name of ['tmux', 'activity']) expect(rooms.miss(name, 700, 'away')).toBe(true)
  take()
  for (const name of ['errors', 'tmux', 'stats', 'activity']) rooms.confirm(name)
  expect(take()).toEqual(['gap errors,stats 1000 link', 'gap tmux,activity 700 away'])
})

test('the connection is lost, or the worker ends, while joined rooms wait - their gap is not forgotten', () => {
  const { rooms, take, tell } = setUpAnew('errors', 'stats')
  rooms.confirm('errors')
  expect(rooms.session()).toEqual({ rooms: [], missedSince: 1000 })
  rooms.lost(2000)
  vi.advanceTimersByTime(1000)
  expect(tell()).toEqual([])
  expect(rooms.isJoined('errors')).toBe(false)
  rooms.opened(true)
  take()
  rooms.confirm('errors')
  rooms.confirm('stats')
  expect(take()).toEqual(['gap errors,stats 1000 link'])
})

test('a join that is not answered is sent again, at growing intervals, and reported once', () => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['errors'])
  const asked: number[] = []
  let unanswered = 0
  for (let second = 0; second <= 1210; second += 1) {
    for (const each of take()) {
      if (each === 'join errors') asked.push(second)
      else if (each === 'unanswered errors') unanswered += 1
    }
    vi.advanceTimersByTime(1000)
  }
  expect(asked).toEqual([0, 10, 30, 70, 150, 310, 610, 910, 1210])
  expect(unanswered).toBe(1)
  expect(rooms.isUnanswered('errors')).toBe(true)
  rooms.confirm('errors')
  expect(rooms.isUnanswered('errors')).toBe(false)
  expect(rooms.isJoined('errors')).toBe(true)
  expect(vi.getTimerCount()).toBe(0)
})

test.for([
  ['is denied', (rooms: Setting['rooms']) => rooms.deny('errors', 'no')],
  ['is heard', (rooms: Setting['rooms']) => rooms.heard(['errors'])],
  ['is wanted no more', (rooms: Setting['rooms']) => rooms.hold('tab', [], 0)],
  ['has no connection any more', (rooms: Setting['rooms']) => rooms.lost(1000)],
] as const)('a room that %s is not joined again', ([, end]) => {
  const { rooms, take } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['errors'])
  vi.advanceTimersByTime(10_000)
  end(rooms)
  take()
  vi.advanceTimersByTime(1_000_000)
  expect(take()).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('a server that sends events but answers no joins is reported once for a room', () => {
  const { rooms, take } = setUp()
  rooms.hold('tab', ['errors'])
  for (let round = 0; round < 3; round += 1) {
    rooms.opened(false)
    vi.advanceTimersByTime(10_000)
    rooms.heard(['errors'])
    rooms.lost(1000)
  }
  expect(take().filter((each) => each === 'unanswered errors')).toHaveLength(1)
  // One that does answer, and then does not again, is told of again.
  rooms.opened(false)
  rooms.confirm('errors')
  rooms.lost(1000)
  rooms.opened(false)
  vi.advanceTimersByTime(10_000)
  expect(take().filter((each) => each === 'unanswered errors')).toHaveLength(1)
})

test('a room whose join cannot be sent is not tried again, and does not hold up others', () => {
  const asked: string[] = []
  const gaps: string[] = []
  const rooms = createRooms({
    linger: 0,
    join: (room) => asked.push(room) > 0 && room !== 'odd',
    unanswered: () => {},
    leave: () => {},
    changed: () => {},
    gap: (rooms) => gaps.push(...rooms),
    dropped: () => {},
  })
  rooms.hold('tab', ['errors', 'odd'])
  rooms.opened(false)
  rooms.confirm('errors')
  rooms.lost(1000)
  rooms.opened(false)
  rooms.confirm('errors')
  expect(gaps).toEqual(['errors'])
  vi.advanceTimersByTime(1_000_000)
  expect(asked).toEqual(['errors', 'odd', 'errors', 'odd'])
})

test('a carried room of a recovered session is not confirmed yet - the session has it all the same', () => {
  const { rooms } = setUp()
  rooms.hold('tab', ['errors', 'stats'])
  rooms.carry(['errors', 'stats'], 500, ['errors'])
  rooms.opened(true)
  expect(rooms.session().rooms).toEqual(['errors'])
})

/** With these rooms live over connections of their own. */
function setUpApart(...names: string[]) {
  const all = setUp()
  all.rooms.opened(false)
  all.rooms.hold('tab', names)
  for (const name of names) all.rooms.up(name)
  all.take()
  all.tell()
  return all
}

test("a room's own connection flaps - it alone is stale, and gets one gap for each loss", () => {
  const { rooms, take, tell } = setUpApart('errors', 'stats')
  rooms.down('errors', 500)
  rooms.down('errors', 900)
  expect(tell()).toEqual(['errors stale'])
  rooms.up('errors')
  expect(tell()).toEqual(['gap errors', 'errors live'])
  expect(take()).toEqual(['gap errors 500 link'])
  rooms.up('errors')
  expect(tell()).toEqual([])
  rooms.down('errors', 1500)
  rooms.up('errors')
  expect(take()).toEqual(['gap errors 1500 link'])
  expect(vi.getTimerCount()).toBe(0)
})

test('connections come back one by one - rooms that are back within a moment are one gap', () => {
  const { rooms, tell } = setUpApart('errors', 'stats', 'tmux')
  for (const name of ['errors', 'stats', 'tmux']) rooms.down(name, 500)
  tell()
  rooms.up('errors')
  rooms.up('stats')
  expect(tell()).toEqual([])
  vi.advanceTimersByTime(100)
  expect(tell()).toEqual(['gap errors,stats', 'errors live, stats live'])
  rooms.up('tmux')
  expect(tell()).toEqual(['gap tmux', 'tmux live'])
})

test('a connection is lost again before its gap was reported - one gap, from the first loss on', () => {
  const { rooms, take } = setUpApart('errors', 'stats')
  rooms.down('errors', 500)
  rooms.down('stats', 600)
  rooms.up('errors')
  rooms.down('errors', 900)
  vi.advanceTimersByTime(1000)
  expect(take()).toEqual([])
  rooms.up('stats')
  rooms.up('errors')
  expect(take()).toEqual(['gap stats,errors 500 link'])
})

test('a connection comes back, and nothing was missed - live at once, without a gap', () => {
  const { rooms, take, tell } = setUpApart('errors')
  rooms.down('errors', 500)
  rooms.up('errors', true)
  expect(tell()).toEqual(['errors stale', 'errors live'])
  expect(take()).toEqual([])
})

test('the last panel of a room is closed while its own connection is down - the room is left at once, and dialled no more', () => {
  const { rooms, take, dropped } = setUpApart('errors')
  rooms.down('errors', 500)
  rooms.hold('tab', [])
  expect(take()).toEqual(['leave errors'])
  expect(dropped).toEqual(['errors'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a room that was never joined is down - stale, and without a gap once it is joined', () => {
  const { rooms, take, tell } = setUp()
  rooms.opened(false)
  rooms.hold('tab', ['errors'])
  rooms.down('errors', 500)
  vi.advanceTimersByTime(60_000)
  expect(take()).toEqual(['join errors'])
  rooms.up('errors')
  expect(tell()).toEqual(['errors stale', 'errors live'])
  expect(take()).toEqual([])
})

test('a denied room whose connection is lost stays denied - and gets its gap once it is let in', () => {
  const { rooms, take, tell, states } = setUpApart('errors')
  rooms.down('errors', 500)
  rooms.deny('errors', 'no')
  rooms.down('errors', 900)
  expect(states()).toEqual({ errors: 'denied' })
  expect(rooms.reason('errors')).toBe('no')
  tell()
  rooms.up('errors')
  expect(tell()).toEqual(['gap errors', 'errors live'])
  expect(take()).toEqual(['gap errors 500 link'])
  expect(rooms.reason('errors')).toBeUndefined()
})

test('a room that nobody wants any more loses its connection - left at once', () => {
  const { rooms, take, dropped } = setUpApart('errors')
  rooms.hold('tab', [])
  rooms.down('errors', 500)
  expect(take()).toEqual(['leave errors'])
  expect(dropped).toEqual(['errors'])
  expect(vi.getTimerCount()).toBe(0)
})

test('a denied room that nobody wants any more - its own connection has to end', () => {
  const { rooms, ended, take } = setUpApart('errors')
  rooms.deny('errors', 'no')
  rooms.hold('tab', [])
  expect(ended).toEqual(['errors'])
  expect(take()).toEqual([])
})

test('all is lost while one room is stale - the gap is since the first loss', () => {
  const { rooms, take } = setUpApart('errors', 'stats')
  rooms.down('errors', 500)
  rooms.lost(900)
  rooms.up('errors')
  rooms.opened(false)
  take()
  rooms.up('errors')
  rooms.up('stats')
  expect(take()).toEqual(['gap errors,stats 500 link'])
})

test('a room of an earlier worker is down before its join is answered - its session had it, so it has a gap', () => {
  const { rooms, take } = setUp()
  rooms.hold('tab', ['errors'])
  rooms.carry(['errors'], 500, ['errors'])
  rooms.opened(true)
  rooms.down('errors', 700)
  expect(rooms.isJoined('errors')).toBe(false)
  take()
  rooms.up('errors')
  expect(take()).toEqual(['gap errors 700 link'])
})

test('the server sends again what was missed - no gap', () => {
  const { rooms, take } = setUpAnew('errors', 'stats')
  rooms.confirm('errors', true)
  rooms.confirm('stats')
  expect(take()).toEqual(['gap stats 1000 link'])
})

test('the server sends again what was missed, but not what a tab or a worker had missed before', () => {
  const { rooms, take } = setUpAnew('errors')
  expect(rooms.miss('errors', 700, 'away')).toBe(true)
  rooms.confirm('errors', true)
  expect(take()).toEqual(['gap errors 700 away'])
  const another = setUp()
  another.rooms.hold('tab', ['errors'])
  another.rooms.carry(['errors'], 500, ['errors'])
  another.rooms.opened(false)
  another.take()
  another.rooms.confirm('errors', true)
  expect(another.take()).toEqual(['gap errors 500 worker'])
})
