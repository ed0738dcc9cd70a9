import { expect, test } from 'vitest'
import type { PanelRef } from '../../../../shared/names'
import type { GapCause } from '../../../../shared/status'
import { createBacklog } from '../../../../worker/delivery/backlog'
import { createTabPanels } from '../../../../worker/delivery/tab-panels'

const ERRORS: PanelRef = ['errors']
const OVERVIEW: PanelRef = ['overview']

const event = (id: number, room: string) => ({ id, room, name: 'row', at: id, size: 1, body: { data: id } })
const gapOf = (...rooms: string[]) => ({ rooms, from: 1, to: 2, cause: 'link' }) as const

function setUp() {
  const newBacklog = (cause: GapCause) =>
    createBacklog({ queue: 10, characters: 1000, cause, count: () => {} })
  const panels = createTabPanels(newBacklog)
  const ids = () => panels.backlogs().map(({ events }) => events.map(({ id }) => id))
  return { panels, newBacklog, ids }
}

test('a room is wanted by any panel, and open if a panel of it is subscribed to', () => {
  const { panels, newBacklog } = setUp()
  panels.set(ERRORS, { ref: ERRORS, rooms: ['errors', 'stats'] })
  panels.set(OVERVIEW, { ref: OVERVIEW, rooms: ['stats', 'activity'], backlog: newBacklog('away') })
  expect(['errors', 'stats', 'activity', 'tmux'].map(panels.wants)).toEqual([true, true, true, false])
  expect(['errors', 'stats', 'activity', 'tmux'].map(panels.isOpen)).toEqual([true, true, false, false])
  panels.set(ERRORS)
  expect(['errors', 'stats'].map(panels.wants)).toEqual([false, true])
  expect(panels.isOpen('stats')).toBe(false)
})

test('a backlog gets the events and gaps of its own rooms', () => {
  const { panels, newBacklog, ids } = setUp()
  panels.set(ERRORS, { ref: ERRORS, rooms: ['errors'], backlog: newBacklog('away') })
  panels.add(event(1, 'errors'))
  panels.add(event(2, 'stats'))
  panels.miss(gapOf('stats'))
  panels.miss(gapOf('stats', 'errors'))
  expect(ids()).toEqual([[1]])
  expect(panels.backlogs().map(({ gaps }) => gaps)).toEqual([[gapOf('errors')]])
})

test('when the page leaves, its posts go to the panels that it had open', () => {
  const { panels, newBacklog, ids } = setUp()
  panels.set(ERRORS, { ref: ERRORS, rooms: ['stats'] })
  panels.set(OVERVIEW, { ref: OVERVIEW, rooms: ['stats'], backlog: newBacklog('away') })
  panels.close([{ events: [event(1, 'stats'), event(2, 'errors')] }])
  expect(ids()).toEqual([[1], []])
  expect(panels.isOpen('stats')).toBe(false)
})

test('what the next page has seen is skipped, except for panels that the last one did not open', () => {
  const { panels, newBacklog, ids } = setUp()
  panels.set(ERRORS, { ref: ERRORS, rooms: ['stats'] })
  panels.set(OVERVIEW, { ref: OVERVIEW, rooms: ['stats'], backlog: newBacklog('away') })
  panels.close([])
  for (const id of [1, 2]) panels.add(event(id, 'stats'))
  panels.skipSeen((events) => events.slice(1))
  expect(ids()).toEqual([[2], [1, 2]])
})
