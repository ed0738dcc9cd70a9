import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createAuth } from '../../../../worker/link/auth'
import type { ConnectionParts } from '../../../../worker/link/connection'
import { createEndpoints } from '../../../../worker/link/endpoints'
import type { LinkEvents, Loss } from '../../../../worker/link/link'

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }))
afterEach(() => void vi.useRealTimers())

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
const REFUSAL: Loss = { reason: 'closed with 4401', rejection: { message: 'unauthorized' } }

interface Setting {
  readonly wanted?: string[]
  readonly session?: () => Promise<undefined>
  readonly keepalive?: ConnectionParts['keepalive']
  /** How long a token takes to be fetched, in ms. Without it, there are none. */
  readonly tokenAfter?: number
}

function setUp({ wanted = [], session = async () => undefined, keepalive, tokenAfter }: Setting = {}) {
  const did: string[] = []
  const told: string[] = []
  const states: string[] = []
  const links = new Map<string, LinkEvents>()
  /** Ends the connection of a room that was released. */
  const releases = new Map<string, () => void>()
  let woken = 0
  let tokens = 0
  const ask = () =>
    new Promise<string>((resolve) => {
      tokens += 1
      setTimeout(() => resolve('token'), tokenAfter)
    })
  /** The rooms that are down: like `Rooms`, this tells what changes. */
  const down = new Set<string>()
  const parts: ConnectionParts = {
    createRetry: () => () => 5000,
    keepalive,
    auth: createAuth({
      sources: () => (tokenAfter ? [{ name: 'worker', ask }] : []),
      isRefusal: () => false,
    }),
    isRefusal: ({ message }) => message === 'unauthorized',
    session,
    wanted: () => wanted,
    rooms: {
      opened(recovered) {
        told.push(`opened ${recovered}`)
        for (const room of wanted) endpoints.join?.(room)
      },
      lost: () => told.push('lost'),
      up(room, recovered) {
        down.delete(room)
        told.push(`up ${room}${recovered ? ' recovered' : ''}`)
      },
      down(room) {
        if (!down.has(room)) told.push(`down ${room}`)
        down.add(room)
      },
      deny: (room, reason) => told.push(`deny ${room}: ${reason}`),
    },
    onOpened: () => {},
    onUp: () => told.push('online'),
    onMissed: () => {},
    onMessage: ({ name }) => told.push(`message ${name}`),
    onUnreadable: () => {},
    onUnsendable: () => {},
    onDown: (reason) => told.push(`off: ${reason}`),
    onStatus: ({ state }) => states.push(state),
    onRoundTrip: () => {},
    onWoke: () => {
      woken += 1
    },
  }
  const endpoints = createEndpoints(parts, (room, events) => {
    links.set(room, events)
    return {
      dial: () => did.push(`dial ${room}`),
      drop: () => did.push(`drop ${room}`),
      release: () => new Promise((ended) => releases.set(room, () => ended(false))),
      hangUp: () => did.push(`hang up ${room}`),
      send: ({ name }) => void did.push(`send ${name} over ${room}`),
      probe: () => {},
    }
  })
  const link = (room: string) => links.get(room) as LinkEvents
  return {
    endpoints,
    link,
    releases,
    take: () => did.splice(0),
    tell: () => told.splice(0),
    states: () => states.splice(0),
    woken: () => woken,
    fetched: () => tokens,
    state: () => endpoints.status().state,
    join: (room: string) => endpoints.join?.(room),
    leave: (room: string) => endpoints.leave?.(room),
    open: (room: string, recovered = false) => link(room).opened({ recovered, missed: [] }),
    lose: (room: string, loss: Loss = { reason: 'gone' }) => link(room).lost(loss),
  }
}

/** With these rooms open. */
async function opened(...rooms: string[]) {
  const all = setUp({ wanted: rooms })
  all.endpoints.start()
  for (const room of rooms) {
    await tick()
    all.open(room)
  }
  await tick()
  all.take()
  all.tell()
  all.states()
  return all
}

