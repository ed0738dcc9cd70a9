import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { PanelRef } from '../../../../shared/names'
import type { ToTab, WireEvent } from '../../../../shared/wire'
import { readBatch } from '../../../../src/line/batch'
import { textOf } from '../../../../worker/delivery/event'
import { createOutbox } from '../../../../worker/delivery/outbox'

beforeEach(() => void vi.useFakeTimers({ now: 1000 }))
afterEach(() => void vi.useRealTimers())

const ERRORS: PanelRef = ['errors']
const OVERVIEW: PanelRef = ['overview']
/** How many posts a tab may have to answer. */
const CREDITS = 32

/** A tab that answers what it gets, or one that does not, among others. */
function setUp({ retain = 1, queue = 1000, answers = true, others = 4 } = {}) {
  const counted: Record<string, number> = {}
  const warned: string[] = []
  const outbox = createOutbox({
    warn: (about) => warned.push(about),
    order: { first: () => undefined, isVisible: () => true, isMissing: () => false },
    retain,
    queue,
    count: (what, by = 1) => {
      counted[what] = (counted[what] ?? 0) + by
    },
  })
  const posted: ToTab[] = []
  const take = () => posted.splice(0)
  const data = () =>
    take().flatMap((message) =>
      'events' in message ? (message.events as readonly WireEvent[]).map((event) => event.data) : [],
    )
  let clock = 1000
  const publish = (room: string, value: unknown, size = 100) => {
    clock += 1
    outbox.publish({ id: clock, room, name: 'row', at: clock, size, body: { data: value } })
  }
  const open = (
    ref: PanelRef,
    rooms: string[],
    { tab = 'tab', call = 1, since = undefined as number | undefined } = {},
  ) => outbox.open(tab, [{ ref, rooms, call, since, reports: [] }])
  const attach = (seen: number[] = []) =>
    outbox.attach(
      'tab',
      (message) => {
        posted.push(message)
        if (answers) outbox.took('tab')
      },
      seen,
    )
  attach()
  for (let n = 0; n < others; n += 1) outbox.attach(`other ${n}`, () => {}, [])
  return { attach, outbox, take, data, publish, open, counted, warned }
}

test('the first event after a quiet time is posted at once, the rest of the window together', () => {
  const { take, publish, open } = setUp()
  open(ERRORS, ['errors'])
  take()
  publish('errors', 1)
  publish('errors', 2)
  publish('errors', 3)
  expect(take()).toHaveLength(1)
  vi.advanceTimersByTime(8)
  expect(take()).toMatchObject([{ type: 'events', events: [{ data: 2 }, { data: 3 }] }])
})

test('the server continues the session of the worker before - a page does not get again what it has had, until that session is over', () => {
  const { attach, outbox, open, publish, data } = setUp()
  attach([1001, 1002])
  open(ERRORS, ['errors'])
  for (const n of [1, 2, 3]) publish('errors', n)
  vi.advanceTimersByTime(10)
  expect(data()).toEqual([3])
  outbox.endRepeats()
  attach([1004])
  open(ERRORS, ['errors'])
  data()
  publish('errors', 4)
  expect(data()).toEqual([4])
})

test('the only tab waits for no window - events that come while it is busy are posted together', () => {
  const { take, publish, open, outbox } = setUp({ others: 0, answers: false })
  open(ERRORS, ['errors'])
  outbox.took('tab')
  take()
  for (let n = 1; n <= 11; n += 1) publish('errors', n)
  const sent = (...values: number[]) => ({ type: 'events', events: values.map((data) => ({ data })) })
  expect(take()).toMatchObject([1, 2, 3, 4, 5, 6, 7, 8, 9].map((n) => sent(n)))
  vi.advanceTimersByTime(8)
  expect(take()).toMatchObject([sent(10, 11)])
})

test('a burst is posted in bulk, and does not overflow the queue while the tab answers', () => {
  const { take, publish, open, counted } = setUp({ queue: 250 })
  open(ERRORS, ['errors'])
  take()
  for (let n = 0; n < 501; n += 1) publish('errors', n)
  const sizes = () => take().map((message) => 'events' in message && message.events.length)
  expect(sizes()).toEqual([1, 250, 250])
  for (let n = 0; n < 3; n += 1) publish('errors', n, 150_000)
  expect(sizes()).toEqual([3])
  expect(counted['dropped']).toBe(undefined)
})

