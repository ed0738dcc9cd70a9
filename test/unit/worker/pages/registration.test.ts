import { beforeEach, expect, test, vi } from 'vitest'
import { PartylineError } from '../../../../shared/errors'
import type { ClockLead, Had } from '../../../../shared/switchboard'
import { createRegistration } from '../../../../worker/pages/registration'
import type { Kept } from '../../../../worker/sends/kept'
import type { Sends } from '../../../../worker/sends/sends'

const STARTED = 5000
const HOUR = 3_600_000

beforeEach(() => {
  vi.useFakeTimers({ now: STARTED + 1000 })
  return () => vi.useRealTimers()
})

/** A page says hello, and what its registration then does. */
function setUp(had: Had, clock: ClockLead | undefined, isKept = true, sends?: Sends) {
  const gaps: (readonly [from: number, cause: string])[] = []
  /** When the gaps of this tab alone begin. */
  const alone: number[] = []
  const held: string[] = []
  const skipped: number[] = []
  const widened: number[] = []
  const led: number[] = []
  const page = { isActive: true }
  let learn = () => {}
  const known = new Promise<void>((resolve) => {
    learn = resolve
  })
  const registration = createRegistration({
    hello: { tab: 'tab', had, clock },
    welcome: { incarnation: 'this' },
    locked: Promise.resolve(),
    startedAt: STARTED,
    panels: () => ['errors'],
    moves: { probed() {} },
    isActive: () => page.isActive,
    tabs: { isHere: () => true, show() {}, depart() {}, forget() {} },
    heartbeat: { heard() {} },
    lead: { listen: (_tab, call) => void led.push(call), resigned() {}, elect() {} },
    outbox: {
      isKept: () => isKept,
      keep() {},
      skip: (_tab, _ref, until) => skipped.push(until),
      widen: (_tab, _ref, from) => widened.push(from),
      open() {},
      shut() {},
      panels: () => [],
      rooms: () => ['errors'],
      post() {},
      gapFor(_tab, _rooms, from, cause) {
        alone.push(from)
        gaps.push([from, cause])
      },
      took() {},
      answerOne() {},
      handled() {},
      awake() {},
      background() {},
    },
    rooms: {
      hold: (tab, rooms) => held.push(`${tab}: ${[...rooms].join()}`),
      miss(_, from, cause) {
        if (isKept) gaps.push([from, cause])
        return isKept
      },
      report: () => [],
      reason: () => undefined,
      isUnanswered: () => false,
    },
    outbound: { unanswered: (room) => new PartylineError('join-unanswered', room) },
    tokenRequests: { answer() {} },
    handover: { ready: () => Promise.resolve(), known: () => known, touch() {} },
    records: { remove: async () => {} },
    connection: { nudge() {} },
    sends,
    savePanels: async () => {},
  })
  return { registration, gaps, alone, held, skipped, widened, led, page, known, learn }
}

/** The gaps that are reported when a page subscribes that has all events of its panel up to `since`. */
async function gapsAfter(
  since: number,
  clock: ClockLead | undefined,
  { isKept = true, again = undefined as number | undefined } = {},
) {
  const { registration, gaps } = setUp(again === undefined ? [[['errors'], since]] : [], clock, isKept)
  await registration.subscribe(['errors'], { call: 1, since: again })
  return gaps
}

test('a subscribe, and an unsubscribe, hold the rooms of the tab once', async () => {
  const { registration, held } = setUp([], undefined)
  await registration.subscribe(['errors'], { call: 1, since: undefined })
  expect(held.splice(0)).toEqual(['tab: errors'])
  await registration.unsubscribe(['errors'])
  expect(held).toEqual(['tab: errors'])
})

test('this worker served the page all the time and kept its events - no gap', async () => {
  expect(await gapsAfter(STARTED + 500, ['this', 0])).toEqual([])
  expect(await gapsAfter(STARTED + 500, undefined)).toEqual([])
})

test('this worker is ahead of the wall clock - times of the page are by its clock', async () => {
  expect(await gapsAfter(STARTED + 500, ['this', HOUR])).toEqual([])
})

test('this worker had forgotten the tab - a gap since then', async () => {
  expect(await gapsAfter(STARTED + 500, ['this', 0], { isKept: false })).toEqual([[STARTED + 500, 'away']])
})

test('a tab was reloaded, and its page subscribes so late that the panel was given up - a gap since the last page', async () => {
  const { registration, gaps } = setUp([[['errors'], STARTED - 200]], ['earlier', 0], false)
  registration.keep(['errors'])
  gaps.length = 0
  await registration.subscribe(['errors'], { call: 1, since: undefined })
  expect(gaps).toEqual([[STARTED - 200, 'worker']])
})

test('a page subscribes to a panel that was kept for it - its gap is told once', async () => {
  const { registration, gaps } = setUp([[['errors'], STARTED - 200]], ['earlier', 0])
  registration.keep(['errors'])
  await registration.subscribe(['errors'], { call: 1, since: undefined })
  expect(gaps).toEqual([[STARTED - 200, 'worker']])
})

