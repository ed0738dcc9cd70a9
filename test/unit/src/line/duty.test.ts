import { beforeEach, expect, test, vi } from 'vitest'
import type { Brief, Mark, ToTab, ToWorker } from '../../../../shared/wire'
import { createDuty } from '../../../../src/line/duty'

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  return () => vi.useRealTimers()
})

/** A page with a subscriber, and what it answers. */
function setUp(listener: (event: Brief) => void = () => {}) {
  const posted: ToWorker[] = []
  const marks: Mark[] = []
  const asked: boolean[] = []
  const duty = createDuty({
    panels: {
      one(_ref, event) {
        listener(event)
        return true
      },
    },
    handled: {
      add: (mark) => void marks.push(mark),
      has(mark, mayRepeat) {
        asked.push(mayRepeat)
        return marks.some((other) => `${other}` === `${mark}`)
      },
      marks: () => marks,
      hasChanged: () => false,
    },
    post: (message) => void posted.push(message),
  })
  duty.begin()
  const offer = (id: number, mayRepeat = false): Extract<ToTab, { readonly type: 'one' }> => ({
    type: 'one',
    panel: ['alarms'],
    call: id,
    until: Date.now() + 2000,
    mayRepeat,
    events: [[id, 'alarms', 'row', 500, null]],
  })
  return {
    duty,
    offer,
    marks,
    asked,
    did: () => posted.flatMap((each) => (each.type === 'one' ? each.did : [])),
  }
}

test('an event is given - the page says that it begins and that it has handled it, and remembers it with its time', () => {
  const { duty, offer, marks, asked, did } = setUp()
  duty.one(offer(1))
  duty.one(offer(2, true))
  expect(did()).toEqual(['begun', 'handled', 'begun', 'handled'])
  expect(marks).toEqual([
    [['alarms'], 'alarms', 1, 500],
    [['alarms'], 'alarms', 2, 500],
  ])
  expect(asked).toEqual([false, true])
})

test('the library throws while an event is handled - the worker gets its answer, so the next event comes', () => {
  const { duty, offer, did } = setUp(() => {
    throw new Error('unexpected')
  })
  expect(() => duty.one(offer(1))).toThrow('unexpected')
  expect(did()).toEqual(['begun', 'handled'])
})