test('no room is wanted - online without a connection', async () => {
  const { endpoints, state, take, tell } = setUp()
  expect(state()).toBe('connecting')
  endpoints.start()
  await tick()
  expect(state()).toBe('online')
  expect(tell()).toEqual(['opened false'])
  expect(take()).toEqual([])
  endpoints.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('rooms are wanted from the start, and nobody answers - never online', async () => {
  const { endpoints, states, tell, lose } = setUp({ wanted: ['a', 'b'] })
  endpoints.start()
  await tick()
  lose('a')
  await tick()
  lose('b')
  expect(new Set(states())).toEqual(new Set(['connecting', 'offline']))
  expect(tell()).toEqual(['opened false', 'down a', 'down b'])
})

test('the first connection opens - online', async () => {
  const { endpoints, tell, open, state } = setUp({ wanted: ['a', 'b'] })
  endpoints.start()
  await tick()
  expect(state()).toBe('connecting')
  open('a')
  expect(state()).toBe('online')
  expect(tell()).toEqual(['opened false', 'up a', 'online'])
})

test('eight rooms - one is dialled at a time', async () => {
  const rooms = [...'abcdefgh']
  const { endpoints, take, open } = setUp({ wanted: rooms })
  endpoints.start()
  for (const room of rooms) {
    await tick()
    expect(take()).toEqual([`dial ${room}`])
    open(room)
  }
  await tick(60_000)
  expect(take()).toEqual([])
  endpoints.stop()
})

test('a handshake hangs - the others wait for two seconds, and fail at nothing', async () => {
  const { endpoints, take, tell, open, state } = setUp({ wanted: ['a', 'b', 'c'] })
  endpoints.start()
  await tick(1_999)
  expect(take()).toEqual(['dial a'])
  await tick(1)
  expect(take()).toEqual(['dial b'])
  open('b')
  await tick()
  expect(take()).toEqual(['dial c'])
  open('c')
  await tick(8_000)
  expect(take()).toEqual(['drop a'])
  expect(tell()).toEqual(['opened false', 'up b', 'online', 'up c', 'down a'])
  expect(state()).toBe('online')
  await tick(5000)
  expect(take()).toEqual(['dial a'])
  open('a')
  expect(tell()).toEqual(['up a'])
})

test('a room is left while it waits for its turn - the next one is dialled', async () => {
  const { endpoints, take, open, leave } = setUp({ wanted: ['a', 'b', 'c'] })
  endpoints.start()
  await tick()
  leave('b')
  open('a')
  await tick()
  expect(take()).toEqual(['dial a', 'hang up b', 'dial c'])
  expect(endpoints.statusOf?.('b')).toBeUndefined()
})

test('a room is left while it is dialled - hung up, and the next one is dialled', async () => {
  const { endpoints, take, leave } = setUp({ wanted: ['a', 'b'] })
  endpoints.start()
  await tick()
  leave('a')
  await tick()
  expect(take()).toEqual(['dial a', 'hang up a', 'dial b'])
})

test('a room is joined and left at once - nothing is dialled, and the next one can be', async () => {
  const { take, join, leave } = await opened('a')
  join('b')
  leave('b')
  join('c')
  await tick()
  expect(take()).toEqual(['hang up b', 'dial c'])
})

test('a room is left while its token is fetched - it holds up no other', async () => {
  const { endpoints, take, leave, join } = setUp({ wanted: ['a'], tokenAfter: 500 })
  endpoints.start()
  await tick(100)
  leave('a')
  join('b')
  await tick(500)
  expect(take()).toEqual(['hang up a', 'dial b'])
})

test('all are dialled together - they share one token', async () => {
  const { endpoints, take, open, fetched } = setUp({ wanted: ['a', 'b', 'c'], tokenAfter: 500 })
  endpoints.start()
  await tick(500)
  for (const room of ['a', 'b', 'c']) {
    expect(take()).toEqual([`dial ${room}`])
    open(room)
    await tick()
  }
  expect(fetched()).toBe(1)
})

test('a room is left and joined again - one connection, and the late events of the old one change nothing', async () => {
  const { endpoints, link, take, tell, join, leave, open } = await opened('a', 'b')
  const old = link('a')
  leave('a')
  expect(take()).toEqual(['hang up a'])
  join('a')
  await tick()
  open('a')
  tell()
  old.lost({ reason: 'late' })
  old.opened({ recovered: false, missed: [] })
  await tick(60_000)
  expect(take()).toEqual(['dial a'])
  expect(tell()).toEqual([])
  expect(endpoints.statusOf?.('a')?.state).toBe('online')
  endpoints.stop()
  expect(vi.getTimerCount()).toBe(0)
})

test('one of two is lost - its room alone is down, the line stays online, and it is retried at its own pace', async () => {
  const { endpoints, take, tell, open, lose, state } = await opened('a', 'b')
  lose('a')
  expect(tell()).toEqual(['down a'])
  expect(state()).toBe('online')
  const nextTryAt = Date.now() + 5000
  expect(endpoints.statusOf?.('a')).toMatchObject({ state: 'offline', nextTryAt, error: { message: 'gone' } })
  expect(endpoints.statusOf?.('b')).toMatchObject({ state: 'online' })
  await tick(5000)
  expect(take()).toEqual(['dial a'])
  open('a')
  expect(tell()).toEqual(['up a'])
})

test('all are lost - offline, with the next try of the first one due - one is back - online', async () => {
  const { endpoints, tell, open, lose, state } = await opened('a', 'b')
  lose('a')
  await tick(1000)
  lose('b', { reason: 'gone too' })
  expect(tell()).toEqual(['down a', 'down b', 'off: gone'])
  expect(endpoints.status()).toMatchObject({ state: 'offline', nextTryAt: Date.now() + 4000 })
  await tick(4000)
  expect(state()).toBe('offline')
  open('a')
  expect(state()).toBe('online')
  expect(tell()).toEqual(['up a', 'online'])
})

test('one of two is refused - denied with the reason, the other is live, and the refused one asks once a minute', async () => {
  const { take, tell, lose, state, endpoints } = await opened('a', 'b')
  lose('a', REFUSAL)
  await tick()
  expect(take()).toEqual(['dial a'])
  lose('a', REFUSAL)
  expect(tell()).toEqual(['down a', 'deny a: closed with 4401'])
  expect(state()).toBe('online')
  await tick(59_999)
  expect(take()).toEqual([])
  await tick(1)
  expect(take()).toEqual(['dial a'])
  endpoints.stop()
})

test('all are refused - unauthorized', async () => {
  const { tell, lose, endpoints } = await opened('a', 'b')
  for (const room of ['a', 'b']) {
    lose(room, REFUSAL)
    await tick()
    lose(room, REFUSAL)
  }
  expect(endpoints.status()).toMatchObject({ state: 'unauthorized', error: { reason: 'refused' } })
  expect(tell()).toContain('deny b: closed with 4401')
})

test('a final refusal of one - nothing but a retry by hand dials it again', async () => {
  const { endpoints, take, lose } = await opened('a', 'b')
  lose('a', { reason: 'closed with 4999', isFinal: true })
  endpoints.nudge('visible')
  endpoints.retry(false)
  await tick(120_000)
  expect(take()).toEqual([])
  endpoints.retry(true)
  await tick()
  expect(take()).toEqual(['dial a'])
})

test('a retry by hand - all that wait are dialled, one by one, and nobody says offline', async () => {
  const { endpoints, take, open, lose, state } = await opened('a', 'b')
  lose('a')
  lose('b')
  expect(state()).toBe('offline')
  endpoints.retry(true)
  expect(state()).toBe('connecting')
  await tick()
  expect(take()).toEqual(['dial a'])
  open('a')
  await tick()
  expect(take()).toEqual(['dial b'])
})

test('the network is back - all are tried within half a second', async () => {
  const { endpoints, take, lose } = await opened('a', 'b')
  lose('a')
  lose('b')
  endpoints.nudge('online')
  await tick(500)
  expect(take()).toEqual([expect.stringContaining('dial')])
})

test('paused - all hang up, nothing dials - resumed - all are joined again', async () => {
  const { endpoints, take, tell, states, state } = await opened('a', 'b')
  endpoints.pause()
  expect(take()).toEqual(['hang up a', 'hang up b'])
  expect(tell()).toEqual(['down a', 'off: undefined', 'down b', 'lost'])
  expect(states()).toEqual(['paused'])
  expect(vi.getTimerCount()).toBe(0)
  endpoints.start()
  endpoints.retry(true)
  endpoints.nudge('online')
  await tick(60_000)
  expect(take()).toEqual([])
  endpoints.resume()
  expect(state()).toBe('connecting')
  await tick()
  expect(take()).toEqual(['dial a'])
  expect(tell()).toEqual(['opened false'])
})

test('stopped, and started again for the next tab', async () => {
  const { endpoints, take, tell, open } = await opened('a')
  endpoints.stop()
  expect(take()).toEqual(['hang up a'])
  expect(endpoints.isOpen()).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
  tell()
  endpoints.start()
  await tick()
  open('a')
  expect(tell()).toEqual(['opened false', 'up a', 'online'])
})

for (const end of ['stop', 'release', 'dispose', 'pause'] as const)
  test(`${end} while the start waits for the worker before - nothing is dialled`, async () => {
    const session = () => new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), 300))
    const { endpoints, take, tell } = setUp({ wanted: ['a'], session })
    endpoints.start()
    void endpoints[end]()
    await tick(60_000)
    expect(take()).toEqual([])
    expect(tell()).not.toContain('opened false')
    expect(endpoints.isOpen()).toBe(false)
    expect(vi.getTimerCount()).toBe(0)
  })