test('a queue smaller than a window’s events overflows only for a tab that does not answer', () => {
  const { data, publish, open, counted } = setUp({ queue: 3 })
  open(ERRORS, ['errors'])
  for (let n = 1; n <= 10; n += 1) publish('errors', n)
  vi.advanceTimersByTime(8)
  expect(data()).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(counted['dropped']).toBe(undefined)
})

test('an event of a room the tab does not want is not posted', () => {
  const { take, publish, open } = setUp()
  open(ERRORS, ['errors'])
  take()
  publish('tmux', 1)
  vi.advanceTimersByTime(100)
  expect(take()).toEqual([])
})

test('an event of a room that two panels share is posted once', () => {
  const { data, publish, open } = setUp()
  open(ERRORS, ['errors', 'stats'])
  open(OVERVIEW, ['stats', 'activity'])
  data()
  publish('stats', 1)
  vi.advanceTimersByTime(8)
  expect(data()).toEqual([1])
})

test('a late panel gets the last value of each of its rooms, marked replayed', () => {
  const { take, publish, open, outbox } = setUp()
  outbox.keep('other', ERRORS, ['errors', 'stats'])
  publish('errors', 1)
  publish('stats', 2)
  publish('errors', 3)
  open(ERRORS, ['errors', 'stats'])
  expect(take()).toMatchObject([
    {
      type: 'opened',
      replays: 2,
      events: [{ data: 2 }, { data: 3 }],
    },
  ])
})

test('retain: 3 keeps three values in order, retain: 0 none', () => {
  for (const [retain, expected] of [
    [3, [2, 3, 4]],
    [0, []],
  ] as const) {
    const { data, publish, open } = setUp({ retain })
    for (const value of [1, 2, 3, 4]) publish('errors', value)
    open(ERRORS, ['errors'])
    expect(data()).toEqual(expected)
  }
})

test('events that came before a panel is opened are posted before it', () => {
  const { take, publish, open } = setUp()
  open(ERRORS, ['errors', 'stats'])
  publish('stats', 1)
  publish('stats', 2)
  open(OVERVIEW, ['stats', 'activity'], { call: 2 })
  expect(take().map((message) => message.type)).toEqual(['opened', 'events', 'events', 'opened'])
})

test('a tab that is away keeps its events, and gets them when its page subscribes again', () => {
  const { outbox, take, publish, open, attach } = setUp()
  open(ERRORS, ['errors'])
  publish('errors', 1)
  outbox.detach('tab')
  take()
  publish('errors', 2)
  publish('errors', 3)
  vi.advanceTimersByTime(100)
  expect(take()).toEqual([])
  attach()
  publish('errors', 4)
  open(ERRORS, ['errors'], { call: 7 })
  expect(take()).toMatchObject([
    {
      type: 'opened',
      call: 7,
      replays: 0,
      events: [{ data: 2 }, { data: 3 }, { data: 4 }],
    },
  ])
})

test('events that a page has had come again long after its hello - it does not get them twice', () => {
  const { outbox, attach, data, open } = setUp()
  const event = (id: number) => ({ id, room: 'errors', name: 'row', at: id, size: 100, body: { data: id } })
  attach([1, 2])
  open(ERRORS, ['errors'])
  // The server was away for longer than the time of grace.
  outbox.settle('tab')
  outbox.catchUp([1, 2, 3].map(event))
  vi.advanceTimersByTime(20)
  expect(data()).toEqual([3])
})

test('the next page gets what its predecessor did not answer, and what was waiting', () => {
  const { outbox, take, publish, open, attach } = setUp({ answers: false })
  open(ERRORS, ['errors'])
  for (const value of [1, 2, 3]) publish('errors', value)
  outbox.gap(['errors'], 500, 'link')
  publish('errors', 4)
  expect(take().map((message) => message.type)).toEqual(['opened', 'events', 'events', 'gap'])
  outbox.detach('tab')
  expect(outbox.waiting('tab')).toBe(4)
  attach()
  outbox.detach('tab')
  attach()
  open(ERRORS, ['errors'])
  expect(take()).toMatchObject([
    { type: 'gap', gap: { rooms: ['errors'], from: 500, cause: 'link' } },
    { type: 'opened', events: [{ data: 1 }, { data: 2 }, { data: 3 }, { data: 4 }] },
  ])
})

