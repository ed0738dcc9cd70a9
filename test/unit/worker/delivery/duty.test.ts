import { beforeEach, expect, test, vi } from 'vitest'
import type { PanelRef } from '../../../../shared/names'
import type { Mark } from '../../../../shared/wire'
import { createDuties } from '../../../../worker/delivery/duties'
import type { RoomEvent } from '../../../../worker/delivery/event'

const ALARMS: PanelRef = ['alarms']
/** How long a page may take, and how long after that the worker waits. */
const PATIENCE = 2000
const MARGIN = 500

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  return () => vi.useRealTimers()
})

/** Tabs in the order in which they are chosen, and the events that each was given. */
function setUp({ queue = 1000, listening = ['a', 'b'], expected = [] as string[] } = {}) {
  let order = ['a', 'b', 'c']
  const hidden = new Set<string>()
  const missing = new Set(expected)
  const given: { tab: string; call: number; n: unknown; until: number; mayRepeat: boolean }[] = []
  let taken = 0
  const gaps: string[] = []
  const counts: string[] = []
  const warnings: string[] = []
  const duties = createDuties({
    count: (what) => void counts.push(what),
    warn: (about) => void warnings.push(about),
    queue,
    characters: 1_000_000,
    order: {
      first: (tabs) => {
        const all = [...tabs]
        return order.find((tab) => all.includes(tab))
      },
      isVisible: (tab) => !hidden.has(tab),
      isMissing: (tab) => missing.has(tab),
    },
    give(tab, { panel, call, until, mayRepeat }, { body }) {
      expect(panel).toEqual(ALARMS)
      given.push({ tab, call, n: 'data' in body ? body.data : body.text, until, mayRepeat })
    },
    miss: (tab, { rooms, cause }) => gaps.push(`${tab} ${rooms} ${cause}`),
  })
  for (const tab of expected) duties.expect(tab, ALARMS, ['alarms'])
  for (const tab of listening) duties.enter(tab, ALARMS, ['alarms'], true)
  const event = (n: unknown, room = 'alarms', id = Number(n)): RoomEvent => ({
    id,
    room,
    name: 'row',
    at: Number(n),
    size: 100,
    body: { data: n },
  })
  /** Who was given what since the last look. */
  const take = () => {
    const all = given.slice(taken).map(({ tab, n }) => `${tab} ${n}`)
    taken = given.length
    return all
  }
  const mark = (n: number, at = n): Mark => [ALARMS, 'alarms', n, at]
  return {
    duties,
    hidden,
    missing,
    gaps,
    counts,
    warnings,
    event,
    take,
    mark,
    emit: (...numbers: unknown[]) => duties.add(numbers.map((n) => event(n))),
    setOrder(...tabs: string[]) {
      order = tabs
    },
    last: () => given.at(-1) ?? { tab: '', call: 0, n: 0, until: 0, mayRepeat: false },
    /** The tab that has an event answers it. */
    answer(did: 'begun' | 'handled' | 'declined') {
      const { tab, call } = given.at(-1) ?? { tab: '', call: 0 }
      duties.answer(tab, call, did)
    },
  }
}

test('events come - each is given to the first tab once the one before it was handled', () => {
  const { emit, take, answer } = setUp()
  emit(1, 2)
  emit(3)
  expect(take()).toEqual(['a 1'])
  answer('begun')
  expect(take()).toEqual([])
  answer('handled')
  answer('handled')
  answer('handled')
  expect(take()).toEqual(['a 2', 'a 3'])
})

test('another tab comes to the front - it gets the next event, and not the one that is given', () => {
  const { emit, answer, setOrder, last } = setUp()
  emit(1, 2)
  setOrder('b', 'a')
  emit(3)
  expect(last()).toMatchObject({ tab: 'a', n: 1 })
  answer('begun')
  answer('handled')
  expect(last()).toMatchObject({ tab: 'b', n: 2 })
})

test('the tab goes before it has handled its event - the next one gets it, before later ones', () => {
  const { duties, emit, take, answer } = setUp()
  emit(1, 2)
  answer('begun')
  duties.depart('a')
  answer('handled')
  expect(take()).toEqual(['a 1', 'b 1', 'b 2'])
})

test('an answer to an earlier offer comes - it is ignored', () => {
  const { duties, emit, take, last } = setUp()
  emit(1)
  const { call } = last()
  duties.depart('a')
  duties.enter('a', ALARMS, ['alarms'], true)
  duties.answer('a', call, 'handled')
  expect(take()).toEqual(['a 1', 'b 1'])
  expect(duties.unsettled('a')[0]?.events).toHaveLength(1)
})

