import { connect } from 'node:net'
import { io } from 'socket.io-client'
import { describe, expect, test as plain } from 'vitest'
import { WebSocket } from 'ws'
import { ACKNOWLEDGEMENTS, createAcknowledgements, createStore } from '../../demo/server/acknowledgements'
import { between, errorRow, eventAt, findErrorRow } from '../../demo/server/feed'
import { type Acknowledgement, type ErrorRow, PERIODS, periodOf } from '../../demo/server/rooms'
import { test } from './setup'

describe('events are a function of time', () => {
  plain('every room has an event per period, and gives the same one each time', () => {
    const now = 1_800_000_000_000
    for (const room of [...Object.keys(PERIODS), 'adw-state/42']) {
      const period = periodOf(room) ?? 0
      const minute = between(room, now - 60_000, now)
      expect(minute.length).toBeGreaterThanOrEqual(Math.floor(60_000 / period))
      for (const [index, { at }] of minute.entries()) {
        expect(at).toBeGreaterThanOrEqual(now - 60_000)
        expect(eventAt(room, at / period, period).data).toEqual(minute[index])
        if (index > 0) expect(at - (minute[index - 1]?.at ?? 0)).toBe(period)
      }
      expect(between(room, now - 30_000, now)).toEqual(minute.filter(({ at }) => at >= now - 30_000))
    }
  })

  plain('an unknown room has no history', () => {
    expect(between('kitchen', 0, Date.now())).toEqual([])
  })

  plain('the history of one request is bounded', () => {
    expect(between('tmux', 0, 1_800_000_000_000).length).toBeLessThanOrEqual(400)
  })
})

describe('errors are acknowledged once', () => {
  const tick = Math.floor(Date.now() / PERIODS.errors)
  const at = tick * PERIODS.errors

  plain('the first acknowledgement of an error counts, and is the answer to all', async () => {
    const saved: Acknowledgement[] = []
    const told: ErrorRow[] = []
    const parts = { find: findErrorRow, onNew: (row: ErrorRow) => told.push(row) }
    const store = createStore([], (each) => saved.push(each))
    const { answer, repeats } = createAcknowledgements({ store, ...parts })
    const first = await answer({ row: `errors:${tick}`, tab: 'one' })
    expect(first).toEqual({ row: `errors:${tick}`, tab: 'one', at: expect.any(Number) })
    expect(await answer({ row: `errors:${tick}`, tab: 'two' })).toEqual(first)
    expect(told).toEqual([{ ...errorRow(`errors:${tick}`, at), revision: 1, acknowledged: first }])
    expect([saved, repeats()]).toEqual([[first], 1])

    const next = createAcknowledgements({ store: createStore(saved, () => {}), ...parts })
    expect(await next.answer({ row: `errors:${tick}`, tab: 'two' })).toEqual(first)
  })

  plain('what is not an error, or is too old, is refused', async () => {
    const store = createStore([], () => {})
    const { answer } = createAcknowledgements({ store, find: findErrorRow, onNew: () => {} })
    for (const row of [`errors:${tick + 1000}`, `errors:${tick - 10_000}`, 'errors:1e9', 'stats:1', 'x'])
      expect(await answer({ row, tab: 'one' })).toEqual({
        error: 'There is no such error, or it is too old.',
      })
    for (const request of [undefined, null, 7, {}, { row: 'errors:1' }, { row: {}, tab: 'one' }])
      expect(await answer(request)).toEqual({
        error: 'An acknowledgement needs the id of an error, and that of the tab.',
      })
  })

  plain('the history has what was acknowledged, also of errors before its time', async () => {
    const store = createStore([], () => {})
    const { answer, mergeInto } = createAcknowledgements({ store, find: findErrorRow, onNew: () => {} })
    const [earlier, later] = [errorRow(`errors:${tick - 30}`, at - 57_000), errorRow(`errors:${tick}`, at)]
    const answers = [
      await answer({ row: later.id, tab: 'one' }),
      await answer({ row: earlier.id, tab: 'one' }),
    ]
    expect(await mergeInto([later], Date.now() - 1000, Date.now())).toEqual([
      { ...earlier, revision: 1, acknowledged: answers[1] },
      { ...later, revision: 1, acknowledged: answers[0] },
    ])
    expect(await mergeInto([], Date.now() - 60_000, Date.now() - 10_000)).toEqual([])
  })

  plain('the number of acknowledgements is bounded', async () => {
    const store = createStore([], () => {})
    for (let row = 0; row < ACKNOWLEDGEMENTS + 3; row += 1)
      await store.add({ row: `errors:${row}`, at, tab: 'one' })
    const all = await store.all()
    expect([all.length, all[0]?.row]).toEqual([ACKNOWLEDGEMENTS, 'errors:3'])
  })
})

test('the history has the same events as came live', async ({ demo }) => {
  const { token } = await (await fetch(`${demo.url}/api/token/refresh`, { method: 'POST' })).json()
  const socket = io(demo.url, { auth: { token }, query: { by: 'per-tab' } })
  const received: { id: string; at: number }[] = []
  socket.on('update', ({ data }) => received.push(data))
  socket.on('connect', () => socket.emit('join_room', { room: 'tmux' }))
  await expect.poll(() => received.length).toBeGreaterThan(4)
  socket.close()
  const [first, last] = [received[0]?.at, received.at(-1)?.at]
  const history = await (await fetch(`${demo.url}/api/history?rooms=tmux&from=${first}&to=${last}`)).json()
  expect(history).toEqual({ tmux: received })
})