test('a page does not get events that it has had, whenever they come', () => {
  const { outbox, take, publish, open, attach } = setUp({ answers: false })
  open(ERRORS, ['errors'])
  for (const value of [1, 2, 3]) publish('errors', value)
  outbox.detach('tab')
  take()
  attach([1001, 1002, 1003, 1005])
  publish('errors', 'later')
  open(ERRORS, ['errors'])
  expect(take()).toMatchObject([{ type: 'opened', events: [{ data: 'later' }] }])
  // What came while there was no connection may begin before what the page has.
  const event = (id: number, room: string, data: unknown) => ({
    ...{ id, room, name: 'row', at: id, size: 100, body: { data } },
  })
  outbox.catchUp([event(1004, 'errors', 4), event(1005, 'errors', 5), event(1006, 'errors', 6)])
  vi.advanceTimersByTime(20)
  expect(take()).toMatchObject([{ type: 'events', events: [{ data: 6 }] }])
})

test('panels that open together get one gap, and the events kept for one are handed over once', () => {
  const { outbox, take, publish } = setUp()
  for (const [ref, rooms] of [
    [ERRORS, ['errors', 'stats']],
    [OVERVIEW, ['stats', 'activity']],
  ] as const)
    outbox.keep('tab', ref, rooms, 900)
  publish('errors', 1)
  const of = (ref: PanelRef, rooms: string[], call: number) => ({
    ref,
    rooms,
    call,
    since: undefined,
    reports: [],
  })
  outbox.open('tab', [
    of(ERRORS, ['errors', 'stats'], 1),
    of(OVERVIEW, ['stats', 'activity'], 2),
    of(ERRORS, ['errors', 'stats'], 3),
  ])
  expect(take()).toMatchObject([
    { type: 'gap', gap: { rooms: ['errors', 'stats', 'activity'], from: 900, cause: 'worker' } },
    { type: 'opened', panel: ERRORS, call: 1, replays: 0, events: [{ data: 1 }] },
    { type: 'opened', panel: OVERVIEW, call: 2, events: [] },
    { type: 'opened', panel: ERRORS, call: 3, replays: 1, events: [{ data: 1 }] },
  ])
})

test('a page leaves before it has opened all panels - the next one gets all events kept for the others', () => {
  const { outbox, take, publish, open, attach } = setUp({ answers: false })
  const opened = () => take().filter((message) => message.type === 'opened')
  for (const ref of [ERRORS, OVERVIEW]) open(ref, ['stats'])
  publish('stats', 1)
  outbox.detach('tab')
  publish('stats', 2)
  attach([1001])
  open(ERRORS, ['stats'])
  publish('stats', 3)
  outbox.detach('tab')
  take()
  attach([1001, 1002, 1003])
  publish('stats', 4)
  for (const ref of [ERRORS, OVERVIEW]) open(ref, ['stats'])
  expect(opened()).toMatchObject([
    { panel: ERRORS, replays: 0, events: [{ data: 4 }] },
    { panel: OVERVIEW, replays: 0, events: [{ data: 2 }, { data: 3 }, { data: 4 }] },
  ])
})

test('a page opens two panels that share a room, and leaves without an answer - the next one gets each event once, and in order', () => {
  const { attach, outbox, open, publish, take } = setUp({ answers: false })
  open(OVERVIEW, ['stats'])
  open(ERRORS, ['errors', 'stats'])
  publish('stats', 1)
  publish('stats', 2)
  outbox.detach('tab')
  attach()
  open(OVERVIEW, ['stats'])
  publish('stats', 3)
  publish('errors', 4)
  open(ERRORS, ['errors', 'stats'])
  publish('stats', 5)
  outbox.detach('tab')
  attach()
  take()
  const opened = (ref: PanelRef, rooms: string[]) => {
    open(ref, rooms)
    return take().flatMap((message) =>
      message.type === 'opened' ? (message.events as readonly WireEvent[]).map(({ data }) => data) : [],
    )
  }
  expect(opened(OVERVIEW, ['stats'])).toEqual([1, 2, 3, 5])
  expect(opened(ERRORS, ['errors', 'stats'])).toEqual([1, 2, 3, 4, 5])
})

test('a resumed page gets what it missed, and no last values that it already has', () => {
  const { data, publish, open, outbox, attach } = setUp()
  open(ERRORS, ['errors', 'stats'])
  publish('stats', 1)
  outbox.detach('tab')
  data()
  publish('errors', 2)
  attach()
  open(ERRORS, ['errors', 'stats'], { since: 1000 })
  expect(data()).toEqual([2])
})