test('a tab in the background lets its event lie - the next one gets it after the deadline and a margin, and the tab nothing until it shows that it is awake', () => {
  const { duties, emit, take, hidden, answer, last } = setUp()
  hidden.add('a')
  emit(1)
  expect(last().until).toBe(1_000_000 + PATIENCE)
  vi.advanceTimersByTime(PATIENCE + MARGIN - 1)
  expect(take()).toEqual(['a 1'])
  vi.advanceTimersByTime(1)
  answer('handled')
  emit(2)
  answer('handled')
  expect(take()).toEqual(['b 1', 'b 2'])
  duties.awake('a')
  emit(3)
  expect(take()).toEqual(['a 3'])
})

test('all tabs are frozen - the event waits until one of them is awake', () => {
  const { duties, emit, take, hidden } = setUp()
  hidden.add('a').add('b')
  emit(1)
  vi.advanceTimersByTime(3 * (PATIENCE + MARGIN))
  expect(take()).toEqual(['a 1', 'b 1'])
  duties.awake('b')
  expect(take()).toEqual(['b 1'])
})

test('a tab in the background has begun in time - it has the event as long as it lives', () => {
  const { emit, take, hidden, answer } = setUp()
  hidden.add('a')
  emit(1)
  answer('begun')
  vi.advanceTimersByTime(60_000)
  expect(take()).toEqual(['a 1'])
})

test('a visible tab is blocked - it is waited for, unless another one comes to the front', () => {
  const { emit, take, setOrder } = setUp()
  emit(1)
  vi.advanceTimersByTime(60_000)
  expect(take()).toEqual(['a 1'])
  setOrder('b', 'a')
  vi.advanceTimersByTime(PATIENCE)
  expect(take()).toEqual(['b 1'])
})

test('the wall clock is set back while an event is given - the worker waits for the same deadline as the page', () => {
  const { emit, take, hidden } = setUp()
  hidden.add('a')
  emit(1)
  vi.setSystemTime(Date.now() - 10_000)
  vi.advanceTimersByTime(PATIENCE + MARGIN + 9999)
  expect(take()).toEqual(['a 1'])
  vi.advanceTimersByTime(1)
  expect(take()).toEqual(['b 1'])
})

test('a page declines an event - it is given again a moment later', () => {
  const { emit, take, answer } = setUp()
  emit(1)
  answer('declined')
  expect(take()).toEqual(['a 1'])
  vi.advanceTimersByTime(50)
  expect(take()).toEqual(['a 1'])
})

test('the last tab leaves, and another comes - it gets no earlier events', () => {
  const { duties, emit, take } = setUp({ listening: ['a'] })
  duties.depart('a')
  emit(1)
  duties.leave('a', ALARMS)
  duties.enter('b', ALARMS, ['alarms'], true)
  emit(2)
  expect(take()).toEqual(['b 2'])
})

test('a tab unsubscribes while it has an event - its answer counts', () => {
  const { duties, emit, take, answer } = setUp()
  emit(1, 2)
  duties.leave('a', ALARMS)
  vi.advanceTimersByTime(1000)
  answer('handled')
  expect(take()).toEqual(['a 1', 'b 2'])
})

test('no tab is there and too many events come - the oldest are dropped, and a gap is reported before the next', () => {
  const { duties, emit, take, gaps, answer } = setUp({ queue: 2, listening: ['a'] })
  emit(1)
  duties.depart('a')
  emit(2, 3, 4, 5)
  expect(gaps).toEqual([])
  duties.enter('a', ALARMS, ['alarms'], true)
  expect(gaps).toEqual(['a alarms queue'])
  answer('handled')
  expect(take()).toEqual(['a 1', 'a 4', 'a 5'])
})

test('an event is given and too many come - that one stays, the oldest of the others are dropped and counted, and the gap is reported when it was handled', () => {
  const { emit, take, answer, gaps, counts } = setUp({ queue: 2, listening: ['a'] })
  emit(1, 2, 3, 4)
  expect(counts).toEqual(['dropped', 'dropped'])
  expect(gaps).toEqual([])
  answer('handled')
  expect(gaps).toEqual(['a alarms queue'])
  expect(take()).toEqual(['a 1', 'a 4'])
})

test('an event cannot be posted - it is a gap at once, and a warning', () => {
  const { duties, event, gaps, counts, warnings, take, emit } = setUp({ listening: ['a'] })
  duties.add([{ ...event(1), body: { data: () => {} } }])
  expect(gaps).toEqual(['a alarms queue'])
  expect(counts).toEqual(['malformed'])
  expect(warnings).toEqual(['unposted row'])
  emit(2)
  expect(take()).toEqual(['a 2'])
  expect(gaps).toHaveLength(1)
})

