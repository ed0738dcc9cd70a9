import { PartylineError } from 'partyline'
import { createFakeLine } from 'partyline/testing'
import { expect, test, vi } from 'vitest'
import type { Dashboard } from '../../../docs/examples/dashboard.worker'

/** What a test can do with a fake line. test/components/contract.test.ts checks that it behaves as a real one. */

const message = (text: string) => ({ room: 'errors', data: { message: text } }) as const

function setUp(options = {}) {
  const fake = createFakeLine<Dashboard>(options)
  const heard: string[] = []
  const listen = (name = '') =>
    fake.line.subscribe('errors', ({ room, data, replayed }) =>
      heard.push(
        [name, room === 'errors' ? data.message : data.cpu, replayed ? 'kept' : ''].filter(Boolean).join(' '),
      ),
    )
  return { ...fake, heard, listen }
}

test('a fake line starts online, and `ready` and `restored` resolve', async () => {
  const { line } = setUp()
  expect(line.status).toEqual({
    state: 'online',
    since: expect.any(Number),
    attempt: 0,
    shared: true,
    persistent: true,
  })
  await line.ready
  expect(await line.restored).toEqual([])
})

test('an event pushed right after a subscribe is delivered by the time push resolves', async () => {
  const { push, heard, listen } = setUp()
  listen()
  const pushed = push('errors', message('disk full'))
  expect(heard).toEqual([])
  await pushed
  expect(heard).toEqual(['disk full'])
})

test('a later subscriber gets the last value of each room', async () => {
  const { push, heard, listen } = setUp()
  await push('errors', message('one'))
  await push('errors', message('two'))
  await push('errors', { room: 'stats', data: { cpu: 3 } })
  listen()
  await push('errors', message('three'))
  expect(heard).toEqual(['two kept', '3 kept', 'three'])
})

test('`retain` sets how many last values are kept, and they are replayed in order', async () => {
  for (const [retain, kept] of [
    [0, []],
    [2, ['two kept', '3 kept', 'four kept']],
  ] as const) {
    const { push, heard, listen } = setUp({ retain })
    await push('errors', message('one'))
    await push('errors', message('two'))
    await push('errors', { room: 'stats', data: { cpu: 3 } })
    await push('errors', message('four'))
    listen()
    await push('errors', message('five'))
    expect(heard).toEqual([...kept, 'five'])
  }
})

test('an event is delivered to each panel that has its room', async () => {
  const { line, push, setRooms } = setUp()
  const heard: unknown[] = []
  line.subscribe('errors', ({ panel }) => heard.push(panel))
  line.subscribe('overview', ({ panel }) => heard.push(panel))
  await push('errors', { room: 'stats', data: { cpu: 1 } })
  expect(heard).toEqual(['errors'])
  await setRooms('overview', { stats: 'live' })
  await push('errors', { room: 'stats', data: { cpu: 1 } })
  expect(heard.toSorted()).toEqual(['errors', 'errors', 'overview'])
})

test('a panel is joining until one of its rooms is named, and then has the worst state of its rooms', async () => {
  const { line, push, setRooms, setStatus, deny, listen } = setUp()
  listen()
  expect(line.panel('errors').state).toBe('joining')
  await push('errors', message('one'))
  expect(line.panel('errors')).toMatchObject({ state: 'live', rooms: { errors: 'live' } })
  await setRooms('errors', { stats: 'joining' })
  expect(line.panel('errors')).toMatchObject({
    state: 'joining',
    rooms: { errors: 'live', stats: 'joining' },
  })
  await push('errors', { room: 'stats', data: { cpu: 1 } })
  expect(line.panel('errors').state).toBe('live')
  await setStatus({ state: 'offline' })
  expect(line.panel('errors').rooms).toEqual({ errors: 'stale', stats: 'stale' })
  await setStatus({ state: 'online' })
  expect(line.panel('errors').state).toBe('live')
  const denied = vi.fn()
  line.on('denied', denied)
  await deny('errors', 'stats', 'not for you')
  expect(line.panel('errors').state).toBe('denied')
  expect(denied.mock.calls).toEqual([[{ room: 'stats', reason: 'not for you', panels: ['errors'] }]])
})

