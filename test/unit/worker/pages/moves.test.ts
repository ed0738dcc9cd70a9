import { expect, test, vi } from 'vitest'
import type { ToTab } from '../../../../shared/wire'
import { createMoves } from '../../../../worker/pages/moves'

const PLACE = { address: 'https://app/two.js', generation: 0, type: 'module' } as const

/** Tabs, and what each was asked. */
function setUp(...tabs: readonly string[]) {
  const asked: [tab: string, call: number][] = []
  const moves = createMoves((tab, message: ToTab) => {
    if (message.type === 'probe') asked.push([tab, message.call])
  })
  for (const tab of tabs) moves.arrive(tab, { moves: true })
  return { moves, asked }
}

test('every page could open the worker - all can move', async () => {
  const { moves, asked } = setUp('a', 'b')
  const all = moves.canAllMove(PLACE)
  for (const [tab, call] of asked) moves.probed(tab, call, true)
  expect(await all).toBe(true)
})

test('one page could not open the worker - not all can move', async () => {
  const { moves, asked } = setUp('a', 'b')
  const all = moves.canAllMove(PLACE)
  for (const [tab, call] of asked) moves.probed(tab, call, tab === 'a')
  expect(await all).toBe(false)
})

test('a page answers for another one - the answer is ignored', async () => {
  const { moves, asked } = setUp('a')
  const all = moves.canAllMove(PLACE)
  for (const [, call] of asked) moves.probed('b', call, false)
  for (const [tab, call] of asked) moves.probed(tab, call, true)
  expect(await all).toBe(true)
})

test('a page that cannot move comes while the others are asked - not all can move', async () => {
  const { moves, asked } = setUp('a')
  const all = moves.canAllMove(PLACE)
  moves.arrive('raw', {})
  for (const [tab, call] of asked) moves.probed(tab, call, true)
  expect(await all).toBe(false)
})

test('a frozen page does not answer - it counts as able to move', async () => {
  vi.useFakeTimers()
  const { moves } = setUp('frozen')
  const all = moves.canAllMove(PLACE)
  await vi.advanceTimersByTimeAsync(500)
  expect(await all).toBe(true)
  vi.useRealTimers()
})
