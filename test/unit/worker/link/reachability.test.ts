import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { createReachabilities, type Reachability } from '../../../../worker/link/reachability'

const OWN = 'ws://app.example/ws'
const OTHER = 'wss://live.example/ws'
const AWAY = 'The server does not answer over HTTP.'
const FUTILE = 'The server answers over HTTP, but opens no WebSocket.'

/** What the server answers in each mode: a status, or nothing. */
let cors: number | undefined
let opaque = false
const asked: string[] = []

beforeEach(() => {
  vi.useFakeTimers()
  asked.length = 0
  cors = undefined
  opaque = false
  vi.stubGlobal('location', { origin: 'http://app.example' })
  vi.stubGlobal('fetch', async ({ href }: URL, { mode }: RequestInit) => {
    asked.push(`${mode} ${href}`)
    if (mode === 'cors' && cors !== undefined) return { status: cors }
    if (mode === 'no-cors' && opaque) return { status: 0 }
    throw new TypeError('Failed to fetch')
  })
})
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0)
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** One that has failed three times. */
function failing(): Reachability {
  const reachability = createReachabilities()()
  for (let n = 0; n < 3; n += 1) reachability.failed()
  return reachability
}

/** What the next attempt does, 5 s after the last one. A WebSocket that is dialled fails. */
async function attempt(reachability: Reachability, url = OWN, probe?: () => Promise<Response>) {
  await vi.advanceTimersByTimeAsync(5000)
  const obstacle = await reachability.obstacle(url, probe)
  if (!obstacle) reachability.failed()
  return obstacle?.reason ?? 'dials'
}

test('fewer than three failures in a row - nothing is asked', async () => {
  const reachability = createReachabilities()()
  for (let n = 0; n < 10; n += 1) {
    if (n % 3 === 0) reachability.opened()
    expect(await attempt(reachability)).toBe('dials')
  }
  expect(asked).toEqual([])
})

test.each([200, 301, 400, 403, 404, 426, 500])(
  '%i - somebody is there, so a WebSocket is dialled',
  async (status) => {
    cors = status
    expect(await attempt(failing())).toBe('dials')
    expect(asked).toEqual(['cors http://app.example/ws'])
  },
)

test.each([502, 503, 504, 521])('%i - nobody is behind the proxy', async (status) => {
  cors = status
  expect(await attempt(failing())).toBe(`The server answered ${status} over HTTP.`)
})

test('nobody answers on the same origin - it is asked once for each attempt', async () => {
  const reachability = failing()
  expect(await attempt(reachability)).toBe(AWAY)
  expect(await attempt(reachability)).toBe(AWAY)
  expect(asked).toEqual(['cors http://app.example/ws', 'cors http://app.example/ws'])
})

test('the server answers, and opens no WebSocket - three are dialled for each answer, then one a minute', async () => {
  const reachability = failing()
  const next = async (count: number) => {
    const all: string[] = []
    for (let n = 0; n < count; n += 1) all.push(await attempt(reachability))
    return all
  }
  cors = 404
  expect(await next(5)).toEqual(['dials', 'dials', 'dials', FUTILE, FUTILE])
  cors = 426
  expect(await next(4)).toEqual(['dials', 'dials', 'dials', FUTILE])
  cors = 502
  await next(1)
  cors = 426
  expect(await next(4)).toEqual(['dials', 'dials', 'dials', FUTILE])
  const minutes = await next(120)
  expect(minutes.filter((each) => each === 'dials')).toHaveLength(9)
  // Firefox forgets failures 60 s after the last one.
  expect(minutes.slice(minutes.indexOf('dials')).indexOf('dials', 1)).toBeGreaterThan(12)
})

test('HTTP never answers - a WebSocket is dialled 65 s after the last one', async () => {
  const reachability = failing()
  const all: string[] = []
  for (let n = 0; n < 27; n += 1) all.push(await attempt(reachability))
  expect(all.map((each) => each === 'dials').lastIndexOf(true)).toBe(25)
  expect(all.filter((each) => each === 'dials')).toHaveLength(2)
})