test('a handshake without a valid token is refused, and joins are acknowledged or denied', async ({
  demo,
}) => {
  const refused = io(demo.url, { auth: { token: 'made-up' }, query: { by: 'per-tab' }, reconnection: false })
  const error = await new Promise<Error & { data?: unknown }>((resolve) =>
    refused.once('connect_error', resolve),
  )
  expect([error.message, error.data]).toEqual(['invalid token', { status: 401 }])

  const { token } = await (await fetch(`${demo.url}/api/token/refresh`, { method: 'POST' })).json()
  const socket = io(demo.url, { auth: { token }, query: { by: 'per-tab' } })
  const join = (room: unknown) => socket.timeout(2000).emitWithAck('join_room', { room })
  expect(await join('stats')).toEqual({ ok: true })
  expect(await join('vault')).toEqual({ error: 'Only the night shift may open the vault.' })
  for (const room of ['kitchen', 'adw-state/../x', 7, null])
    expect(await join(room)).toEqual({ error: 'There is no such room.' })
  socket.close()
})

test('an endpoint refuses with a code after it was accepted, and sends frames to others', async ({
  demo,
}) => {
  const { token } = await (await fetch(`${demo.url}/api/token/refresh`, { method: 'POST' })).json()
  const dial = (path: string) => new WebSocket(`${demo.url.replace('http', 'ws')}/api/v1/ws/${path}`)
  const closed = (path: string) =>
    new Promise((resolve) => dial(path).once('close', (code, reason) => resolve([code, String(reason)])))
  expect(await closed('stats?token=made-up')).toEqual([4401, 'invalid token'])
  expect(await closed(`vault?token=${token}`)).toEqual([4403, 'Only the night shift may open the vault.'])
  expect(await closed(`kitchen?token=${token}`)).toEqual([4404, 'There is no such room.'])
  const socket = dial(`tmux?token=${token}&by=per-tab`)
  const frame = await new Promise((resolve) =>
    socket.once('message', (data) => resolve(JSON.parse(String(data)))),
  )
  expect(frame).toEqual({ type: 'line', data: expect.objectContaining({ pane: expect.any(Number) }) })
  socket.close()
})

test('invalid messages and requests do no harm', async ({ demo }) => {
  const { startedAt } = await demo.counts()
  const { token } = await (await fetch(`${demo.url}/api/token/refresh`, { method: 'POST' })).json()
  const socket = io(demo.url, { auth: { token }, query: { by: 'per-tab' } })
  for (const name of ['join_room', 'leave_room'])
    for (const request of [undefined, null, 7, 'stats', { room: {} }, { room: ['stats'] }])
      socket.emit(name, request, { not: 'a function' })
  expect(await socket.timeout(2000).emitWithAck('join_room', null)).toEqual({
    error: 'There is no such room.',
  })
  for (const request of [undefined, null, 7, { row: {} }])
    socket.emit('errors:acknowledge', request, 'id', { not: 'a function' })
  expect(await socket.timeout(2000).emitWithAck('errors:acknowledge', { row: 'x', tab: 'y' }, 'id')).toEqual({
    error: 'There is no such error, or it is too old.',
  })
  socket.close()

  const endpoint = new WebSocket(
    `${demo.url.replace('http', 'ws')}/api/v1/ws/errors?token=${token}&by=per-tab`,
  )
  await new Promise((resolve) => endpoint.once('open', resolve))
  for (const frame of ['', 'null', '7', '[]', '{"type":"errors:acknowledge"', '{"type":"unknown"}'])
    endpoint.send(frame)
  endpoint.send(JSON.stringify({ type: 'errors:acknowledge', data: { row: 'x', tab: 'y' }, id: 'id' }))
  const reply = await new Promise((resolve) =>
    endpoint.on('message', (data) => {
      const frame = JSON.parse(String(data))
      if (frame.id !== undefined) resolve(frame)
    }),
  )
  expect(reply).toEqual({ type: 'answer', id: 'id', error: 'There is no such error, or it is too old.' })
  endpoint.send('x'.repeat(5000))
  expect(await new Promise((resolve) => endpoint.once('close', resolve))).toBe(1009)

  const raw = (line: string) =>
    new Promise<string>((resolve, reject) => {
      const wire = connect(Number(new URL(demo.url).port), '127.0.0.1')
      wire.once('data', (chunk) => {
        wire.destroy()
        resolve(chunk.toString().split('\r\n')[0] ?? '')
      })
      wire.once('error', reject)
      wire.write(`${line} HTTP/1.1\r\nhost: localhost\r\n\r\n`)
    })
  expect(await raw('OPTIONS *')).toContain('HTTP/1.1')
  expect(await raw('GET //')).toContain('404')
  expect(await raw('GET /../../package.json')).toContain('404')
  expect(await raw('GET /api/history?from=x')).toContain('404')
  expect(await raw('POST /api/faults/constructor')).toContain('404')
  expect((await demo.counts()).startedAt).toBe(startedAt)
})
