import { beforeEach, expect, test, vi } from 'vitest'
import type { Mark } from '../../../../shared/wire'
import { createHandled } from '../../../../src/tab/handled'

const KEY = 'partyline/1//handled'

/** A storage. `isFull`: it refuses what is written. */
function createStorage() {
  const kept = new Map<string, string>()
  return {
    isFull: false,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem(key: string, value: string) {
      if (this.isFull) throw new Error('QuotaExceededError')
      kept.set(key, value)
    },
    removeItem: (key: string) => void kept.delete(key),
  }
}

let local = createStorage()

/** Other tabs have a session storage of their own. */
function openTab(isShared = true) {
  vi.stubGlobal('sessionStorage', createStorage())
  return createHandled('partyline/1/', () => isShared)
}

beforeEach(() => {
  local = createStorage()
  vi.stubGlobal('localStorage', local)
  return () => vi.unstubAllGlobals()
})

const mark = (id: number | string, at = 1000, panel = 'alarms'): Mark => [[panel], 'alarms', id, at]

test('an event is handled in one tab - the other ones know it', () => {
  const a = openTab()
  const b = openTab()
  a.add(mark(1))
  a.add(mark(7, 1000, 'other'))
  a.add(mark(2))
  expect(b.marks()).toEqual([mark(2), mark(7, 1000, 'other')])
  expect(b.has(mark(2), false)).toBe(true)
  expect(b.has(mark(1), false)).toBe(false)
})

test('an event without a position is handled after one with - the tabs know both, as the next worker may get the one with again', () => {
  const tab = openTab()
  for (const id of ['p1', 'p2', 7]) tab.add(mark(id))
  for (const each of [tab, openTab()]) expect(each.marks()).toEqual([mark(7), mark('p2')])
  tab.add(mark('p3'))
  expect(tab.marks()).toEqual([mark('p3'), mark(7)])
})

test('the server counts anew - an event with the id of an old one is another, unless it may be a repeat', () => {
  const tab = openTab()
  tab.add(mark(1, 1000))
  expect(tab.has(mark(1, 9000), false)).toBe(false)
  expect(tab.has(mark(1, 9000), true)).toBe(true)
})

test('names that contain a comma - are told apart', () => {
  const tab = openTab()
  tab.add([['a', 'b'], 'room', 1, 5])
  expect(tab.has([['a,b'], 'room', 1, 5], false)).toBe(false)
})

test('another tab overwrites the record, or storage is full - a tab still tells what it has handled itself', () => {
  const tab = openTab()
  tab.add(mark(1))
  local.setItem(KEY, JSON.stringify([mark(7, 1000, 'other')]))
  expect(tab.marks()).toEqual([mark(1), mark(7, 1000, 'other')])
  local.isFull = true
  tab.add(mark(2))
  expect(tab.has(mark(2), false)).toBe(true)
  expect(tab.marks()).toEqual([mark(2), mark(7, 1000, 'other')])
})

test('each tab has a worker of its own - it knows nothing of others, and after a reload what it has handled', () => {
  const shared = openTab()
  shared.add(mark(1))
  const tab = openTab(false)
  tab.add(mark(2))
  expect(tab.marks()).toEqual([mark(2)])
  expect(createHandled('partyline/1/', () => false).marks()).toEqual([mark(2)])
  expect(openTab(false).marks()).toEqual([])
  expect(shared.marks()).toEqual([mark(1)])
})

test('many panels - at most 100 marks are kept and told', () => {
  const tab = openTab()
  for (let n = 0; n < 300; n += 1) tab.add(mark(n, n, `panel ${n}`))
  expect(tab.marks()).toHaveLength(100)
  expect(tab.marks()[0]).toEqual(mark(299, 299, 'panel 299'))
  expect(JSON.parse(local.getItem(KEY) ?? '')).toHaveLength(100)
})

test.for([
  5,
  'text',
  { 0: mark(1) },
  [5, null, {}, [], ['alarms', 'alarms', 1, 1], [[], 'alarms', 1, 1], [['alarms', 5], 'alarms', 1, 1]],
  [
    [['alarms'], 5, 1, 1],
    [['alarms'], 'alarms', '', 1],
    [['alarms'], 'alarms', null, 1],
    [['alarms'], 'alarms', 1],
  ],
])('what is stored is malformed (%j) - it is ignored, and replaced', (garbage) => {
  local.setItem(KEY, JSON.stringify(garbage))
  const tab = openTab()
  expect(tab.marks()).toEqual([])
  expect(tab.has(mark(1), true)).toBe(false)
  tab.add(mark(1))
  expect(openTab().marks()).toEqual([mark(1)])
})
