import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { PartylineError } from '../../../../shared/errors'
import { createDialer, type DialerParts } from '../../../../worker/link/dialer'
import { type RetryPolicy, steady } from '../../../../worker/link/retry'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function setUp(
  retry: RetryPolicy = steady({}, () => 0.5),
  dial = () => {},
  parts: Partial<DialerParts> & { isUnconnected?: () => boolean } = {},
) {
  const did: string[] = []
  let ended = 0
  const dialer = createDialer({
    link: {
      dial() {
        did.push('dial')
        dial()
      },
      drop: () => did.push('drop'),
      release: async () => true,
      hangUp: () => did.push('hang up'),
      send: () => {},
      probe: () => {},
      ...(parts.isUnconnected && { isUnconnected: parts.isUnconnected }),
    },
    retry,
    credentials: async () => ({ rooms: [] }),
    refused: () => {},
    redact: (text) => text.replace('secret', '[token]'),
    isRefusal: ({ message }) => message === 'unauthorized',
    settled: () => {
      ended += 1
    },
    changed: () => {},
    ...(parts.obstacle && { obstacle: parts.obstacle }),
  })
  const take = () => did.splice(0)
  const tick = (ms: number) => vi.advanceTimersByTimeAsync(ms)
  /** How often an attempt has ended since this was asked last. */
  function settled() {
    const count = ended
    ended = 0
    return count
  }
  return { dialer, take, tick, settled }
}

test('start - open - lost - first retry within a second - open', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  expect(dialer.status()).toMatchObject({ state: 'connecting', attempt: 1 })
  await tick(0)
  expect(take()).toEqual(['dial'])
  dialer.opened({ recovered: false })
  expect(dialer.status()).toMatchObject({ state: 'online', attempt: 0, recovered: false })
  dialer.lost({ reason: 'transport close' })
  const { state, nextTryAt, error } = dialer.status()
  expect(state).toBe('offline')
  expect(nextTryAt).toBe(Date.now() + 500)
  expect(error).toMatchObject({ reason: 'link-lost', message: 'transport close' })
  await tick(500)
  expect(take()).toEqual(['dial'])
  expect(dialer.status()).toMatchObject({ state: 'offline', attempt: 1 })
  dialer.opened({ recovered: true })
  expect(dialer.status()).toMatchObject({ state: 'online', recovered: true })
  expect(dialer.status().error).toBeUndefined()
})

test('200 attempts against a dead server keep a constant pace', async () => {
  const { dialer, take, tick } = setUp(steady())
  dialer.start()
  await tick(0)
  const since = dialer.status()
  const waits: number[] = []
  for (let attempt = 1; attempt <= 200; attempt += 1) {
    expect(take()).toEqual(['dial'])
    dialer.lost({ reason: 'refused connection' })
    const wait = (dialer.status().nextTryAt ?? Number.NaN) - Date.now()
    waits.push(wait)
    await tick(wait + 1)
  }
  expect(since.state).toBe('connecting')
  const [first] = waits.splice(0, 1)
  expect(first).toBeLessThanOrEqual(1000)
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(4000)
  expect(Math.max(...waits)).toBeLessThanOrEqual(6000)
  expect(vi.getTimerCount()).toBe(1)
})

test('offline keeps its start time through all attempts', async () => {
  const { dialer, tick } = setUp()
  dialer.start()
  await tick(0)
  dialer.lost({ reason: 'x' })
  const { since } = dialer.status()
  await tick(5000)
  dialer.lost({ reason: 'x' })
  expect(dialer.status().since).toBe(since)
})

test('a retry by hand does not wait, and the state is connecting', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(0)
  dialer.lost({ reason: 'x' })
  take()
  dialer.retry(true)
  await tick(0)
  expect(take()).toEqual(['dial'])
  expect(dialer.status().state).toBe('connecting')
  expect(dialer.status().nextTryAt).toBeUndefined()
})

test('a link whose dial throws - the attempt has failed, with what it threw', async () => {
  const { dialer, take, tick } = setUp(undefined, () => {
    throw new SyntaxError('The URL /ws?token=secret is invalid.')
  })
  dialer.start()
  await tick(0)
  expect(dialer.status()).toMatchObject({
    state: 'offline',
    error: { reason: 'link-lost', message: 'The URL /ws?token=[token] is invalid.' },
  })
  await tick(500)
  expect(take()).toEqual(['dial', 'dial'])
})

