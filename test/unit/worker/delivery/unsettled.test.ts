import { expect, test } from 'vitest'
import { unsettledOf } from '../../../../worker/delivery/unsettled'

const event = (id: number) => ({ id, room: 'errors', name: 'row', at: id, size: 1, body: { data: id } })
const queue = (...events: ReturnType<typeof event>[]) => ({ events, gaps: [] })

test('the oldest event of each queue, and the time of the oldest of all', () => {
  expect(unsettledOf([queue(event(7), event(8)), queue(), queue(event(5))])).toEqual({
    oldest: [7, 5],
    since: 5,
    isBehind: false,
  })
})

test('a tab with a gap is behind, since the gap begins', () => {
  const gap = { rooms: ['errors'], from: 3, to: 9, cause: 'link' } as const
  expect(unsettledOf([queue(event(5)), { events: [], gaps: [gap] }])).toEqual({
    oldest: [5],
    since: 3,
    isBehind: true,
  })
  expect(unsettledOf([{ events: [], gaps: [gap] }])).toEqual({ oldest: [], since: 3, isBehind: true })
})

test('a tab that has handled everything has nothing unsettled', () => {
  expect(unsettledOf([queue(), queue()])).toBeUndefined()
})