test('setStatus keeps absent fields, and resets them if the state changes', async () => {
  const { line, setStatus } = setUp()
  await setStatus({ rtt: 12 })
  expect(line.status).toMatchObject({ state: 'online', rtt: 12 })
  await setStatus({ state: 'offline', attempt: 3, nextTryAt: 99 })
  expect(line.status).toMatchObject({ state: 'offline', attempt: 3, nextTryAt: 99 })
  expect(line.status.rtt).toBeUndefined()
  await setStatus({ attempt: 4 })
  expect(line.status).toMatchObject({ state: 'offline', attempt: 4, nextTryAt: 99 })
})

test('the line emits the gaps, reload orders and errors that a test gives, with their defaults', async () => {
  const { line, gap, reload, error } = setUp()
  const told: unknown[] = []
  line.on('gap', (gap) => told.push(gap))
  line.on('reload', (order) => told.push(order))
  line.on('error', (error) => told.push(error))
  await gap({ rooms: ['errors'] })
  await gap({ rooms: ['stats'], from: 1, to: 2, cause: 'queue' })
  await reload()
  await reload({ reason: 'version', version: '2' })
  await error('limit', 'too much')
  expect(told).toEqual([
    { rooms: ['errors'], from: expect.any(Number), to: expect.any(Number), cause: 'link' },
    { rooms: ['stats'], from: 1, to: 2, cause: 'queue' },
    { reason: 'broadcast' },
    { reason: 'version', version: '2' },
    expect.objectContaining({ reason: 'limit', message: 'too much' }),
  ])
  expect(told.at(-1)).toBeInstanceOf(PartylineError)
})

test('an error without a listener is written to the console', async () => {
  const { error } = setUp()
  const said = vi.spyOn(console, 'error').mockImplementation(() => {})
  await error('limit', 'too much')
  expect(said).toHaveBeenCalledWith('[partyline]', expect.objectContaining({ reason: 'limit' }))
  said.mockRestore()
})

test('a worker that has not answered yet - no event is delivered before `ready()`', async () => {
  const { line, ready, push, heard, listen } = setUp({ ready: false })
  let isReady = false
  void line.ready.then(() => {
    isReady = true
  })
  listen()
  expect(line.status.state).toBe('connecting')
  await push('errors', message('one'))
  expect(heard).toEqual([])
  expect(isReady).toBe(false)
  await ready(['errors'])
  expect(await line.restored).toEqual(['errors'])
  await line.ready
  expect(heard).toEqual(['one kept'])
})

test('a worker that cannot start - `ready` rejects, and the line is offline with the error', async () => {
  const { line, fail } = setUp({ ready: false })
  const errors: unknown[] = []
  line.on('error', (error) => errors.push(error))
  await fail('worker-failed', 'no such file')
  await expect(line.ready).rejects.toMatchObject({ reason: 'worker-failed', message: 'no such file' })
  expect(errors).toEqual([expect.objectContaining({ reason: 'worker-failed' })])
  expect(line.status).toMatchObject({ state: 'offline', error: { message: 'no such file' } })
})

test('a test can read which panels are subscribed to, and count listeners', async () => {
  const { line, panels, listeners, listen } = setUp()
  const stops = [listen(), listen(), line.subscribe(['overview'], () => {}), line.on('gap', () => {})]
  await null
  expect(panels()).toEqual(['errors', 'overview'])
  expect(listeners('gap')).toBe(1)
  expect(listeners('status')).toBe(0)
  for (const stop of [...stops, ...stops]) stop()
  await null
  expect(panels()).toEqual([])
  expect(listeners('gap')).toBe(0)
})

test('a sign-out in another tab closes the line, and later events are not delivered', async () => {
  const { line, signOut, push, setStatus, heard, listen } = setUp()
  const signedOut = vi.fn()
  line.on('signout', signedOut)
  listen()
  await signOut()
  await push('errors', message('one'))
  await setStatus({ state: 'online' })
  expect(signedOut).toHaveBeenCalledTimes(1)
  expect(line.status.state).toBe('closed')
  expect(heard).toEqual([])
})

