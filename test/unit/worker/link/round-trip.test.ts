import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { type Connection, type ConnectionParts, createConnection } from '../../../../worker/link/connection'
import type { LinkEvents } from '../../../../worker/link/link'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A connection that is open and has been silent for a while. `answer` is how its link answers a probe. */
async function setUp(answer: (answered: () => void) => void) {
  const roundTrips: number[] = []
  let opened = () => {}
  const nothing = () => {}
  const parts: ConnectionParts = {
    createRetry: () => () => 5000,
    keepalive: undefined,
    auth: {
      credentials: async () => ({}),
      refused: nothing,
      isRenewed: async () => false,
      redact: (text) => text,
    },
    isRefusal: () => false,
    session: async () => undefined,
    wanted: () => [],
    rooms: { opened: nothing, lost: nothing, up: nothing, down: nothing, deny: nothing },
    onOpened: nothing,
    onUp: nothing,
    onMissed: nothing,
    onMessage: nothing,
    onUnreadable: nothing,
    onDown: nothing,
    onStatus: nothing,
    onRoundTrip: (ms) => roundTrips.push(ms),
    onWoke: nothing,
  }
  const createLink = (events: LinkEvents) => {
    opened = () => events.opened({ recovered: false, missed: [] })
    return {
      dial: nothing,
      drop: nothing,
      release: async () => false,
      hangUp: nothing,
      send: nothing,
      probe: answer,
    }
  }
  const connection: Connection = createConnection(parts, createLink)
  connection.start()
  await vi.advanceTimersByTimeAsync(0)
  opened()
  await vi.advanceTimersByTimeAsync(20_000)
  connection.nudge('visible')
  await vi.advanceTimersByTimeAsync(100)
  connection.dispose()
  return roundTrips
}

test('the server answers a probe - that is a round trip', async () => {
  expect(await setUp((answered) => void setTimeout(answered, 30))).toEqual([30])
})

test('the link answers a probe by itself - there is no round trip', async () => {
  expect(await setUp((answered) => answered())).toEqual([])
})
