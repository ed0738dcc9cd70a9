import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { createDialer } from '../../../worker/link/dialer'
import type { Link } from '../../../worker/link/link'
import { createRecorder } from '../../../worker/recorder'

test('the latest happenings are recorded, and older ones removed and counted', () => {
  const recorder = createRecorder()
  for (let n = 1; n <= 250; n += 1) recorder.note({ what: 'tab-left', tab: `${n}` })
  for (let n = 1; n <= 70; n += 1) recorder.roundTrip(n)
  for (let n = 1; n <= 55; n += 1) {
    recorder.down(`${n}`)
    recorder.up(n % 2 === 0)
  }
  expect(recorder.timeline()).toMatchObject(
    Array.from({ length: 200 }, (_, n) => ({ what: 'tab-left', tab: `${n + 51}` })),
  )
  const { roundTrips, outages } = recorder.link()
  expect(roundTrips).toHaveLength(60)
  expect(outages).toHaveLength(50)
  expect(outages.at(-1)).toMatchObject({ reason: '55', recovered: false })
  expect(recorder.counters()).toMatchObject({ unrecorded: 50 + 10 + 5, connects: 55, drops: 55 })
})

test('texts and lists from outside are cut to a length', () => {
  const recorder = createRecorder()
  const long = 'x'.repeat(1000)
  recorder.note({ what: 'panel-not-restored', tab: long, panel: ['old', long], reason: long })
  recorder.note({ what: 'gap', rooms: Array.from({ length: 500 }, () => long), cause: 'link' })
  recorder.down(long)
  const short = 'x'.repeat(300)
  expect(recorder.timeline()).toEqual([
    { at: expect.any(Number), what: 'panel-not-restored', tab: short, panel: ['old', short], reason: short },
    { at: expect.any(Number), what: 'gap', rooms: Array(300).fill(short), cause: 'link' },
  ])
  expect(recorder.link().outages).toMatchObject([{ reason: short }])
})

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const turned = (state: string, reason?: string) => ({
  what: 'state-changed',
  state,
  ...(reason !== undefined && { reason }),
})
const failed = (attempt: number, reason: string) => ({ what: 'attempt-failed', attempt, reason })
const read = (version: string) => ({ what: 'version-read', version })
const unavailable = (reason: string) => ({ what: 'version-unavailable', reason })