test('a WebSocket was opened - the next outage begins as the first one did', async () => {
  const reachability = failing()
  cors = 426
  expect(await attempt(reachability)).toBe('dials')
  reachability.opened()
  cors = undefined
  for (let n = 0; n < 3; n += 1) expect(await attempt(reachability)).toBe('dials')
  expect(await attempt(reachability)).toBe(AWAY)
  cors = 426
  expect(await attempt(reachability)).toBe('dials')
})

test('another origin lets this one read its answers - its proxy is told from the server', async () => {
  const reachability = failing()
  expect(await attempt(reachability, OTHER)).toBe(AWAY)
  expect(asked).toEqual(['cors https://live.example/ws', 'no-cors https://live.example/ws'])
  // The answer of the proxy cannot be read, as that of the server can.
  opaque = true
  for (let n = 0; n < 3; n += 1) expect(await attempt(reachability, OTHER)).toBe('dials')
  expect(await attempt(reachability, OTHER)).toBe(FUTILE)
  cors = 426
  expect(await attempt(reachability, OTHER)).toBe('dials')
})

test('another origin lets nobody read its answers - a refused connection is told from an answer', async () => {
  const reachability = failing()
  expect(await attempt(reachability, OTHER)).toBe(AWAY)
  opaque = true
  expect(await attempt(reachability, OTHER)).toBe('dials')
})

test('another origin, and a probe that may be read - the probe tells the proxy from the server', async () => {
  opaque = true
  const reachability = failing()
  let status = 503
  const probe = async () => new Response('', { status })
  for (let n = 0; n < 5; n += 1)
    expect(await attempt(reachability, OTHER, probe)).toBe('The server answered 503 over HTTP.')
  status = 401
  expect(await attempt(reachability, OTHER, probe)).toBe('dials')
})

test('another origin, and a probe of a server that is always there - a refused connection is told from an answer', async () => {
  const reachability = failing()
  const probe = async () => new Response('')
  for (let n = 0; n < 3; n += 1) expect(await attempt(reachability, OTHER, probe)).toBe('dials')
  expect(await attempt(reachability, OTHER, probe)).toBe(FUTILE)
  opaque = true
  expect(await attempt(reachability, OTHER, probe)).toBe('dials')
})

test.each([
  [
    'throws',
    () => {
      throw new Error('oops')
    },
  ],
  ['fails', () => Promise.reject(new Error('oops'))],
  ['returns nothing', () => undefined],
])('a probe that %s - the server is away, and nothing of the error is told', async (_, probe) => {
  opaque = true
  expect(await attempt(failing(), OTHER, probe as never)).toBe(AWAY)
})

test('a server that never answers - it is away after 5 s', async () => {
  vi.stubGlobal('fetch', () => new Promise(() => {}))
  const told = vi.fn()
  void failing().obstacle(OWN).then(told)
  await vi.advanceTimersByTimeAsync(4999)
  expect(told).not.toHaveBeenCalled()
  await vi.advanceTimersByTimeAsync(1)
  expect(told).toHaveBeenCalledWith({ reason: AWAY, isThere: false })
})

test('a room of many cannot be opened - another one is dialled once, and opened', async () => {
  const create = createReachabilities()
  const [bad, good] = [create(), create()]
  cors = 404
  for (let n = 0; n < 6; n += 1) await attempt(bad)
  expect(await attempt(bad)).toBe(FUTILE)
  expect(await good.obstacle(OWN)).toBeUndefined()
})

test('eight rooms on another origin whose answers cannot be read - all of them together dial three for an answer', async () => {
  const create = createReachabilities()
  const rooms = Array.from({ length: 8 }, create)
  const all: string[] = []
  for (let n = 0; n < 8; n += 1) {
    opaque = n > 1
    for (const room of rooms) {
      const obstacle = await room.obstacle(OTHER)
      if (!obstacle) room.failed()
      all.push(obstacle?.reason ?? 'dials')
    }
    await vi.advanceTimersByTimeAsync(5000)
  }
  const dials = all.flatMap((each, index) => (each === 'dials' ? [index] : []))
  expect(dials).toEqual([0, 1, 2, 16, 17, 18])
  expect(all.at(-1)).toBe(FUTILE)
})
