import { beforeEach, expect, test, vi } from 'vitest'
import type { Brief } from '../../src/protocol'
import { createSeen } from '../../src/seen'

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  })
  return () => vi.unstubAllGlobals()
})

const event = (id: number): Brief => [id, 'errors', 'row', id, null]

/** A page of a tab: what its predecessors had, and what it has. */
function page(tab: string, ...ids: number[]) {
  const seen = createSeen('partyline/1/')
  seen.inherit(tab)
  seen.add(ids.map(event))
  return seen
}

test('a page knows what its predecessors had, another tab does not', () => {
  page('one', 1, 2).hand()
  page('one', 3).hand()
  expect(page('one').ids()).toEqual([1, 2, 3])
  expect(page('two').ids()).toEqual([])
})

test('a page that goes before it knows which tab it is of leaves to the next what it found', () => {
  page('one', 1, 2).hand()
  createSeen('partyline/1/').hand()
  expect(page('one').ids()).toEqual([1, 2])
})

test('the last two thousand are remembered', () => {
  const ids = Array.from({ length: 4500 }, (_, n) => n)
  page('one', ...ids).hand()
  expect(page('one').ids()).toEqual(ids.slice(-2000))
})