test('a handshake without an answer is given up after a while', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(10_000)
  expect(take()).toEqual(['dial', 'drop'])
  expect(dialer.status()).toMatchObject({ state: 'offline', error: { reason: 'link-lost' } })
})

test('an attempt that hangs is replaced when somebody asks for a retry', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(1000)
  dialer.retry(false)
  expect(take()).toEqual(['dial'])
  await tick(2000)
  dialer.retry(false)
  await tick(0)
  expect(take()).toEqual(['drop', 'dial'])
})

test('paused - nothing dials - resume - dials', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(0)
  dialer.opened({ recovered: false })
  take()
  dialer.pause()
  expect(take()).toEqual(['hang up'])
  expect(dialer.status().state).toBe('paused')
  dialer.start()
  dialer.retry(true)
  await tick(60_000)
  expect(take()).toEqual([])
  dialer.resume()
  await tick(0)
  expect(take()).toEqual(['dial'])
  expect(dialer.status().state).toBe('connecting')
})

test('refused - one retry at once - refused again - unauthorized, re-checked once a minute', async () => {
  const { dialer, take, tick } = setUp()
  const refuse = () => dialer.lost({ reason: 'unauthorized', rejection: { message: 'unauthorized' } })
  dialer.start()
  await tick(0)
  refuse()
  await tick(0)
  expect(take()).toEqual(['dial', 'dial'])
  refuse()
  await tick(59_000)
  expect(take()).toEqual([])
  expect(dialer.status()).toMatchObject({ state: 'unauthorized', error: { reason: 'refused' } })
  await tick(1000)
  expect(take()).toEqual(['dial'])
  refuse()
  expect(dialer.status().state).toBe('unauthorized')
})

test('the last attempt, and somebody asks for another - a refusal of that one is answered with a fresh token', async () => {
  const { dialer, take, tick } = setUp()
  const refusal = { reason: 'unauthorized', rejection: { message: 'unauthorized' } }
  dialer.start()
  await tick(0)
  dialer.opened({ recovered: false })
  dialer.lost({ reason: 'go away', isFinal: true })
  dialer.retry(true)
  await tick(0)
  take()
  dialer.lost(refusal)
  await tick(0)
  expect(take()).toEqual(['dial'])
  dialer.lost(refusal)
  expect(dialer.status().state).toBe('unauthorized')
})

test('a rejection that is not a refusal is retried like a loss', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(0)
  dialer.lost({ reason: 'server is full', rejection: { message: 'server is full' } })
  expect(dialer.status().state).toBe('offline')
  await tick(5000)
  expect(take()).toEqual(['dial', 'dial'])
})

test('stop ends the wait, and no timer is left', async () => {
  const { dialer, tick } = setUp()
  dialer.start()
  await tick(0)
  dialer.lost({ reason: 'x' })
  dialer.stop()
  expect(vi.getTimerCount()).toBe(0)
  expect(dialer.status()).toMatchObject({ state: 'connecting', attempt: 0 })
})

test('redial drops the open connection and tries again', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(0)
  dialer.opened({ recovered: false })
  take()
  dialer.redial('nothing heard')
  expect(take()).toEqual(['drop'])
  expect(dialer.status()).toMatchObject({ state: 'offline', error: { message: 'nothing heard' } })
})

test('redial while an attempt is under way gives it up, because messages of its connection may be lost', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(0)
  take()
  dialer.redial('stood still')
  expect(take()).toEqual(['drop'])
  await tick(1000)
  expect(take()).toEqual(['dial'])
})

test('settled: waits while an attempt is under way, and not otherwise', async () => {
  const { dialer } = setUp()
  let count = 0
  const note = () => {
    count += 1
  }
  await dialer.settled()
  dialer.start()
  void dialer.settled().then(note)
  await vi.advanceTimersByTimeAsync(1)
  expect(count).toBe(0)
  dialer.opened({ recovered: false })
  await vi.advanceTimersByTimeAsync(1)
  expect(count).toBe(1)
  await dialer.settled()
})

