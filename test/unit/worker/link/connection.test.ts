import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAuth } from '../../../../worker/link/auth'
import { createConnection } from '../../../../worker/link/connection'
import type { Link, LinkEvents } from '../../../../worker/link/link'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

const MESSAGE = { name: 'row', payload: 1, size: 1 }

/** An open connection whose link probes and sends like this. `isStale`: its worker stood still before it opened. */
async function opened(probe: Link['probe'] = () => {}, send: Link['send'] = () => {}, isStale = false) {
  const told: string[] = []
  const roundTrips: number[] = []
  let events = {} as LinkEvents
  const connection = createConnection(
    {
      createRetry: () => () => 1000,
      keepalive: undefined,
      auth: createAuth({
        sources: () => [{ name: 'worker', ask: () => 'secret-token' }],
        isRefusal: () => false,
      }),
      isRefusal: () => false,
      isStale: () => isStale,
      session: async () => undefined,
      wanted: () => ['errors'],
      rooms: {
        opened: () => told.push('opened'),
        lost: (heardAt) => told.push(`lost, heard at ${heardAt - 1_000_000}`),
        up: () => {},
        down: () => {},
        deny: () => {},
      },
      onOpened: () => {},
      onUp: () => {},
      onMissed: (missed) => told.push(...missed.map(({ name }) => `missed ${name}`)),
      onMessage: ({ name }, at) => told.push(`got ${name} at ${at - 1_000_000}`),
      onUnreadable: (why) => told.push(`unreadable: ${why}`),
      onUnsendable: (why) => told.push(`unsendable: ${why}`),
      onDown: (reason) => told.push(`down: ${reason}`),
      onStatus: () => {},
      onRoundTrip: (ms) => roundTrips.push(ms),
      onWoke: () => {},
    },
    (given) => {
      events = given
      return {
        dial: () => {},
        drop: () => {},
        release: async () => true,
        hangUp: () => {},
        send,
        probe,
      }
    },
  )
  connection.start()
  await tick()
  events.opened({ recovered: false, missed: isStale ? [MESSAGE] : [] })
  return { connection, events, roundTrips, take: () => told.splice(0) }
}

test('a link finds the silence usual - no round trip is counted, and a later gap begins with what was heard last', async () => {
  const { connection, events, roundTrips, take } = await opened((answered) => answered())
  await tick(5000)
  connection.nudge('visible')
  await tick(5000)
  expect(roundTrips).toEqual([])
  events.lost({ reason: 'gone' })
  expect(take()).toEqual(['opened', 'down: gone', 'lost, heard at 0'])
})

test('the server answers a probe - a round trip, and it was heard', async () => {
  const { connection, events, roundTrips, take } = await opened((answered) => setTimeout(answered, 40))
  await tick(5000)
  connection.nudge('visible')
  await tick(5000)
  expect(roundTrips).toEqual([40])
  events.lost({ reason: 'gone' })
  expect(take()).toEqual(['opened', 'down: gone', 'lost, heard at 5040'])
})

test('the clock goes on while a message is handled - a later gap begins when the message came', async () => {
  const { events, take } = await opened()
  await tick(100)
  let elapsed = 0
  vi.spyOn(Date, 'now').mockImplementation(() => 1_000_100 + elapsed++)
  events.message(MESSAGE)
  events.lost({ reason: 'gone' })
  const [, got = '', , lost = ''] = take()
  expect(lost.replace('lost, heard', 'got row')).toBe(got)
})

test('a token in the reason of a loss, or in what cannot be read, is cut out', async () => {
  const { events, take } = await opened(() => {})
  events.unreadable('secret-token is no JSON')
  events.lost({ reason: 'closed: secret-token' })
  expect(take()).toEqual([
    'opened',
    'unreadable: [token] is no JSON',
    'down: closed: [token]',
    'lost, heard at 0',
  ])
})

test('disposed - every timer ends, and a late link changes nothing', async () => {
  const { connection, events, take } = await opened(() => {})
  await tick(5000)
  connection.nudge('visible')
  connection.dispose()
  events.lost({ reason: 'late' })
  events.opened({ recovered: true, missed: [] })
  await tick(60_000)
  expect(take()).toEqual(['opened', 'down: undefined', 'lost, heard at 0'])
  expect(connection.isOpen()).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

test('a link that is a class - its methods are called on it', () => {
  const did: string[] = []
  class ClassLink implements Link {
    readonly #name = 'mine'
    dial() {}
    drop() {}
    async release() {
      return true
    }
    hangUp() {}
    send() {}
    probe() {}
    join(room: string) {
      did.push(`${this.#name} joins ${room}`)
    }
    leave(room: string) {
      did.push(`${this.#name} leaves ${room}`)
    }
  }
  const nothing = () => {}
  const connection = createConnection(
    {
      createRetry: () => () => 1000,
      keepalive: undefined,
      auth: createAuth({ sources: () => [], isRefusal: () => false }),
      isRefusal: () => false,
      session: async () => undefined,
      wanted: () => [],
      rooms: { opened: nothing, lost: nothing, up: nothing, down: nothing, deny: nothing },
      onOpened: nothing,
      onUp: nothing,
      onMissed: nothing,
      onMessage: nothing,
      onUnreadable: nothing,
      onUnsendable: nothing,
      onDown: nothing,
      onStatus: nothing,
      onRoundTrip: nothing,
      onWoke: nothing,
    },
    () => new ClassLink(),
  )
  connection.join?.('errors')
  connection.leave?.('errors')
  expect(did).toEqual(['mine joins errors', 'mine leaves errors'])
  connection.dispose()
})

test('a message cannot be written - it is told without the token, and nothing else is disturbed', async () => {
  const { connection, take } = await opened(undefined, ({ name }) => {
    if (name === 'join') throw new Error('encode failed beside secret-token')
  })
  take()
  connection.send({ name: 'join', payload: 'errors' }, () => {})
  connection.send({ name: 'leave', payload: 'errors' })
  expect(take()).toEqual(['unsendable: encode failed beside [token]'])
})

test('the worker stood still while the connection opened, so another one may serve - nothing that came with it is passed on', async () => {
  const { events, take } = await opened(undefined, undefined, true)
  events.message(MESSAGE)
  expect(take()).toEqual([])
})
