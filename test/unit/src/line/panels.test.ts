import { beforeEach, expect, test, vi } from 'vitest'
import type { PanelRef } from '../../../../shared/names'
import type { RoomState } from '../../../../shared/status'
import type { Brief, Listens } from '../../../../shared/wire'
import { createPanels } from '../../../../src/line/panels'
import { createWorkerClock } from '../../../../src/tab/worker-clock'

const ERRORS: PanelRef = ['errors']
const OVERVIEW: PanelRef = ['overview']

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'performance'], now: 100 })
  return () => vi.useRealTimers()
})

function setUp() {
  const sent: unknown[] = []
  /** How many more subscribe calls each call announced. */
  const following: unknown[] = []
  const heard: unknown[] = []
  const clock = createWorkerClock()
  clock.follow('first')
  const panels = createPanels(
    (
      name,
      [panel],
      call?: number,
      since?: number,
      more?: number,
      _had?: readonly string[],
      listens?: Listens,
    ) => {
      const how = listens === 'all' ? [] : [listens]
      sent.push(name === 'subscribe' ? [panel, call, since, ...how] : ['unsubscribe', panel])
      if (name === 'subscribe') following.push(more)
    },
    () => {},
    clock,
  )
  const takeCalls = async () => {
    await null
    return sent.splice(0)
  }
  const event = (room: string, data: unknown, at = 1): Brief => [1, room, 'row', at, data]
  const open = (
    ref: PanelRef,
    call: number,
    rooms: string[],
    events: Brief[] = [],
    state: RoomState = 'live',
  ) =>
    panels.opened(
      ref,
      call,
      rooms.map((room) => [room, state, 0]),
      events,
      0,
    )
  const add = (panel: string) => panels.add(panel, ({ data }) => heard.push(`${panel} ${data}`))
  return { panels, takeCalls, event, open, add, heard, following }
}

test('each subscribe call of one tick says how many more follow, and earlier ones do not count', async () => {
  const { panels, takeCalls, add, following } = setUp()
  add('errors')
  await takeCalls()
  for (const panel of ['overview', 'tmux', 'errors']) add(panel)
  await takeCalls()
  expect(following.splice(0)).toEqual([0, 2, 1, 0])
  add('vault')()
  await takeCalls()
  panels.up('next')
  expect(following).toEqual([2, 1, 0])
})

test('the worker forgot the page - a panel gets the events that were kept for it before any newer ones', async () => {
  const { panels, takeCalls, event, open, add, heard } = setUp()
  add('errors')
  add('overview')
  expect(await takeCalls()).toEqual([
    ['errors', 1, undefined],
    ['overview', 2, undefined],
  ])
  open(ERRORS, 1, ['errors', 'stats'])
  open(OVERVIEW, 2, ['stats'])
  // The worker has forgotten the page, or another one has started.
  panels.up('first')
  expect(await takeCalls()).toEqual([
    ['errors', 3, 100],
    ['overview', 4, 100],
  ])
  open(ERRORS, 3, ['errors', 'stats'], [event('stats', 1)])
  panels.events([event('stats', 2)])
  open(OVERVIEW, 4, ['stats'], [event('stats', 1), event('stats', 2)])
  panels.events([event('stats', 3)])
  expect(heard.filter((each) => String(each).startsWith('overview'))).toEqual([
    'overview 1',
    'overview 2',
    'overview 3',
  ])
  expect(heard.filter((each) => String(each).startsWith('errors'))).toEqual([
    'errors 1',
    'errors 2',
    'errors 3',
  ])
})

test('workers die one after another - each subscribe call says up to when the page has all events', async () => {
  const { panels, takeCalls, event, open, add } = setUp()
  add('errors')
  await takeCalls()
  panels.up('first')
  expect(await takeCalls()).toEqual([['errors', 2, undefined]])
  open(ERRORS, 2, ['errors'])
  panels.events([event('errors', 1, 200)])
  panels.up('first')
  panels.up('first')
  expect(await takeCalls()).toEqual([
    ['errors', 3, 200],
    ['errors', 4, 200],
  ])
})

test('a gap may still be reported for a panel - its progress stays, even if other panels get events', async () => {
  const { panels, takeCalls, event, open, add } = setUp()
  add('errors')
  add('overview')
  await takeCalls()
  open(ERRORS, 1, ['errors'])
  open(OVERVIEW, 2, ['stats'])
  panels.events([event('stats', 1, 200)])
  panels.rooms([['stats', 'stale', 0]])
  panels.events([event('errors', 1, 300)])
  expect(panels.progress()).toEqual([
    [ERRORS, 300],
    [OVERVIEW, 200],
  ])
  panels.rooms([['stats', 'live', 0]])
  expect(panels.progress()).toEqual([
    [ERRORS, 300],
    [OVERVIEW, 300],
  ])
})

