import { beforeEach, expect, test, vi } from 'vitest'
import { PartylineError } from '../../../../shared/errors'
import type { ClockLead, Had } from '../../../../shared/switchboard'
import { createRegistration } from '../../../../worker/pages/registration'

const STARTED = 5000
const HOUR = 3_600_000

beforeEach(() => {
  vi.useFakeTimers({ now: STARTED + 1000 })
  return () => vi.useRealTimers()
})

/** A page says hello and subscribes to its panel. Returns since when it is told that its room may have a hole, and why. */
async function holes(
  since: number,
  clock: ClockLead | undefined,
  { isKept = true, again = undefined as number | undefined } = {},
) {
  const told: (readonly [from: number, cause: string])[] = []
  const had: Had = again === undefined ? [[['errors'], since]] : []
  const session = createRegistration({
    hello: { tab: 'tab', had, clock },
    welcome: { incarnation: 'this' },
    locked: Promise.resolve(),
    startedAt: STARTED,
    table: { errors: ['errors'] },
    isActive: () => true,
    tabs: { isHere: () => true, show() {}, depart() {}, forget() {} },
    heartbeat: { heard() {} },
    outbox: {
      isKept: () => isKept,
      keep() {},
      open() {},
      shut() {},
      panels: () => [],
      rooms: () => [],
      post() {},
      gapFor: (_tab, _rooms, from, cause) => told.push([from, cause]),
      took() {},
      background() {},
    },
    rooms: {
      hold() {},
      miss(_, from, cause) {
        if (isKept) told.push([from, cause])
        return isKept
      },
      report: () => [],
      reason: () => undefined,
      isUnanswered: () => false,
    },
    outbound: { unanswered: (room) => new PartylineError('join-unanswered', room) },
    tokenRequests: { answer() {} },
    handover: { ready: async () => {}, touch() {} },
    records: { remove: async () => {} },
    connection: { nudge() {} },
    savePanels: async () => {},
  })
  await session.subscribe(['errors'], { call: 1, since: again })
  return told
}

test('the page was served by this worker all the time, and kept - nothing is missing', async () => {
  expect(await holes(STARTED + 500, ['this', 0])).toEqual([])
  expect(await holes(STARTED + 500, undefined)).toEqual([])
})

test('this worker is ahead of the wall clock - the times it told are its own', async () => {
  expect(await holes(STARTED + 500, ['this', HOUR])).toEqual([])
})

test('this worker had given the tab up - what came since is missing', async () => {
  expect(await holes(STARTED + 500, ['this', 0], { isKept: false })).toEqual([[STARTED + 500, 'away']])
})

test('the page was served by an earlier worker - what came since is missing', async () => {
  expect(await holes(STARTED - 500, ['earlier', 0])).toEqual([[STARTED - 500, 'worker']])
  expect(await holes(STARTED - 500, undefined)).toEqual([[STARTED - 500, 'worker']])
})

test('the clock was set back since then, by as much as the page could tell - taken off', async () => {
  expect(await holes(STARTED - 500 + HOUR, ['earlier', HOUR])).toEqual([[STARTED - 500, 'worker']])
})

test('the clock was set back by more than the page could tell - missing since this worker began, at the latest', async () => {
  expect(await holes(STARTED + HOUR, ['earlier', 0])).toEqual([[STARTED, 'worker']])
  expect(await holes(STARTED + 500, ['earlier', 0])).toEqual([[STARTED, 'worker']])
  expect(await holes(STARTED + HOUR, undefined, { isKept: false })).toEqual([[STARTED + 1000, 'away']])
})

test('a page that lives on has taken it off what it says when it subscribes again', async () => {
  expect(await holes(0, ['earlier', HOUR], { again: STARTED - 500 })).toEqual([[STARTED - 500, 'worker']])
})