const REFUSAL = { reason: 'unauthorized', rejection: { message: 'unauthorized' } }

test('accepted and refused within eight seconds, twice - refused in a row, so it waits', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  for (let n = 0; n < 2; n += 1) {
    await tick(0)
    dialer.opened({ recovered: false })
    await tick(7999)
    dialer.lost(REFUSAL)
  }
  await tick(0)
  expect(take()).toEqual(['dial', 'dial'])
  expect(dialer.status()).toMatchObject({ state: 'unauthorized', nextTryAt: Date.now() + 60_000 })
})

test('accepted for eight seconds, and then refused - each time one retry at once', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  for (let n = 0; n < 3; n += 1) {
    await tick(0)
    dialer.opened({ recovered: false })
    await tick(8000)
    dialer.lost(REFUSAL)
  }
  await tick(0)
  expect(take()).toEqual(['dial', 'dial', 'dial', 'dial'])
  expect(dialer.status().state).toBe('offline')
})

test('accepted, and lost within eight seconds for another reason - the refusal before it still counts', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(0)
  dialer.lost(REFUSAL)
  await tick(0)
  dialer.opened({ recovered: false })
  await tick(1000)
  dialer.lost({ reason: 'gone' })
  await tick(5000)
  dialer.lost(REFUSAL)
  expect(take()).toEqual(['dial', 'dial', 'dial'])
  expect(dialer.status().state).toBe('unauthorized')
})

for (const when of ['before it is accepted', 'once it is open'])
  test(`a final refusal ${when} - nothing is tried until somebody asks for it`, async () => {
    const { dialer, take, tick } = setUp()
    dialer.start()
    await tick(0)
    if (when === 'once it is open') {
      dialer.opened({ recovered: false })
      await tick(5000)
    }
    take()
    dialer.lost({ reason: 'closed with 4999', isFinal: true })
    expect(dialer.status()).toMatchObject({ state: 'unauthorized', error: { reason: 'refused' } })
    expect(dialer.status().nextTryAt).toBeUndefined()
    dialer.retry(false)
    await tick(600_000)
    expect(take()).toEqual([])
    expect(vi.getTimerCount()).toBe(0)
    dialer.retry(true)
    await tick(0)
    expect(take()).toEqual(['dial'])
    expect(dialer.status().state).toBe('connecting')
    // What follows is a loss like any other.
    dialer.lost({ reason: 'gone' })
    expect(dialer.status().state).toBe('offline')
    await tick(5000)
    expect(take()).toEqual(['dial'])
  })

test('a final refusal - paused and resumed, it is tried again', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(0)
  dialer.lost({ reason: 'closed with 4999', isFinal: true })
  take()
  dialer.pause()
  dialer.resume()
  await tick(0)
  expect(take()).toEqual(['hang up', 'dial'])
})

test('a link that is late - it changes neither the attempt under way nor a line at rest', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  dialer.lost({ reason: 'late', isFinal: true })
  dialer.opened({ recovered: true })
  expect(dialer.status()).toMatchObject({ state: 'connecting', attempt: 1 })
  await tick(0)
  dialer.lost({ reason: 'gone' })
  const waiting = dialer.status()
  dialer.lost({ reason: 'again', isFinal: true })
  dialer.opened({ recovered: true })
  expect(dialer.status()).toEqual(waiting)
  dialer.stop()
  dialer.lost({ reason: 'late', isFinal: true })
  dialer.start()
  take()
  await tick(0)
  dialer.lost(REFUSAL)
  await tick(0)
  expect(take()).toEqual(['dial', 'dial'])
})

test('an attempt is over once it is open, lost, refused, or ended - and not while it is made again', async () => {
  const { dialer, settled, tick } = setUp()
  dialer.start()
  await tick(0)
  expect(settled()).toBe(0)
  dialer.lost(REFUSAL)
  await tick(0)
  expect(settled()).toBe(0)
  dialer.opened({ recovered: false })
  expect(settled()).toBe(1)
  dialer.lost({ reason: 'gone' })
  expect(settled()).toBe(1)
  await tick(500)
  expect(settled()).toBe(0)
  dialer.stop()
  expect(settled()).toBe(1)
})