test('the next worker has not opened a panel yet - its progress stays, even if other panels get events', async () => {
  const { panels, takeCalls, event, open, add } = setUp()
  add('errors')
  add('overview')
  await takeCalls()
  open(ERRORS, 1, ['stats'])
  open(OVERVIEW, 2, ['stats'])
  panels.up('first')
  open(ERRORS, 3, ['stats'], [event('stats', 1, 300)])
  panels.rooms([['stats', 'live', 0]])
  expect(panels.progress()).toEqual([
    [ERRORS, 300],
    [OVERVIEW, 100],
  ])
})

test('the worker ends - live rooms become stale, other rooms keep their state, and the progress stays', async () => {
  const { panels, takeCalls, event, open, add } = setUp()
  add('errors')
  add('overview')
  await takeCalls()
  panels.opened(
    ERRORS,
    1,
    [
      ['errors', 'live', 10],
      ['secret', 'denied', 20],
      ['stats', 'joining', 30],
    ],
    [],
    0,
  )
  open(OVERVIEW, 2, ['stats'])
  panels.events([event('errors', 1, 200)])
  const before = panels.progress()
  vi.setSystemTime(5000)
  panels.down()
  vi.setSystemTime(6000)
  panels.down()
  expect(panels.status('errors').rooms).toEqual({ errors: 'stale', secret: 'denied', stats: 'joining' })
  expect(panels.status('overview')).toMatchObject({ state: 'stale', since: 5000 })
  expect(panels.progress()).toEqual(before)
  panels.up('next')
  expect(await takeCalls()).toEqual([
    ['errors', 3, 100],
    ['overview', 4, 200],
  ])
})

test('the next worker reports live rooms before the page subscribes - events that may be missing are not forgotten', async () => {
  const { panels, takeCalls, event, open, add } = setUp()
  add('errors')
  add('overview')
  await takeCalls()
  open(ERRORS, 1, ['errors'])
  open(OVERVIEW, 2, ['errors', 'stats'])
  panels.rooms([['stats', 'stale', 0]])
  vi.advanceTimersByTime(200)
  panels.events([event('errors', 1, 300)])
  panels.down()
  panels.rooms([
    ['errors', 'live', 0],
    ['stats', 'live', 0],
  ])
  panels.up('next')
  expect(await takeCalls()).toEqual([
    ['errors', 3, 300],
    ['overview', 4, 100],
  ])
})

test('the progress of the previous page counts for a panel until this page has opened it', async () => {
  const { panels, takeCalls, open, add } = setUp()
  panels.claim([
    [ERRORS, 40],
    [OVERVIEW, 50],
  ])
  add('errors')
  await takeCalls()
  expect(panels.progress()).toEqual([
    [ERRORS, 40],
    [OVERVIEW, 50],
  ])
  open(ERRORS, 1, ['errors'], [], 'joining')
  expect(panels.progress()).toEqual([
    [ERRORS, 40],
    [OVERVIEW, 50],
  ])
  panels.rooms([['errors', 'live', 0]])
  expect(panels.progress()).toEqual([
    [ERRORS, 100],
    [OVERVIEW, 50],
  ])
})

test('a panel without subscribers is not part of the progress', async () => {
  const { panels, takeCalls, open, add } = setUp()
  const stop = add('errors')
  await takeCalls()
  open(ERRORS, 1, ['errors'])
  stop()
  expect(panels.progress()).toEqual([])
})

test('the clock was set back before the next worker started - the page converts its times to the new clock', async () => {
  const { panels, takeCalls, event, open, add } = setUp()
  panels.claim([[OVERVIEW, 40]])
  add('errors')
  await takeCalls()
  open(ERRORS, 1, ['errors'])
  vi.advanceTimersByTime(1000)
  panels.events([event('errors', 1, 1050)])
  vi.advanceTimersByTime(1000)
  vi.setSystemTime(1100)
  panels.up('second')
  expect(await takeCalls()).toEqual([['errors', 2, 50]])
  expect(panels.progress()).toEqual([
    [ERRORS, 50],
    [OVERVIEW, -960],
  ])
  expect(panels.status('errors').lastAt).toBe(1050)
  // The same worker again: the times stay.
  panels.up('second')
  expect(await takeCalls()).toEqual([['errors', 3, 50]])
  open(ERRORS, 3, ['errors'])
  panels.events([event('errors', 2, 1200)])
  expect(panels.progress()).toEqual([
    [ERRORS, 1200],
    [OVERVIEW, -960],
  ])
})
