import type { LineEvents, PanelEvent } from 'partyline'
import { describe, expect, onTestFinished } from 'vitest'
import type { Dashboard } from '../support/dashboard.worker'
import { LINES_UNDER_TEST } from '../support/lines-under-test'
import { test } from '../support/setup'

/** Runs the same tests with a real line and with the fake of `partyline/testing`, so that the fake behaves like the real one. */

type Heard = PanelEvent<Dashboard>
const numbers = (events: readonly Heard[]) =>
  events.map(({ data, replayed }) => (replayed ? `${data.n}, replayed` : data.n))

describe.each(LINES_UNDER_TEST)('%s', (_, open) => {
  test('every panel with the room of an event gets it, in order', async ({ bench }) => {
    const { line, emit } = await open(bench)
    const errors: Heard[] = []
    const overview: Heard[] = []
    line.subscribe('errors', (event) => errors.push(event))
    line.subscribe(['overview'], (event) => overview.push(event))
    await expect.poll(() => line.panel('errors').state).toBe('live')
    await expect.poll(() => line.panel('overview').state).toBe('live')
    await emit('errors', 1)
    await emit('stats', 2)
    await emit('activity', 3)
    await emit('errors', 4)
    await expect.poll(() => numbers(errors)).toEqual([1, 2, 4])
    await expect.poll(() => numbers(overview)).toEqual([2, 3])
    expect(errors[1]).toEqual({
      panel: 'errors',
      room: 'stats',
      name: 'row',
      data: { room: 'stats', n: 2 },
      at: expect.any(Number),
      replayed: false,
    })
    expect(overview[0]?.panel).toEqual(['overview'])
    expect(line.panel('errors').lastAt).toBe(errors.at(-1)?.at)
  })

  test('no listener is called before subscribe returns, and the last value of each room comes first', async ({
    bench,
  }) => {
    const { line, emit } = await open(bench)
    const early: Heard[] = []
    line.subscribe('errors', (event) => early.push(event))
    await expect.poll(() => line.panel('errors').state).toBe('live')
    await emit('stats', 1)
    await emit('stats', 2)
    await emit('errors', 3)
    await expect.poll(() => numbers(early)).toEqual([1, 2, 3])
    const late: Heard[] = []
    line.subscribe('errors', (event) => late.push(event))
    expect(late).toEqual([])
    await expect.poll(() => numbers(late)).toEqual(['2, replayed', '3, replayed'])
    await emit('errors', 4)
    await expect.poll(() => numbers(late)).toEqual(['2, replayed', '3, replayed', 4])
    expect(numbers(early)).toEqual([1, 2, 3, 4])
  })

  test("a subscriber with tab: 'one' in the only tab gets each event but no last values, and others get both", async ({
    bench,
  }) => {
    const { line, emit } = await open(bench)
    const all: Heard[] = []
    line.subscribe('errors', (event) => all.push(event))
    await expect.poll(() => line.panel('errors').state).toBe('live')
    await emit('errors', 1)
    await expect.poll(() => numbers(all)).toEqual([1])
    const one: Heard[] = []
    const stop = line.subscribe('errors', (event) => one.push(event), { tab: 'one' })
    const late: Heard[] = []
    line.subscribe('errors', (event) => late.push(event))
    await expect.poll(() => numbers(late)).toEqual(['1, replayed'])
    await emit('errors', 2)
    await emit('stats', 3)
    await expect.poll(() => numbers(one)).toEqual([2, 3])
    expect(one[0]).toMatchObject({ panel: 'errors', room: 'errors', name: 'row' })
    await expect.poll(() => numbers(all)).toEqual([1, 2, 3])
    stop()
    await emit('errors', 4)
    await expect.poll(() => numbers(all)).toEqual([1, 2, 3, 4])
    await expect.poll(() => numbers(late)).toEqual(['1, replayed', 2, 3, 4])
    expect(numbers(one)).toEqual([2, 3])
  })

  test("a panel that is subscribed to with tab: 'one' alone has its states, and its listener gets all later events in order", async ({
    bench,
  }) => {
    const { line, emit } = await open(bench)
    const one: Heard[] = []
    line.subscribe('errors', (event) => one.push(event), { tab: 'one' })
    await expect.poll(() => line.panel('errors').state).toBe('live')
    for (const n of [1, 2, 3]) await emit('errors', n)
    await expect.poll(() => numbers(one)).toEqual([1, 2, 3])
    expect(line.panel('errors').lastAt).toBe(one.at(-1)?.at)
    const late: Heard[] = []
    line.subscribe('errors', (event) => late.push(event))
    await expect.poll(() => numbers(late)).toEqual(['3, replayed'])
    await emit('errors', 4)
    await expect.poll(() => numbers(one)).toEqual([1, 2, 3, 4])
    await expect.poll(() => numbers(late)).toEqual(['3, replayed', 4])
  })

  test('an unknown value of the option `tab` is an error event, and subscribes to nothing', async ({
    bench,
  }) => {
    const { line } = await open(bench)
    const reasons: string[] = []
    line.on('error', ({ reason, message }) => reasons.push(`${reason}: ${message}`))
    line.subscribe('errors', () => {}, { tab: 'two' as 'one' })
    expect(reasons).toEqual([])
    await expect.poll(() => reasons).toHaveLength(1)
    expect(reasons[0]).toMatch(
      /^bad-argument: subscribe\(\["errors"\]\): the option "tab" can only be "one", not "two"/,
    )
    expect(line.panel('errors').rooms).toEqual({})
  })

  test('a listener of lead is called with the answer, never before `on` has returned, and not after it was removed', async ({
    bench,
  }) => {
    const { line } = await open(bench)
    const heard: boolean[] = []
    const stop = line.on('lead', (leads) => heard.push(leads))
    expect(heard).toEqual([])
    await expect.poll(() => heard).toEqual([true])
    const late: boolean[] = []
    line.on('lead', (leads) => late.push(leads))
    expect(late).toEqual([])
    await expect.poll(() => late).toEqual([true])
    stop()
    line.close()
    await expect.poll(() => late).toEqual([true, false])
    expect(heard).toEqual([true])
  })

  test('an unsubscriber stops only its own listener and may be called twice, and a signal does the same', async ({
    bench,
  }) => {
    const { line, emit } = await open(bench)
    const heard: string[] = []
    const listen = (name: string) => (event: Heard) => heard.push(`${name} ${event.data.n}`)
    const twice = listen('twice')
    const stop = line.subscribe('errors', twice)
    line.subscribe('errors', twice)
    const leaving = new AbortController()
    line.subscribe('errors', listen('aborted'), { signal: leaving.signal })
    line.subscribe('errors', listen('never'), { signal: AbortSignal.abort() })
    await expect.poll(() => line.panel('errors').state).toBe('live')
    await emit('errors', 1)
    await expect.poll(() => heard).toEqual(['twice 1', 'twice 1', 'aborted 1'])
    stop()
    stop()
    leaving.abort()
    await emit('errors', 2)
    await expect.poll(() => heard.slice(3)).toEqual(['twice 2'])
  })

  test('a message is answered while the line is online, and is not sent while it is offline', async ({
    bench,
  }) => {
    const { line, answer, got, lose, comeBack, accept } = await open(bench)
    await expect.poll(() => line.status.state).toBe('online')
    await answer('alarm:ack', { got: { n: 7 } })
    expect(await line.send('alarm:ack', { n: 1 })).toEqual({ got: { n: 7 } })
    await expect(line.send('alarm:ack', (() => {}) as never)).rejects.toMatchObject({
      reason: 'bad-argument',
    })
    await lose()
    await expect.poll(() => line.status.state).toBe('offline')
    await expect(line.send('alarm:ack', { n: 2 })).rejects.toMatchObject({ reason: 'not-sent' })
    await comeBack()
    await accept()
    await expect.poll(() => line.status.state).toBe('online')
    await line.send('alarm:ack', { n: 3 })
    expect(await got()).toEqual([{ n: 1 }, { n: 3 }])
    line.close()
    await expect(line.send('alarm:ack', { n: 4 })).rejects.toMatchObject({ reason: 'closed' })
  })

  test('a kept message waits while the line is offline, and is told once it was answered', async ({
    bench,
  }) => {
    const { line, answer, got, lose, comeBack, accept } = await open(bench)
    await answer('alarm:ack', { got: { n: 7 } })
    const outcomes: unknown[] = []
    line.on('kept', (outcome) => outcomes.push(outcome))
    await expect.poll(() => line.status.state).toBe('online')
    await lose()
    await expect.poll(() => line.status.state).toBe('offline')
    expect(await line.send('alarm:ack', { n: 1 }, { keep: 'a' })).toEqual({ kept: 'a' })
    await expect.poll(() => line.status.unsent).toBe(1)
    expect(await line.unsent()).toMatchObject([{ id: 'a', name: 'alarm:ack', payload: { n: 1 } }])
    expect(outcomes).toEqual([])
    await comeBack()
    await accept()
    const outcome = { id: 'a', name: 'alarm:ack', outcome: 'acknowledged', answer: { got: { n: 7 } } }
    await expect.poll(() => outcomes).toEqual([outcome])
    await expect.poll(() => line.status.unsent).toBeUndefined()
    expect(await got()).toEqual([{ n: 1 }])
  })

  test('a panel without subscribers has the same state as before the first subscribe', async ({ bench }) => {
    const { line, emit } = await open(bench)
    const nobody = { state: 'joining', rooms: {}, since: 0 }
    expect(line.panel('errors')).toEqual(nobody)
    const heard: Heard[] = []
    const stop = line.subscribe('errors', (event) => heard.push(event))
    await expect.poll(() => line.panel('errors').rooms).toEqual({ errors: 'live', stats: 'live' })
    await emit('errors', 1)
    await expect.poll(() => numbers(heard)).toEqual([1])
    stop()
    await expect.poll(() => line.panel('errors')).toEqual(nobody)
  })

  test('a listener throws - all others are still called, and the error is reported as uncaught', async ({
    bench,
  }) => {
    const { line, emit, order } = await open(bench)
    const uncaught: string[] = []
    const note = (event: ErrorEvent) => {
      if (!String(event.error?.message).startsWith('oops')) return
      event.preventDefault()
      event.stopImmediatePropagation()
      uncaught.push(event.error.message)
    }
    window.addEventListener('error', note, { capture: true })
    onTestFinished(() => window.removeEventListener('error', note, { capture: true }))
    const fail = (what: unknown) => {
      throw new Error(`oops: ${what}`)
    }
    const heard: Heard[] = []
    const reasons: string[] = []
    line.subscribe('errors', ({ data }) => fail(data.n))
    line.subscribe('errors', (event) => heard.push(event))
    line.on('reload', ({ reason }) => fail(reason))
    line.on('reload', ({ reason }) => reasons.push(reason))
    await expect.poll(() => line.panel('errors').state).toBe('live')
    await emit('errors', 1)
    await emit('errors', 2)
    await expect.poll(() => numbers(heard)).toEqual([1, 2])
    await order('news')
    await expect.poll(() => reasons).toEqual(['broadcast'])
    await expect.poll(() => uncaught).toEqual(['oops: 1', 'oops: 2', 'oops: broadcast'])
  })

  test('the connection is lost - panels are stale, then live, and a gap comes before the next event', async ({
    bench,
  }) => {
    const { line, emit, lose, comeBack } = await open(bench)
    const received: unknown[] = []
    const states: string[] = []
    let looks = 0
    line.on('status', ({ state }) => states.push(state))
    line.on('panels', () => {
      looks += 1
    })
    line.on('gap', ({ rooms, cause, from, to }) => {
      received.push(...rooms.map((room) => `${cause} ${room}`))
      expect(from).toBeLessThanOrEqual(to)
    })
    line.subscribe('errors', ({ data }) => received.push(data.n))
    await expect.poll(() => line.panel('errors').state).toBe('live')
    await emit('errors', 1)
    await expect.poll(() => received).toEqual([1])
    const status = line.status
    expect(line.status).toBe(status)
    const before = looks
    await lose()
    await expect.poll(() => line.status.state).toBe('offline')
    await expect.poll(() => line.panel('errors').rooms).toEqual({ errors: 'stale', stats: 'stale' })
    await comeBack()
    await expect.poll(() => line.panel('errors').state).toBe('live')
    await expect.poll(() => received.length).toBe(3)
    await emit('errors', 2)
    await expect.poll(() => received.at(-1)).toBe(2)
    expect(received.slice(1, 3).toSorted()).toEqual(['link errors', 'link stats'])
    expect(looks).toBeGreaterThan(before)
    expect(states).toContain('offline')
    expect(states.at(-1)).toBe('online')
  })

  test('the server denies a room - the panel is denied, and later subscribers get the reason', async ({
    bench,
  }) => {
    const { line } = await open(bench)
    const denials: LineEvents['denied'][] = []
    line.on('denied', (denial) => denials.push(denial))
    const denial = { room: 'secret', reason: 'forbidden', panels: ['vault'] }
    line.subscribe('vault', () => {})
    await expect.poll(() => line.panel('vault')).toMatchObject({ state: 'denied', rooms: { stats: 'live' } })
    await expect.poll(() => denials).toContainEqual(denial)
    const { length } = denials
    line.subscribe('vault', () => {})
    await expect.poll(() => denials.length).toBe(length + 1)
    expect(denials.at(-1)).toEqual(denial)
  })

  test('disconnect() pauses the line, and connect() brings it online again', async ({ bench }) => {
    const { line, accept } = await open(bench)
    await expect.poll(() => line.status.state).toBe('online')
    await line.disconnect()
    await expect.poll(() => line.status.state).toBe('paused')
    await line.retry()
    await line.connect()
    await expect.poll(() => line.status.state).not.toBe('paused')
    await accept()
    await expect.poll(() => line.status.state).toBe('online')
  })

  test('a snapshot has the wanted rooms and their states', async ({ bench }) => {
    const { line } = await open(bench)
    line.subscribe('overview', () => {})
    await expect.poll(() => line.panel('overview').state).toBe('live')
    const { rooms, tabs, status } = await line.inspect()
    const wanted = rooms.filter((each) => each.wanted > 0).map(({ room, state }) => [room, state])
    expect(wanted.toSorted()).toEqual([
      ['activity', 'live'],
      ['stats', 'live'],
    ])
    expect(tabs.map(({ panels }) => panels)).toEqual([[['overview']]])
    expect(status.state).toBe('online')
  })

  test('a closed line calls no listener, and its calls reject', async ({ bench }) => {
    const { line, emit } = await open(bench)
    const heard: Heard[] = []
    const states: string[] = []
    await line.ready
    expect(await line.restored).toEqual([])
    line.subscribe('errors', (event) => heard.push(event))
    line.on('status', ({ state }) => states.push(state))
    await expect.poll(() => line.panel('errors').state).toBe('live')
    await emit('errors', 1)
    await expect.poll(() => numbers(heard)).toEqual([1])
    line.close()
    line.close()
    expect(line.status.state).toBe('closed')
    expect(states.filter((state) => state === 'closed')).toEqual(['closed'])
    await emit('errors', 2)
    for (const call of ['retry', 'disconnect', 'connect', 'inspect'] as const) {
      await expect(line[call]()).rejects.toMatchObject({ name: 'PartylineError', reason: 'closed' })
    }
    expect(numbers(heard)).toEqual([1])
  })

  test('mistakes of untyped code cause error events, and only a wrong event name throws', async ({
    bench,
  }) => {
    const { line } = await open(bench)
    const reasons: string[] = []
    line.on('error', ({ reason }) => reasons.push(reason))
    const stop = line.subscribe(['overview', 42] as never, () => {})
    line.subscribe('errors', undefined as never)
    expect(reasons).toEqual([])
    await expect.poll(() => reasons).toEqual(['unknown-panel', 'bad-argument'])
    stop()
    expect(() => line.on('stauts' as never, () => {})).toThrow(
      expect.objectContaining({ reason: 'bad-argument' }),
    )
    line.close()
    line.subscribe('errors', () => {})
    await expect.poll(() => reasons.slice(2)).toEqual(['closed'])
  })

  test('signOut() emits signout and closes the line', async ({ bench }) => {
    const { line } = await open(bench)
    let signedOut = 0
    line.on('signout', () => {
      signedOut += 1
    })
    await line.ready
    await line.signOut()
    await expect.poll(() => line.status.state).toBe('closed')
    expect(signedOut).toBe(1)
    await expect(line.inspect()).rejects.toMatchObject({ reason: 'closed' })
  })
})
