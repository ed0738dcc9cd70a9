import { expect, test } from 'vitest'
import { createPanels } from '../../src/panels'
import type { Brief, PanelRef } from '../../src/protocol'

const ERRORS: PanelRef = ['errors']
const OVERVIEW: PanelRef = ['overview']

function setUp() {
  const asked: unknown[] = []
  const heard: unknown[] = []
  const panels = createPanels(
    (name, [panel], ...rest) => asked.push(name === 'subscribe' ? [panel, ...rest] : ['no', panel]),
    () => {},
  )
  const take = async () => {
    await null
    return asked.splice(0)
  }
  const event = (room: string, data: unknown): Brief => [1, room, 'row', 1, data]
  const open = (ref: PanelRef, call: number, rooms: string[], events: Brief[] = []) =>
    panels.opened(
      ref,
      call,
      rooms.map((room) => [room, 'live', 0]),
      events,
      0,
    )
  const add = (panel: string) => panels.add(panel, ({ data }) => heard.push(`${panel} ${data}`))
  return { panels, take, event, open, add, heard }
}

test('a page that lives on hears nothing of a panel before what was kept for it', async () => {
  const { panels, take, event, open, add, heard } = setUp()
  add('errors')
  add('overview')
  expect(await take()).toEqual([
    ['errors', 1, undefined],
    ['overview', 2, undefined],
  ])
  open(ERRORS, 1, ['errors', 'stats'])
  open(OVERVIEW, 2, ['stats'])
  // The worker has forgotten the page, or is another one.
  panels.resume(500)
  expect(await take()).toEqual([
    ['errors', 3, 500],
    ['overview', 4, 500],
  ])
  open(ERRORS, 3, ['errors', 'stats'], [event('stats', 1)])
  panels.hear([event('stats', 2)])
  open(OVERVIEW, 4, ['stats'], [event('stats', 1), event('stats', 2)])
  panels.hear([event('stats', 3)])
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

test('workers die one after another - each is told since when the page has nothing', async () => {
  const { panels, take, open, add } = setUp()
  add('errors')
  await take()
  panels.resume(100)
  expect(await take()).toEqual([['errors', 2, undefined]])
  open(ERRORS, 2, ['errors'])
  panels.resume(200)
  panels.resume(200)
  expect(await take()).toEqual([
    ['errors', 3, 200],
    ['errors', 4, 200],
  ])
})