test('two tabs start it - the rooms are opened once', async () => {
  const { endpoints, tell } = setUp()
  endpoints.start()
  endpoints.start()
  await tick()
  endpoints.start()
  await tick()
  expect(tell()).toEqual(['opened false'])
})

test('released to the next worker - waits until all connections have ended, and no session goes on', async () => {
  const { endpoints, releases } = await opened('a', 'b')
  let goesOn: boolean | undefined
  void endpoints.release().then((answer) => {
    goesOn = answer
  })
  releases.get('a')?.()
  await tick()
  expect(goesOn).toBeUndefined()
  releases.get('b')?.()
  await tick()
  expect(goesOn).toBe(false)
  expect(vi.getTimerCount()).toBe(0)
})

test('the clock jumps - a wake-up is reported once, however many connections notice it', async () => {
  const { endpoints, join, open, woken } = await opened('a')
  await tick(700)
  join('b')
  await tick(900)
  open('b')
  vi.setSystemTime(Date.now() + 3_600_000)
  await tick(4000)
  expect(woken()).toBe(1)
  vi.setSystemTime(Date.now() + 3_600_000)
  await tick(4000)
  expect(woken()).toBe(2)
  endpoints.stop()
})

test('a connection is silent for too long - it alone is dialled again', async () => {
  const { endpoints, link, take, tell } = await (async () => {
    const all = setUp({ wanted: ['a', 'b'], keepalive: { every: 1000, misses: 2 } })
    all.endpoints.start()
    for (const room of ['a', 'b']) {
      await tick()
      all.open(room)
    }
    all.take()
    all.tell()
    return all
  })()
  for (let n = 0; n < 5; n += 1) {
    await tick(500)
    link('b').alive()
  }
  expect(take()).toEqual(['drop a'])
  expect(tell()).toEqual(['down a'])
  endpoints.stop()
})

test('a message of a page - over the connection of its room, and over none where that is not open', async () => {
  const { endpoints, take, lose } = await opened('a', 'b')
  const send = (room?: string) => endpoints.request({ name: 'speak', payload: 1, ...(room && { room }) })
  expect(send('b')).toBe(true)
  expect(take()).toEqual(['send speak over b'])
  lose('b')
  expect([send('b'), send('c'), send()]).toEqual([false, false, false])
  expect(send('a')).toBe(true)
  expect(take()).toEqual(['send speak over a'])
})