test('messages are answered as the test says - by a value, an error of any reason, or not at all', async () => {
  const { line, answer, sent } = createFakeLine()
  answer('ack', (payload) => ({ got: payload }))
  answer('slow', () => {
    throw new PartylineError('unanswered', 'lost')
  })
  answer('no', () => {
    throw new Error('not yours')
  })
  expect(await line.send('ack', 7)).toEqual({ got: 7 })
  await expect(line.send('slow', 1)).rejects.toMatchObject({ reason: 'unanswered', message: 'lost' })
  await expect(line.send('no', 2)).rejects.toMatchObject({ reason: 'refused', message: 'not yours' })
  await expect(line.send('other', 3)).rejects.toMatchObject({ reason: 'unanswered' })
  expect(sent().map(({ name, payload }) => [name, payload])).toEqual([
    ['ack', 7],
    ['slow', 1],
    ['no', 2],
    ['other', 3],
  ])
})

test('a message waits while the line is connecting, and is not sent while it is offline', async () => {
  const { line, answer, sent, ready, setStatus } = createFakeLine({ ready: false })
  answer('ack', () => 'yes')
  const early = line.send('ack', 1)
  await ready()
  expect(sent()).toEqual([])
  await setStatus({ state: 'online' })
  expect(await early).toBe('yes')
  await setStatus({ state: 'offline' })
  await expect(line.send('ack', 2)).rejects.toMatchObject({ reason: 'not-sent' })
  expect(sent()).toEqual([{ name: 'ack', payload: 1 }])
})

test('the line stays connecting for longer than the timeout of a message - it is not sent, also not later', async () => {
  const { line, answer, sent, ready, setStatus } = createFakeLine({ ready: false })
  answer('ack', () => 'yes')
  await ready()
  const message = line.send('ack', 1, { timeout: 20 })
  await expect(message).rejects.toMatchObject({ reason: 'not-sent' })
  await setStatus({ state: 'online' })
  expect(sent()).toEqual([])
})

test('a kept message waits for the server and for an answer of the test - it is counted, listed and told', async () => {
  const { line, answer, sent, setStatus } = createFakeLine()
  const outcomes: unknown[] = []
  line.on('kept', ({ id, outcome, answer, reason }) => outcomes.push([id, outcome, answer ?? reason]))
  await setStatus({ state: 'offline' })
  expect(await line.send('ack', 1, { keep: 'a' })).toEqual({ kept: 'a' })
  await line.send('ack', 2, { keep: 'b' })
  await line.send('ack', 1, { keep: 'a' })
  await line.send('no', 3, { keep: 'c' })
  const { kept: own } = await line.send('never', 4, { keep: true })
  await setStatus({ state: 'online' })
  expect(line.status.unsent).toBe(4)
  answer('no', () => {
    throw new Error('not yours')
  })
  answer('ack', (payload) => ({ got: payload }))
  await expect.poll(() => outcomes).toHaveLength(3)
  expect(outcomes).toEqual(
    expect.arrayContaining([
      ['a', 'acknowledged', { got: 1 }],
      ['b', 'acknowledged', { got: 2 }],
      ['c', 'refused', 'not yours'],
    ]),
  )
  expect(sent()).toHaveLength(3)
  const [last, ...others] = await line.unsent()
  expect([last?.id, last?.payload, others]).toEqual([own, 4, []])
  expect(await last?.withdraw()).toBe(true)
  expect(await last?.withdraw()).toBe(false)
  expect(outcomes.at(-1)).toEqual([own, 'withdrawn', undefined])
  expect(line.status.unsent).toBeUndefined()
})

test('another tab is in front - it gets what is for one tab, and leads', async () => {
  const { line, push, setFront } = setUp()
  const heard: unknown[] = []
  line.subscribe('errors', ({ data }) => heard.push(data), { tab: 'one' })
  line.on('lead', (leads) => heard.push(leads))
  await push('errors', message('first'))
  await setFront(false)
  await push('errors', message('second'))
  await setFront(true)
  await push('errors', message('third'))
  expect(heard).toEqual([true, { message: 'first' }, false, true, { message: 'third' }])
})
