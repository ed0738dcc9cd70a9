import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { OrderMemory } from '../../../../shared/wire'
import { createOrders, pauseAfter } from '../../../../worker/reload/orders'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

function setUp(reloadAfter: number | undefined = 60_000) {
  const did: string[] = []
  const remembered: { [tab: string]: OrderMemory } = {}
  const orders = createOrders({
    reloadAfter,
    give: (tab, { reason, version }, { orders }) => {
      did.push(`${tab}: ${reason} ${version}`)
      remembered[tab] = orders
    },
    remind: (tab, { orders }) => {
      remembered[tab] = orders
    },
    confirm: () => did.push('confirm'),
    ineffective: (tab, version) => did.push(`${tab}: ineffective ${version}`),
  })
  const arrive = (tab: string, version?: string, memory: OrderMemory = [], remembers = true) =>
    orders.arrive(tab, { version, memory, given: [], remembers })
  const take = () => did.splice(0)
  return { orders, arrive, take, remembered }
}

test('a different version is ordered once it was seen twice in a row', () => {
  const { orders, arrive, take } = setUp()
  arrive('a', 'v1')
  orders.seen('v2', 0)
  expect(take()).toEqual(['confirm'])
  orders.seen('v2', 0)
  expect(take()).toEqual(['a: version v2'])
  orders.seen('v2', 0)
  orders.seen('v2', 0)
  expect(take()).toEqual(['confirm'])
})

test('another version in between starts the confirmation again', () => {
  const { orders, arrive, take } = setUp()
  arrive('a', 'v1')
  for (const version of ['v2', 'v1', 'v2', 'v1', 'v2']) orders.seen(version, 0)
  expect(take().filter((each) => each !== 'confirm')).toEqual([])
})

test('each tab is compared by its version; one that does not tell it runs the first version seen', () => {
  const { orders, arrive, take } = setUp()
  arrive('old', 'v1')
  arrive('new', 'v2')
  arrive('silent')
  orders.seen('v1', 0)
  orders.seen('v1', 0)
  expect(take()).toEqual(['confirm', 'new: version v1'])
  orders.seen('v2', 0)
  orders.seen('v2', 0)
  expect(take()).toEqual(['confirm', 'old: version v2', 'silent: version v2'])
})

test('a page that cannot remember is given no order', () => {
  const { orders, arrive, take } = setUp()
  arrive('a', 'v1', [], false)
  orders.seen('v2', 99_999)
  orders.seen('v2', 99_999)
  expect(take()).toEqual([])
})

test('a page that came back without the version is told once, and ordered again after growing pauses', () => {
  const { orders, arrive, take } = setUp()
  arrive('a', 'v1', [['v2', 1, Date.now()]])
  orders.seen('v2', 0)
  orders.seen('v2', 0)
  expect(take()).toEqual(['confirm', 'a: ineffective v2'])
  expect(orders.ineffective('a')).toBe('v2')
  vi.advanceTimersByTime(pauseAfter(1, 600_000) - 1)
  orders.seen('v2', 0)
  orders.seen('v2', 0)
  expect(take()).toEqual(['confirm'])
  vi.advanceTimersByTime(1)
  orders.seen('v2', 0)
  orders.seen('v2', 0)
  expect(take()).toEqual(['confirm', 'a: version v2'])
  expect([1, 2, 3, 20].map((times) => pauseAfter(times, 600_000) / 60_000)).toEqual([10, 20, 40, 24 * 60])
})

test('the clock was set back since an order - its pause counts from now, and the page remembers that', () => {
  const { orders, arrive, take, remembered } = setUp()
  const now = Date.now()
  arrive('a', 'v1', [
    ['v2', 1, now + 86_400_000],
    ['v0', 1, 500],
  ])
  expect(remembered['a']).toEqual([
    ['v2', 1, now],
    ['v0', 1, 500],
  ])
  orders.seen('v2', 0)
  orders.seen('v2', 0)
  expect(take()).toEqual(['confirm', 'a: ineffective v2'])
  vi.advanceTimersByTime(pauseAfter(1, 600_000))
  orders.seen('v2', 0)
  orders.seen('v2', 0)
  expect(take()).toEqual(['confirm', 'a: version v2'])
})

test('a page that has not reloaded yet is not told that the reload did not help, even by a new worker', () => {
  const { orders, take } = setUp()
  orders.arrive('a', { version: 'v1', memory: [['v2', 1, Date.now()]], given: ['v2'], remembers: true })
  orders.seen('v2', 0)
  orders.seen('v2', 0)
  expect(take()).toEqual(['confirm'])
})

test('stuck - after reloadAfter, once per tab - not while a newer version is the answer', () => {
  const { orders, arrive, take } = setUp(60_000)
  arrive('a', 'v1')
  orders.seen('v1', 59_999)
  expect(take()).toEqual([])
  orders.seen('v1', 60_000)
  orders.seen('v1', 65_000)
  expect(take()).toEqual(['a: stuck v1'])
  orders.seen('v2', 70_000)
  orders.seen('v2', 71_000)
  expect(take()).toEqual(['confirm', 'a: version v2'])
})

test('stuck - the link was up in between - the next outage counts for itself', () => {
  const { orders, arrive, take, remembered } = setUp(60_000)
  arrive('a', 'v1', [['v0', 1, 500]])
  orders.seen('v1', 60_000)
  expect(remembered['a']).toEqual([
    ['v0', 1, 500],
    ['', 1, Date.now()],
  ])
  orders.online()
  expect(remembered['a']).toEqual([['v0', 1, 500]])
  orders.seen('v1', 0)
  orders.seen('v1', 60_000)
  expect(take()).toEqual(['a: stuck v1', 'a: stuck v1'])
})

test('reloadAfter: false never orders stuck, and a tab that left is ordered nothing', () => {
  const { orders, arrive, take } = setUp()
  const never = createOrders({
    reloadAfter: undefined,
    give: () => {
      throw new Error('no order expected')
    },
    remind: () => {},
    confirm: () => {},
    ineffective: () => {},
  })
  never.arrive('a', { version: 'v1', memory: [], given: [], remembers: true })
  never.seen('v1', 999_999)
  arrive('a', 'v1')
  orders.leave('a')
  orders.seen('v2', 999_999)
  orders.seen('v2', 999_999)
  expect(take()).toEqual([])
})