describe('what is noted about the link', () => {
  function setUp() {
    const recorder = createRecorder()
    const link: Link = { dial() {}, drop() {}, release: async () => true, hangUp() {}, send() {}, probe() {} }
    const dialer = createDialer({
      link,
      retry: () => 5000,
      credentials: async () => ({ rooms: [] }),
      refused: () => {},
      redact: (text) => text,
      isRefusal: ({ message }) => message === 'no',
      changed: recorder.turned,
    })
    const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms)
    /** Lets the attempt that is due fail. */
    async function fail(reason: string) {
      await tick()
      dialer.lost({ reason, ...(reason === 'no' && { rejection: { message: reason } }) })
    }
    let told = 0
    /** Returns the new entries of the timeline. */
    function take() {
      const news = recorder.timeline().slice(told)
      told += news.length
      return news.map(({ at: _, ...happening }) => happening)
    }
    return { dialer, tick, fail, take }
  }

  test('an outage - why the link was lost, each attempt that failed once, and that it is up', async () => {
    const { dialer, tick, fail, take } = setUp()
    dialer.start()
    await tick()
    dialer.opened({ recovered: false })
    expect(take()).toEqual([turned('connecting'), turned('online')])
    dialer.lost({ reason: 'transport close' })
    expect(take()).toEqual([turned('offline', 'transport close')])
    for (const [index, reason] of ['websocket error', 'websocket error', 'server error'].entries()) {
      await tick(5000)
      expect(take()).toEqual([])
      await fail(reason)
      expect(take()).toEqual([failed(index + 1, reason)])
    }
    await tick(5000)
    dialer.opened({ recovered: true })
    expect(take()).toEqual([turned('online')])
  })

  test('a server that was never there - the first failure is the outage', async () => {
    const { dialer, tick, fail, take } = setUp()
    dialer.start()
    await fail('websocket error')
    await tick(5000)
    await fail('websocket error')
    expect(take()).toEqual([
      turned('connecting'),
      turned('offline', 'websocket error'),
      failed(2, 'websocket error'),
    ])
  })

  test('an attempt that is never answered says so', async () => {
    const { dialer, tick, fail, take } = setUp()
    dialer.start()
    await fail('websocket error')
    await tick(5000 + 10_000)
    expect(take().at(-1)).toEqual(failed(2, 'The server did not answer the handshake within 10 s.'))
  })

  test('refused - each refusal once, and a new attempt does not change the state', async () => {
    const { dialer, tick, fail, take } = setUp()
    dialer.start()
    await fail('no')
    await fail('no')
    expect(take()).toEqual([turned('connecting'), turned('offline', 'no'), turned('unauthorized', 'no')])
    await tick(60_000)
    await fail('no')
    expect(take()).toEqual([failed(3, 'no')])
    await tick(60_000)
    await fail('websocket error')
    expect(take()).toEqual([turned('offline', 'websocket error')])
    await tick(5000)
    dialer.opened({ recovered: false })
    expect(take()).toEqual([turned('online')])
  })

  test('refused in an outage - the first refusal is noted as a failed attempt', async () => {
    const { dialer, tick, fail, take } = setUp()
    dialer.start()
    await fail('websocket error')
    await tick(5000)
    await fail('no')
    await fail('no')
    expect(take().slice(1)).toEqual([
      turned('offline', 'websocket error'),
      failed(2, 'no'),
      turned('unauthorized', 'no'),
    ])
  })

  test('retried by hand, paused, and closed because no tab is left', async () => {
    const { dialer, tick, fail, take } = setUp()
    dialer.start()
    await fail('websocket error')
    dialer.retry(true)
    await fail('websocket error')
    dialer.pause()
    dialer.resume()
    await tick()
    dialer.opened({ recovered: false })
    dialer.stop()
    dialer.start()
    expect(take()).toEqual([
      turned('connecting'),
      turned('offline', 'websocket error'),
      turned('connecting', 'websocket error'),
      turned('offline', 'websocket error'),
      turned('paused'),
      turned('connecting'),
      turned('online'),
      turned('idle'),
      turned('connecting'),
    ])
  })
})

describe('what is noted about the version endpoint', () => {
  function setUp() {
    const recorder = createRecorder()
    const answer = (version: string) => recorder.polled({ version })
    const fail = (error: string) => recorder.polled({ error })
    const notes = () => recorder.timeline().map(({ at: _, ...happening }) => happening)
    return { recorder, answer, fail, notes }
  }

  test('the first answer, and those that differ from the one before', () => {
    const { recorder, answer, notes } = setUp()
    recorder.up(false)
    for (const version of ['v1', 'v1', 'v2', 'v2', 'v1']) answer(version)
    expect(notes()).toEqual([read('v1'), read('v2'), read('v1')])
  })

  test('the first failure, and the first answer after it', () => {
    const { recorder, answer, fail, notes } = setUp()
    recorder.up(false)
    answer('v1')
    for (const why of ['HTTP 503', 'HTTP 503', 'HTTP 502']) fail(why)
    answer('v1')
    expect(notes()).toEqual([read('v1'), unavailable('HTTP 503'), read('v1')])
  })

  test('an endpoint that has never answered', () => {
    const { recorder, fail, notes } = setUp()
    recorder.up(false)
    for (const why of ['HTTP 404', 'HTTP 404']) fail(why)
    expect(notes()).toEqual([unavailable('HTTP 404')])
  })

  test('an outage notes its first answer, even if it is the same as before, because it shows that HTTP works', () => {
    const { recorder, answer, notes } = setUp()
    recorder.up(false)
    answer('v1')
    for (let outage = 1; outage <= 2; outage += 1) {
      recorder.down('transport close')
      answer('v1')
      answer('v1')
      recorder.up(false)
      answer('v1')
    }
    expect(notes()).toEqual(Array(3).fill(read('v1')))
  })

  test('a day of polls in one outage is one entry of the timeline', () => {
    const { recorder, answer, notes } = setUp()
    recorder.note({ what: 'tab-arrived', tab: 'one' })
    recorder.down('transport close')
    for (let poll = 0; poll < 2880; poll += 1) answer('v1')
    expect(notes()).toEqual([{ what: 'tab-arrived', tab: 'one' }, read('v1')])
  })
})
