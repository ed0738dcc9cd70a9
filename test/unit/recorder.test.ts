import { expect, test } from 'vitest'
import { createRecorder } from '../../worker/recorder'

test('the last things that happened are kept, and the oldest counted and forgotten', () => {
  const recorder = createRecorder()
  for (let n = 1; n <= 250; n += 1) recorder.note(`${n}`)
  for (let n = 1; n <= 70; n += 1) recorder.roundTrip(n)
  for (let n = 1; n <= 55; n += 1) {
    recorder.down(`${n}`)
    recorder.up(n % 2 === 0)
  }
  expect(recorder.timeline().map(({ what }) => what)).toEqual(
    Array.from({ length: 200 }, (_, n) => `${n + 51}`),
  )
  const { roundTrips, outages } = recorder.link()
  expect(roundTrips).toHaveLength(60)
  expect(outages).toHaveLength(50)
  expect(outages.at(-1)).toMatchObject({ reason: '55', recovered: false })
  expect(recorder.counters()).toMatchObject({ unrecorded: 50 + 10 + 5, connects: 55, drops: 55 })
})