test('panels that a returned page does not subscribe to again are removed', () => {
  const { outbox, open, attach } = setUp()
  open(ERRORS, ['errors'])
  open(OVERVIEW, ['stats'])
  outbox.detach('tab')
  attach()
  open(ERRORS, ['errors'])
  outbox.settle('tab')
  expect(outbox.panels('tab')).toEqual([ERRORS])
  expect(outbox.rooms('tab')).toEqual(['errors'])
})

test('a tab that does not answer gets no more after 32 posts, and the rest when it does', () => {
  const { outbox, take, data, publish, open } = setUp({ answers: false })
  open(ERRORS, ['errors'])
  outbox.took('tab')
  take()
  const first = Array.from({ length: CREDITS }, (_, n) => n)
  for (const n of [...first, 'later', 'last']) {
    publish('errors', n)
    vi.advanceTimersByTime(20)
  }
  expect(data()).toEqual(first)
  outbox.took('tab', 4)
  expect(data()).toEqual(['later', 'last'])
})

test('a tab that has a megabyte to answer gets no more either', () => {
  const { outbox, data, publish, open } = setUp({ answers: false })
  open(ERRORS, ['errors'])
  outbox.took('tab')
  publish('errors', 1, 600_000)
  vi.advanceTimersByTime(20)
  publish('errors', 2, 600_000)
  vi.advanceTimersByTime(20)
  publish('errors', 3)
  vi.advanceTimersByTime(20)
  expect(data()).toEqual([1, 2])
  outbox.took('tab')
  expect(data()).toEqual([3])
})

test('an overflow keeps the last value of each room, and is reported as a gap before them', () => {
  const { outbox, take, publish, open, counted } = setUp({ queue: 5, answers: false })
  open(ERRORS, ['errors', 'stats'])
  for (let n = 1; n < CREDITS; n += 1) {
    publish('errors', n)
    vi.advanceTimersByTime(20)
  }
  take()
  for (let n = 1; n <= 6; n += 1) publish(n === 2 ? 'stats' : 'errors', `late ${n}`)
  outbox.took('tab')
  expect(take()).toMatchObject([
    { type: 'gap', gap: { rooms: ['errors'], from: 1032, to: 1036, cause: 'queue' } },
    { type: 'events', events: [{ data: 'late 2' }, { data: 'late 6' }] },
  ])
  expect(counted).toMatchObject({ dropped: 4, gaps: 1 })
})

test('what waits for a tab has a limit in bytes', () => {
  const { outbox, publish, open, take, counted } = setUp({ answers: false })
  outbox.keep('tab', ERRORS, ['errors', 'stats'])
  publish('stats', 0, 1_000_000)
  for (let n = 1; n <= 20; n += 1) publish('errors', n, 1_000_000)
  expect(outbox.waiting('tab')).toBeLessThanOrEqual(8)
  open(ERRORS, ['errors', 'stats'])
  const posts = take()
  expect(posts[0]).toMatchObject({ type: 'gap', gap: { rooms: ['errors'], cause: 'away' } })
  expect(posts[1]).toMatchObject({
    type: 'opened',
    events: expect.arrayContaining([expect.objectContaining({ data: 20 })]),
  })
  expect(counted['dropped']).toBeGreaterThan(10)
})

test('messages about states for a tab that does not answer wait, the latest of each kind, and do not pile up', () => {
  const { outbox, take, open } = setUp({ answers: false })
  open(ERRORS, ['errors', 'stats'])
  const status = (attempt: number): ToTab => ({
    type: 'status',
    status: { state: 'offline', since: 0, attempt, shared: true, persistent: true },
  })
  for (let n = 1; n <= 1000; n += 1) {
    outbox.post('tab', status(n))
    outbox.postRooms([['errors', 'stale', n]])
    outbox.postRooms([['stats', 'stale', n]])
    outbox.gap(['errors'], n, 'link')
  }
  expect(take()).toHaveLength(CREDITS)
  outbox.took('tab', CREDITS)
  expect(take()).toMatchObject([
    { type: 'gap', gap: { rooms: ['errors'], from: 8, cause: 'link' } },
    { type: 'status', status: { attempt: 1000 } },
    {
      type: 'rooms',
      rooms: [
        ['errors', 'stale', 1000],
        ['stats', 'stale', 1000],
      ],
    },
  ])
})

