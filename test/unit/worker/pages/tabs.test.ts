import { beforeEach, expect, test, vi } from 'vitest'
import { createTabs } from '../../../../worker/pages/tabs'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  return () => vi.useRealTimers()
})

function setUp() {
  const tabs = createTabs({
    grace: 1000,
    watch: () => () => {},
    arrived() {},
    went() {},
    settled() {},
    forgotten() {},
  })
  const arrive = (tab: string, visible: boolean, front?: number) =>
    tabs.arrive(tab, { lock: undefined, visible, front, hasToken: false })
  const first = () => tabs.first(['a', 'b', 'c'])
  return { tabs, arrive, first }
}

test('the first tab is the visible one that was in front last, else the one that was in front last', () => {
  const { tabs, arrive, first } = setUp()
  expect(first()).toBeUndefined()
  arrive('a', true, 999_000)
  arrive('b', true, 998_000)
  arrive('c', false, 999_500)
  expect(first()).toBe('a')
  tabs.show('b', true)
  expect(first()).toBe('b')
  tabs.show('a', true)
  expect(first()).toBe('a')
  for (const tab of ['a', 'b']) tabs.show(tab, false)
  expect(first()).toBe('a')
  tabs.depart('a')
  expect(first()).toBe('b')
  tabs.forget('b')
  expect(first()).toBe('c')
})

test('a page says that it was in front in the future - it counts as in front now', () => {
  const { tabs, arrive, first } = setUp()
  arrive('a', true, Number.POSITIVE_INFINITY)
  arrive('b', true, 0)
  tabs.show('b', true)
  expect(first()).toBe('b')
})

test('a tab was here when the worker before ended - it is missing until a page of it says hello', () => {
  const { tabs, arrive } = setUp()
  tabs.expect('a', true)
  tabs.expect('b', false)
  expect(['a', 'b', 'c'].filter(tabs.isMissing)).toEqual(['a'])
  arrive('a', true)
  tabs.depart('a')
  expect(tabs.isMissing('a')).toBe(false)
})
