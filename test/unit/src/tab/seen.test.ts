import { beforeEach, expect, test, vi } from 'vitest'
import type { Had } from '../../../../shared/switchboard'
import type { Brief } from '../../../../shared/wire'
import { createSeen, type PageProgress } from '../../../../src/tab/seen'

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
  return () => vi.unstubAllGlobals()
})

const event = (id: number): Brief => [id, 'errors', 'row', id, null]

const HAD: Had = [[['errors'], 7]]
const progress = (had = HAD): PageProgress => ({ had, lead: ['worker', 8] })

/** A page of the tab: claims the record, and receives these events. */
function page(...ids: number[]) {
  const seen = createSeen('partyline/1/')
  const found = seen.claim()
  seen.add(ids.map(event))
  return { ...seen, found }
}

test('a page claims the events and the progress of the tab’s previous pages', () => {
  page(1, 2).save(progress([]))
  page(3).save(progress())
  const { ids, found } = page()
  expect(ids()).toEqual([1, 2, 3])
  expect(found).toEqual(progress())
})

test('a duplicate finds nothing after the tab’s page has claimed the record', () => {
  page(1, 2).save(progress())
  page()
  const { ids, found } = page()
  expect(ids()).toEqual([])
  expect(found).toEqual({ had: [], lead: undefined })
})

test('a page that unloads before it has claimed the record leaves it to the next page', () => {
  page(1, 2).save(progress())
  createSeen('partyline/1/').save(progress([]))
  const { ids, found } = page()
  expect(ids()).toEqual([1, 2])
  expect(found).toEqual(progress())
})

test.for([5, 'text', { ids: 5, had: 'no', lead: 'no' }, { ids: {}, had: { 0: 1 }, lead: [1, 'worker'] }])(
  'a record that is malformed (%j) is ignored',
  (garbage) => {
    sessionStorage.setItem('partyline/1//seen', JSON.stringify(garbage))
    const { ids, found } = page()
    expect(ids()).toEqual([])
    expect(found).toEqual({ had: [], lead: undefined })
  },
)

test('the last two thousand events are saved', () => {
  const ids = Array.from({ length: 4500 }, (_, n) => n)
  page(...ids).save(progress([]))
  expect(page().ids()).toEqual(ids.slice(-2000))
})