test('too many last values - those of the quietest rooms are removed, and counted', () => {
  const { outbox, publish, open, take, counted } = setUp()
  outbox.keep('other', OVERVIEW, ['a', 'b', 'c'])
  for (const room of ['a', 'b', 'c']) publish(room, room, 6_000_000)
  open(OVERVIEW, ['a', 'b', 'c'])
  expect(take()).toMatchObject([{ type: 'opened', events: [{ data: 'b' }, { data: 'c' }] }])
  expect(counted).toMatchObject({ evicted: 1 })
})

test('more rooms than the queue holds stay within it', () => {
  const { outbox, publish } = setUp({ queue: 5 })
  const rooms = Array.from({ length: 20 }, (_, n) => `room ${n}`)
  outbox.keep('tab', ERRORS, rooms)
  for (let n = 0; n < 200; n += 1) publish(`room ${n % 20}`, n)
  expect(outbox.waiting('tab')).toBeLessThanOrEqual(5)
})

test('an absent tab that missed too much gets a gap when it subscribes again', () => {
  const { outbox, publish, open, take } = setUp({ queue: 2 })
  outbox.keep('tab', ERRORS, ['errors'])
  for (let n = 1; n <= 4; n += 1) publish('errors', n)
  open(ERRORS, ['errors'])
  expect(take()).toMatchObject([
    { type: 'gap', gap: { rooms: ['errors'], cause: 'away' } },
    { type: 'opened', events: [{ data: 3 }, { data: 4 }] },
  ])
})

test('a removed tab leaves nothing behind', () => {
  const { outbox, open, publish, take } = setUp()
  open(ERRORS, ['errors'])
  outbox.remove('tab')
  take()
  publish('errors', 1)
  vi.advanceTimersByTime(100)
  expect(take()).toEqual([])
  expect(outbox.panels('tab')).toEqual([])
  expect(vi.getTimerCount()).toBe(0)
})

test('events held back for a tab in the background stay within the queue', () => {
  const { outbox, data, take, publish, open, counted } = setUp({ queue: 3 })
  open(ERRORS, ['a', 'b', 'c', 'd'])
  take()
  outbox.background('tab', true)
  for (const room of ['a', 'b', 'a', 'c', 'd']) publish(room, room)
  expect(take()).toEqual([])
  outbox.background('tab', false)
  expect(take()).toMatchObject([{ type: 'gap', gap: { rooms: ['b'] } }, { type: 'events' }])
  expect(counted).toMatchObject({ conflated: 1, dropped: 1 })
  publish('a', 1)
  vi.advanceTimersByTime(20)
  expect(data()).toEqual([1])
})

test('a panel that is opened in the background gets no value twice', () => {
  const { outbox, take, publish, open } = setUp()
  open(ERRORS, ['errors', 'stats'])
  outbox.background('tab', true)
  publish('stats', 1)
  take()
  open(OVERVIEW, ['stats'], { call: 2 })
  expect(take().map((message) => message.type)).toEqual(['events', 'opened'])
  outbox.background('tab', false)
  expect(take()).toEqual([])
})

test('a late panel gets the gap after the last value before that value', () => {
  const { outbox, take, publish, open } = setUp()
  outbox.keep('other', ERRORS, ['errors'])
  publish('errors', 1)
  outbox.gap(['errors'], 1500, 'link')
  open(ERRORS, ['errors'])
  expect(take()).toMatchObject([
    { type: 'gap', gap: { rooms: ['errors'], from: 1500, cause: 'link' } },
    { type: 'opened', replays: 1, events: [{ data: 1 }] },
  ])
  publish('errors', 2)
  outbox.shut('tab', ERRORS)
  take()
  open(ERRORS, ['errors'])
  expect(take()).toMatchObject([{ type: 'opened', replays: 1, events: [{ data: 2 }] }])
})

test('a panel that opens gets one gap for each cause', () => {
  const { outbox, take, publish, open } = setUp()
  outbox.keep('tab', ERRORS, ['errors', 'stats', 'tmux'], 900)
  outbox.gap(['errors'], 950, 'worker')
  publish('errors', 1)
  for (const room of ['stats', 'tmux']) publish(room, room)
  outbox.gap(['stats', 'tmux', 'elsewhere'], 1500, 'link')
  open(ERRORS, ['errors', 'stats', 'tmux'])
  const gaps = take().flatMap((message) => (message.type === 'gap' ? [message.gap] : []))
  expect(gaps).toMatchObject([
    { rooms: ['errors', 'stats', 'tmux'], from: 900, cause: 'worker' },
    { rooms: ['stats', 'tmux'], from: 1500, cause: 'link' },
  ])
})