test('the worker was blocked past the deadline - an answer that waits in its queue counts', () => {
  const { emit, take, hidden, answer } = setUp()
  hidden.add('a')
  emit(1)
  vi.setSystemTime(Date.now() + 10_000)
  vi.advanceTimersByTime(PATIENCE + MARGIN)
  answer('begun')
  vi.advanceTimersByTime(60_000)
  expect(take()).toEqual(['a 1'])
})

test('the machine slept past the deadline and no answer comes - the next tab gets the event after the margin', () => {
  const { emit, take, hidden } = setUp()
  hidden.add('a')
  emit(1)
  vi.setSystemTime(Date.now() + 10_000)
  vi.advanceTimersByTime(PATIENCE + 2 * MARGIN - 1)
  expect(take()).toEqual(['a 1'])
  vi.advanceTimersByTime(1)
  expect(take()).toEqual(['b 1'])
})

test('the session is recovered and a tab of before is not back - events wait for it, and what it has handled is given to nobody', () => {
  const { duties, emit, take, missing, mark } = setUp({ listening: ['a'], expected: ['b'] })
  emit(1, 2, 3)
  vi.advanceTimersByTime(1000)
  expect(take()).toEqual([])
  missing.delete('b')
  duties.handled([mark(2)])
  expect(take()).toEqual(['a 3'])
})

test('a tab of before does not come back - the others do not wait for longer than it could still take an event', () => {
  const { emit, take } = setUp({ listening: ['a'], expected: ['b'] })
  emit(1)
  vi.advanceTimersByTime(PATIENCE + MARGIN - 1)
  expect(take()).toEqual([])
  vi.advanceTimersByTime(1)
  expect(take()).toEqual(['a 1'])
})

test('events come again long after the tabs are back - none is given that was handled, until the session is over', () => {
  const { duties, emit, take, mark, answer } = setUp({ listening: ['a'] })
  duties.handled([mark(2, -500)])
  emit(1, 2, 3)
  answer('handled')
  expect(take()).toEqual(['a 3'])
  duties.endRepeats()
  emit(2)
  expect(take()).toEqual(['a 2'])
})

test('the server counts anew, and a tab tells what it has handled before - only the very same event is taken for handled', () => {
  const { duties, emit, take, mark, last, answer } = setUp()
  duties.endRepeats()
  emit(1, 2, 3)
  duties.handled([mark(3, -500)])
  expect(last()).toMatchObject({ n: 1, mayRepeat: false })
  duties.handled([mark(1)])
  answer('handled')
  expect(take()).toEqual(['a 1', 'a 2', 'a 3'])
})

test('an event came again and the connection breaks before it is given - a tab that comes then still tells that it was handled', () => {
  const { duties, emit, take, missing, mark, last } = setUp({ listening: ['a'], expected: ['b'] })
  emit(1, 2)
  duties.endRepeats()
  missing.delete('b')
  duties.handled([mark(1, -500)])
  expect(take()).toEqual(['a 2'])
  expect(last().mayRepeat).toBe(true)
})

test('an event comes again that was handled, and earlier ones wait - none of them is given', () => {
  const { duties, emit, take, mark } = setUp({ listening: [], expected: ['a'] })
  duties.handled([mark(2)])
  emit(1)
  emit(2)
  emit(3)
  duties.enter('a', ALARMS, ['alarms'], true)
  vi.advanceTimersByTime(PATIENCE + MARGIN)
  expect(take()).toEqual(['a 3'])
})

test('an event comes and others wait - only the new one is compared with what was handled', () => {
  const { duties, event, mark } = setUp({ listening: ['a'], expected: ['b'] })
  duties.handled([mark(500)])
  let reads = 0
  const waits = event(1)
  duties.add([
    {
      ...waits,
      get id() {
        reads += 1
        return waits.id
      },
    },
  ])
  const before = reads
  duties.add([event(2)])
  expect(reads).toBe(before)
})

test('a tab had the panel and its page subscribes without "one" - nothing waits for it', () => {
  const { duties, emit, take } = setUp({ listening: [], expected: ['b'] })
  emit(1)
  expect(duties.unsettled('b')).toHaveLength(1)
  duties.enter('b', ALARMS, ['alarms'], false)
  expect(duties.unsettled('b')).toEqual([])
  expect(take()).toEqual([])
})

test('two panels share a room - each event is given for each of them', () => {
  const { duties, event } = setUp({ listening: ['a'] })
  duties.expect('a', ['other'], ['alarms'])
  duties.add([event(1)])
  expect(duties.unsettled('a').map(({ events }) => events.length)).toEqual([1, 1])
})
