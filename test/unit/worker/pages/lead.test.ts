import { beforeEach, expect, test, vi } from 'vitest'
import { createLead } from '../../../../worker/pages/lead'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  return () => vi.useRealTimers()
})

/** Tabs in the order in which they are chosen. `missing` are those of the worker before that are not back. */
function setUp(...missing: string[]) {
  let order = ['a', 'b', 'c']
  const told: string[] = []
  const lead = createLead({
    tabs: {
      first: (tabs) => {
        const all = [...tabs]
        return order.find((tab) => all.includes(tab))
      },
      isMissing: (tab) => missing.includes(tab),
      list: () => missing,
    },
    post: (tab, message) => message.type === 'lead' && told.push(`${tab} ${message.leads} ${message.call}`),
  })
  return {
    lead,
    take: () => told.splice(0),
    setOrder(...tabs: string[]) {
      order = tabs
      lead.elect()
    },
    comesBack(tab: string) {
      missing.splice(missing.indexOf(tab), 1)
      lead.elect()
    },
  }
}

/** Two tabs that listen, of which the first leads. */
function setUpTwo() {
  const all = setUp()
  all.lead.listen('a', 1)
  all.lead.listen('b', 7)
  expect(all.take()).toEqual(['a true 1', 'b false 7'])
  return all
}

test('another tab comes to the front - it leads once the last one knows that it does not', () => {
  const { lead, take, setOrder } = setUpTwo()
  setOrder('b', 'a')
  vi.advanceTimersByTime(999)
  expect(take()).toEqual(['a false 1'])
  lead.resigned('a')
  expect(take()).toEqual(['b true 7'])
})

test('the tab that led does not answer - another leads after a second', () => {
  const { take, setOrder } = setUpTwo()
  setOrder('b', 'a')
  vi.advanceTimersByTime(1000)
  expect(take()).toEqual(['a false 1', 'b true 7'])
})

test('the tab that led goes - another leads at once', () => {
  const { lead, take, setOrder } = setUpTwo()
  lead.leave('a')
  expect(take()).toEqual(['b true 7'])
  setOrder('b', 'a')
  lead.leave('b')
  expect(take()).toEqual([])
})

test('a tab listens no more - another leads; it listens again and is told under its new call', () => {
  const { lead, take } = setUpTwo()
  lead.listen('a', 0)
  expect(take()).toEqual(['b true 7'])
  lead.listen('a', 2)
  expect(take()).toEqual(['b false 7'])
  lead.resigned('b')
  expect(take()).toEqual(['a true 2'])
})

test('a late answer to an earlier change comes - the tab that leads is still waited for', () => {
  const { lead, take, setOrder } = setUpTwo()
  setOrder('b', 'a')
  vi.advanceTimersByTime(1000)
  setOrder('a', 'b')
  lead.resigned('b')
  setOrder('b', 'a')
  take()
  lead.resigned('a')
  expect(take()).toEqual([])
  lead.resigned('a')
  expect(take()).toEqual(['b true 7'])
})

test('a tab of the worker before may still lead - nobody is told before it is back', () => {
  const { lead, take, comesBack } = setUp('b')
  lead.listen('a', 1)
  vi.advanceTimersByTime(1000)
  expect(take()).toEqual([])
  comesBack('b')
  expect(take()).toEqual(['a true 1'])
})

test('a tab of the worker before does not come back - the others do not wait for ever', () => {
  const { lead, take } = setUp('b')
  lead.listen('a', 1)
  lead.listen('c', 1)
  vi.advanceTimersByTime(2500)
  expect(take()).toEqual(['a true 1', 'c false 1'])
})

test('the timer of a new worker fires a fraction of a ms too early - a tab leads, though one never comes back', () => {
  const { lead, take } = setUp('gone')
  const now = vi.spyOn(performance, 'now').mockReturnValue(0.6)
  lead.listen('a', 1)
  now.mockReturnValue(2499.8)
  vi.runAllTimers()
  now.mockRestore()
  expect(take()).toEqual(['a true 1'])
})