test('a late panel gets one gap after two, with only its own rooms', () => {
  const { outbox, take, publish, open } = setUp()
  outbox.keep('other', OVERVIEW, ['errors', 'stats', 'tmux'])
  for (const room of ['errors', 'stats', 'tmux']) publish(room, room)
  outbox.gap(['errors', 'stats', 'tmux'], 1500, 'link')
  outbox.gap(['errors'], 1700, 'link')
  open(ERRORS, ['errors', 'stats'])
  const gaps = take().flatMap((message) => (message.type === 'gap' ? [message.gap] : []))
  expect(gaps).toMatchObject([{ rooms: ['errors', 'stats'], from: 1500, cause: 'link' }])
})

test('each tab gets one gap for one cause, with only its own rooms', () => {
  const { outbox, take, open } = setUp()
  open(ERRORS, ['errors', 'stats'])
  open(OVERVIEW, ['stats', 'activity'])
  take()
  outbox.gap(['activity', 'errors', 'stats', 'tmux'], 500, 'link')
  expect(take()).toMatchObject([
    { type: 'gap', gap: { rooms: ['activity', 'errors', 'stats'], from: 500, cause: 'link' } },
  ])
})

test('an event that cannot be posted is reported as a gap to each tab, and the others of its batch arrive', () => {
  const { outbox, take, publish, open, counted, warned } = setUp()
  const others: ToTab[] = []
  outbox.attach('next', (message) => void others.push(structuredClone(message)), [])
  const copies: ToTab[] = []
  const deliver = (message: ToTab) => {
    copies.push(structuredClone(message))
    outbox.took('tab')
  }
  outbox.attach('tab', deliver, [])
  for (const tab of ['tab', 'next']) open(ERRORS, ['errors', 'stats'], { tab })
  copies.length = 0
  others.length = 0
  publish('errors', 1)
  publish('errors', () => {})
  publish('stats', 2)
  vi.advanceTimersByTime(8)
  for (const posts of [copies, others]) {
    expect(posts).toMatchObject([
      { type: 'events', events: [{ data: 1 }] },
      { type: 'gap', gap: { rooms: ['errors'], from: 1002, to: 1002, cause: 'queue' } },
      { type: 'events', events: [{ data: 2 }] },
    ])
  }
  expect(counted).toMatchObject({ malformed: 2, delivered: 4, gaps: 2 })
  expect(new Set(warned)).toEqual(new Set(['unposted row']))
  expect(outbox.unanswered('tab')).toBe(0)
  expect(take()).toEqual([])
})

test('a panel opens although its last value cannot be posted', () => {
  const { outbox, publish, open, counted } = setUp()
  const posted: ToTab[] = []
  outbox.attach('tab', (message) => void posted.push(structuredClone(message)), [])
  outbox.keep('other', ERRORS, ['errors', 'stats'])
  publish('errors', () => {})
  publish('stats', 1)
  open(ERRORS, ['errors', 'stats'])
  expect(posted).toMatchObject([
    { type: 'gap', gap: { rooms: ['errors'], cause: 'queue' } },
    { type: 'opened', replays: 1, events: [{ data: 1 }] },
  ])
  expect(counted).toMatchObject({ malformed: 1, replayed: 1 })
})

test('a tab to which nothing can be posted does not disturb the others, and has nothing to answer', () => {
  const { outbox, data, publish, open } = setUp()
  const fail = () => {
    throw new Error('out of memory')
  }
  outbox.attach('first', fail, [])
  for (const tab of ['first', 'tab']) open(ERRORS, ['errors'], { tab })
  data()
  for (let n = 1; n <= 40; n += 1) {
    publish('errors', n)
    outbox.postAll({ type: 'beat' })
    vi.advanceTimersByTime(8)
  }
  expect(data()).toHaveLength(40)
  expect(outbox.unanswered('first')).toBe(0)
})