test('the server wants no further attempt - nothing is tried until somebody asks, and then a refusal is answered with a fresh token', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(0)
  dialer.opened({ recovered: false })
  dialer.lost({ reason: 'go away', isFinal: true })
  const { state, nextTryAt, error } = dialer.status()
  expect([state, nextTryAt, error?.reason]).toEqual(['unauthorized', undefined, 'refused'])
  expect(vi.getTimerCount()).toBe(0)
  dialer.retry(false)
  await tick(600_000)
  expect(take()).toEqual(['dial'])
  dialer.retry(true)
  expect(dialer.status().state).toBe('connecting')
  await tick(0)
  expect(take()).toEqual(['dial'])
  dialer.lost({ reason: 'unauthorized', rejection: { message: 'unauthorized' } })
  await tick(0)
  expect(take()).toEqual(['dial'])
  dialer.lost({ reason: 'unauthorized', rejection: { message: 'unauthorized' } })
  expect(dialer.status().state).toBe('unauthorized')
  await tick(60_000)
  expect(take()).toEqual(['dial'])
})

test('a server accepts each connection, and ends it at once - the first retry is quick, the others keep the pace', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  for (let n = 0; n < 4; n += 1) {
    await tick(n === 0 ? 0 : n === 1 ? 500 : 5000)
    expect(take()).toEqual(['dial'])
    dialer.opened({ recovered: false })
    dialer.lost({ reason: 'closed with 4000' })
  }
  expect(dialer.status()).toMatchObject({ state: 'offline', nextTryAt: Date.now() + 5000 })
})

test('a server restarts twice within eight seconds - each time the first retry comes within a second', async () => {
  const { dialer, take, tick } = setUp()
  dialer.start()
  await tick(0)
  for (let n = 0; n < 2; n += 1) {
    dialer.opened({ recovered: false })
    await tick(3000)
    dialer.lost({ reason: 'transport close' })
    expect(dialer.status().nextTryAt).toBe(Date.now() + 500)
    await tick(500)
  }
  expect(take()).toEqual(['dial', 'dial', 'dial'])
})

/** A connection in whose way something stands, for all that can be known. */
const hindered = (isUnconnected?: () => boolean) =>
  setUp(undefined, undefined, {
    obstacle: () => new PartylineError('local-network', 'not permitted').toJSON(),
    ...(isUnconnected && { isUnconnected }),
  })

test('something may stand in the way - failed attempts say so, and so does one that is not answered', async () => {
  const { dialer, tick } = hindered()
  dialer.start()
  await tick(0)
  dialer.lost({ reason: 'websocket error' })
  expect(dialer.status().error).toMatchObject({ reason: 'local-network', message: 'not permitted' })
  await tick(500 + 10_000)
  expect(dialer.status()).toMatchObject({ state: 'offline', error: { reason: 'local-network' } })
})

test('something may stand in the way - but the server has answered, so the link is lost', async () => {
  const { dialer, tick } = hindered()
  dialer.start()
  await tick(0)
  dialer.lost({ reason: 'full', rejection: { message: 'full', data: undefined } })
  expect(dialer.status().error).toMatchObject({ reason: 'link-lost', message: 'full' })
  await tick(500)
  dialer.lost({ reason: 'unauthorized', rejection: { message: 'unauthorized', data: undefined } })
  expect(dialer.status().error).toMatchObject({ reason: 'refused' })
})

test('something may stand in the way - but the link was open before, so it is lost', async () => {
  const { dialer, tick } = hindered()
  dialer.start()
  await tick(0)
  dialer.opened({ recovered: false })
  dialer.lost({ reason: 'transport close' })
  expect(dialer.status().error).toMatchObject({ reason: 'link-lost' })
  await tick(500)
  dialer.lost({ reason: 'websocket error' })
  expect(dialer.status().error).toMatchObject({ reason: 'link-lost' })
})

test('something may stand in the way, and the link was open without a connection - it says so', async () => {
  const { dialer, tick } = hindered(() => true)
  dialer.start()
  await tick(0)
  dialer.opened({ recovered: false })
  dialer.lost({ reason: 'Failed to fetch' })
  expect(dialer.status().error).toMatchObject({ reason: 'local-network' })
})