test('the last worker ended when it had opened one of two panels - a gap of the other one, whose events the page has had in the first', async () => {
  const had: Had = [
    [['errors'], STARTED - 100],
    [['workflow', '2'], STARTED - 900],
  ]
  const { registration, alone } = setUp(had, ['earlier', 0])
  registration.keep(['errors'])
  registration.keep(['workflow', '2'])
  await registration.subscribe(['workflow', '2'], { call: 1, since: STARTED - 900 })
  expect(alone).toEqual([STARTED - 900])
})

test('an earlier worker served the page - a gap since then', async () => {
  expect(await gapsAfter(STARTED - 500, ['earlier', 0])).toEqual([[STARTED - 500, 'worker']])
  expect(await gapsAfter(STARTED - 500, undefined)).toEqual([[STARTED - 500, 'worker']])
})

test('the clock was set back, and the page knows by how much - the gap begins that much earlier', async () => {
  expect(await gapsAfter(STARTED - 500 + HOUR, ['earlier', HOUR])).toEqual([[STARTED - 500, 'worker']])
})

test('the clock was set back by more than the page knows - the gap begins when this worker started, at the latest', async () => {
  expect(await gapsAfter(STARTED + HOUR, ['earlier', 0])).toEqual([[STARTED, 'worker']])
  expect(await gapsAfter(STARTED + 500, ['earlier', 0])).toEqual([[STARTED, 'worker']])
  expect(await gapsAfter(STARTED + HOUR, undefined, { isKept: false })).toEqual([[STARTED + 1000, 'away']])
})

test('a page that subscribes again has corrected its time itself - it is not corrected twice', async () => {
  expect(await gapsAfter(0, ['earlier', HOUR], { again: STARTED - 500 })).toEqual([[STARTED - 500, 'worker']])
})

test('an earlier worker served the page, and this one kept its events - a gap that was reported already begins when the page says', async () => {
  const widenedBy = async (since: number, clock: ClockLead, isKept: boolean) => {
    const { registration, widened } = setUp([[['errors'], since]], clock, isKept)
    await registration.subscribe(['errors'], { call: 1, since: undefined })
    return widened
  }
  expect(await widenedBy(STARTED - 500 + HOUR, ['earlier', HOUR], true)).toEqual([STARTED - 500])
  expect(await widenedBy(STARTED - 500, ['earlier', 0], false)).toEqual([])
  expect(await widenedBy(STARTED + 500, ['this', 0], true)).toEqual([])
})

test('another worker served the page while this one kept its events - those that the page may have had are skipped', async () => {
  const skippedAfter = async (since: number, incarnation: string) => {
    const { registration, skipped } = setUp([], [incarnation, 0])
    await registration.subscribe(['errors'], { call: 1, since })
    return skipped
  }
  expect(await skippedAfter(STARTED + 500, 'other')).toEqual([STARTED + 600])
  expect(await skippedAfter(STARTED + 500, 'this')).toEqual([])
  expect(await skippedAfter(STARTED - 500, 'other')).toEqual([])
})

test('a page that has said hello twice at once subscribes to a panel twice - the gap is reported once', async () => {
  const { registration, gaps } = setUp([], ['earlier', 0], false)
  for (const call of [1, 2]) await registration.subscribe(['errors'], { call, since: STARTED - 500 })
  expect(gaps).toEqual([[STARTED - 500, 'worker']])
  await registration.unsubscribe(['errors'])
  await registration.subscribe(['errors'], { call: 3, since: STARTED - 400 })
  expect(gaps).toHaveLength(2)
})

test('a worker whose server cannot be sent anything - a message is refused, with the reason', async () => {
  const { registration } = setUp([], undefined)
  await expect(registration.send('ack', 1, 1000)).rejects.toMatchObject({
    reason: 'unknown-message',
    message: '"ack" cannot be sent: servers of this kind take no messages.',
  })
})

test('a page leaves because the user has signed out at another worker - kept messages are forgotten', async () => {
  const clear = vi.fn()
  const { registration } = setUp([], undefined, true, { kept: { clear } as Partial<Kept> } as Sends)
  await registration.leave([])
  expect(clear).not.toHaveBeenCalled()
  await registration.leave([], true)
  expect(clear).toHaveBeenCalledOnce()
})

test('a page listens to lead before the worker knows the tabs of the last one - it is entered once it does, if the page is still here', async () => {
  const { registration, led, page, known, learn } = setUp([], undefined)
  registration.heard({ type: 'lead', call: 1 })
  registration.heard({ type: 'lead', call: 2 })
  await vi.advanceTimersByTimeAsync(100)
  expect(led).toEqual([])
  learn()
  await known
  expect(led).toEqual([1, 2])
  registration.heard({ type: 'lead', call: 3 })
  page.isActive = false
  await known
  expect(led).toEqual([1, 2])
})