test('what tabs still have to handle is summed up by its oldest events', () => {
  const { outbox, publish, open } = setUp({ answers: false })
  open(ERRORS, ['errors'])
  outbox.took('tab')
  expect(outbox.unsettled()).toEqual([])
  publish('errors', 1)
  publish('errors', 2)
  outbox.keep('other', OVERVIEW, ['errors'])
  publish('errors', 3)
  expect(outbox.unsettled()).toEqual([
    { tab: 'tab', oldest: [1001, 1002], since: 1001, isBehind: false },
    // Once for the panel's backlog, and once because the page may ask for the panel with `tab: 'one'`.
    { tab: 'other', oldest: [1003, 1003], since: 1003, isBehind: false },
  ])
  outbox.gap(['errors'], 500, 'link')
  expect(outbox.unsettled()).toMatchObject([
    { since: 500, isBehind: true },
    { since: 500, isBehind: true },
  ])
})

test('a tab that reads text gets payloads as they came, or in brief where one did not come as text', () => {
  const { outbox, take, open, publish } = setUp()
  const posted: ToTab[] = []
  outbox.attach(
    'tab',
    Object.assign((message: ToTab) => void posted.push(message), { readsText: true }),
    [],
  )
  open(ERRORS, ['errors'])
  posted.length = 0
  const event = { id: 'p1', room: 'errors', name: 'row', at: 5, size: 100 }
  outbox.publish({ ...event, body: { text: textOf(event, '{"n":1,"data":[2]}') } })
  outbox.publish({ ...event, body: { text: textOf(event, '{"n":1,"data":[2]}', 'data') } })
  publish('errors', new Uint8Array(3))
  vi.advanceTimersByTime(20)
  expect(posted).toMatchObject([
    { type: 'events', events: '[["p1","errors","row",5,{"n":1,"data":[2]}]]' },
    {
      type: 'events',
      events: [
        ['p1', 'errors', 'row', 5, { n: 1, data: [2] }, 'data'],
        [1001, 'errors', 'row', 1001, new Uint8Array(3)],
      ],
    },
  ])
  const [first] = posted
  expect(first?.type === 'events' && readBatch(first.events)).toEqual([
    ['p1', 'errors', 'row', 5, { n: 1, data: [2] }],
  ])
  expect(take()).toEqual([])
})

test('a last value that no other worker can be posted, because the dialect returned a function in it - it is not handed over', () => {
  const { outbox, publish } = setUp()
  publish('errors', { n: 1 })
  publish('stats', { n: 2, act: () => {} })
  publish('tmux', { n: 3 })
  expect(outbox.values().map(({ room }) => room)).toEqual(['errors', 'tmux'])
})

test('events may be missing after the last value of a room - it is not handed over, until the next one comes', () => {
  const { outbox, publish } = setUp()
  publish('errors', { n: 1 })
  publish('stats', { n: 2 })
  outbox.gap(['stats'], 1000, 'link')
  expect(outbox.values().map(({ room }) => room)).toEqual(['errors'])
  publish('stats', { n: 3 })
  expect(outbox.values().map(({ room }) => room)).toEqual(['errors', 'stats'])
})

test('another worker has served the tab meanwhile - events without a position are skipped up to then, and a gap says so', () => {
  const { outbox, publish, open, take } = setUp({ retain: 0 })
  outbox.keep('tab', ERRORS, ['errors'])
  publish('errors', 1)
  outbox.publish({ id: 'position', room: 'errors', name: 'row', at: 1001, size: 1, body: { data: 2 } })
  publish('errors', 3)
  outbox.skip('tab', ERRORS, 1001)
  open(ERRORS, ['errors'])
  vi.advanceTimersByTime(20)
  const events = take().flatMap((message) => {
    if (message.type === 'gap') return [message.gap]
    return 'events' in message ? (message.events as readonly WireEvent[]).map(({ data }) => data) : []
  })
  expect(events).toEqual([{ rooms: ['errors'], from: 1001, to: 1001, cause: 'away' }, 2, 3])
})

test('a page says since when it misses events of a kept panel - the gap that an earlier worker has left begins then, and no other', () => {
  const { outbox, open, take } = setUp()
  const since = (from: number, missing?: number) => {
    outbox.keep('tab', ERRORS, ['errors'], missing)
    outbox.widen('tab', ERRORS, from)
    open(ERRORS, ['errors'])
    outbox.shut('tab', ERRORS)
    return take().flatMap((message) => (message.type === 'gap' ? [message.gap.from] : []))
  }
  expect(since(700, 900)).toEqual([700])
  expect(since(950, 900)).toEqual([900])
  expect(since(700)).toEqual([])
})
