import { expect, onTestFinished } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'

const serveWebSocket = (bench: Bench, options: object) => bench.serve(options, 'websocket')
const QUICK = { retry: { first: 20, every: 50 }, grace: 2000 }

/** What the tab received: the data of events, and the causes of gaps. */
const received = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().map((each) => ('cause' in each ? each.cause : (each.data as { n?: number } | null)?.n)),
  )
const state = (tab: Tab) => tab.run(({ line }) => line.status.state)
const reason = (tab: Tab) => tab.run(({ line }) => line.status.error?.reason)

test('two tabs on a plain WebSocket server - one connection, each room subscribed once, and events without keepalives', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  const one = await bench.page({ panels: ['errors'] })
  const other = await bench.frame({ panels: ['errors', 'overview'] })
  const tabs = [one, other]
  for (const tab of tabs) await isLive(tab)
  for (let n = 1; n <= 3; n += 1) {
    await server.broadcast({ type: 'keepalive', data: null })
    await server.emit('errors', { type: 'row', room: 'errors', data: { n } })
  }
  for (const tab of tabs) await expect.poll(() => received(tab)).toEqual([1, 2, 3])
  const [first] = await one.run(({ events }) => events)
  expect(first).toMatchObject({
    panel: 'errors',
    room: 'errors',
    name: 'row',
    data: { n: 1 },
    replayed: false,
  })
  const { connections, rooms } = await server.state()
  expect(rooms).toEqual([['activity', 'errors', 'stats']])
  expect(connections.map(({ asked }) => asked.toSorted())).toEqual([
    ['subscribe activity', 'subscribe errors', 'subscribe stats'],
  ])
  await other.run(({ line }) => line.close())
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
})

test('the server restarts - exactly the wanted rooms are subscribed again, once, and a gap comes before the next event', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors', 'tmux'] })
  await isLive(tab, 'tmux')
  await server.emit('errors', { type: 'row', room: 'errors', data: { n: 1 } })
  await expect.poll(() => received(tab)).toEqual([1])
  await server.stop()
  await expect.poll(() => state(tab)).toBe('offline')
  expect(await tab.run(({ line }) => line.panel('errors').state)).toBe('stale')
  await server.start()
  await isLive(tab, 'tmux')
  await isLive(tab)
  await server.emit('errors', { type: 'row', room: 'errors', data: { n: 2 } })
  await expect.poll(() => received(tab)).toEqual([1, 'link', 2])
  const { connections } = await server.state()
  expect(connections.at(-1)?.asked.toSorted()).toEqual([
    'subscribe errors',
    'subscribe stats',
    'subscribe tmux',
  ])
})

test('the server denies a room - the panel says so with its words, and the others are live', async ({
  bench,
}) => {
  const server = await bench.websocketServer({ forbidden: ['secret'] })
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['vault', 'errors'] })
  await isLive(tab)
  await expect.poll(() => tab.run(({ line }) => line.panel('vault').state)).toBe('denied')
  expect(await tab.run(({ log }) => log.denied)).toEqual([
    { room: 'secret', reason: 'forbidden', panels: ['vault'] },
  ])
})

for (const tokenIn of ['query', 'protocol', 'message'] as const)
  test(`the token goes into the ${tokenIn} - a fresh one for each connection`, async ({ bench }) => {
    const server = await bench.websocketServer({ tokenIn, tokens: ['token-1', 'token-2'] })
    const url = await server.url()
    serveWebSocket(bench, { url, tokenIn, tokenUrl: `${url}/token`, ...QUICK })
    const tab = await bench.page({ panels: ['errors'] })
    await isLive(tab)
    await server.close(1012, 'restart')
    await expect.poll(async () => (await server.state()).connections.length).toBe(2)
    await isLive(tab)
    const { connections } = await server.state()
    if (tokenIn !== 'message') expect(connections.map(({ token }) => token)).toEqual(['token-1', 'token-2'])
    expect((await server.state()).issued).toBe(2)
  })

test('a token expires: the server closes with 4401 - one fresh token, and the line is back without an error', async ({
  bench,
}) => {
  const server = await bench.websocketServer({ tokens: ['token-1'] })
  const url = await server.url()
  serveWebSocket(bench, { url, tokenUrl: `${url}/token`, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.setTokens(['token-2'])
  await server.close(4401, 'token expired')
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await isLive(tab)
  expect(await state(tab)).toBe('online')
  expect((await server.state()).issued).toBe(2)
})

for (const refuses of ['after', 'before'] as const)
  test(`the server refuses every token ${refuses} it accepts the connection - unauthorized after one fresh token, and no storm`, async ({
    bench,
  }) => {
    const server = await bench.websocketServer({ tokens: ['another'], refuses })
    const url = await server.url()
    serveWebSocket(bench, { url, tokenUrl: `${url}/token`, probe: `${url}/me`, ...QUICK })
    const tab = await bench.page({ panels: ['errors'] })
    await expect.poll(() => state(tab)).toBe('unauthorized')
    expect(await reason(tab)).toBe('refused')
    expect(JSON.stringify(await tab.run(({ line }) => line.inspect()))).not.toContain('token-')
    await new Promise((done) => setTimeout(done, 500))
    expect((await server.state()).attempts).toBe(2)
    await server.setTokens(['token-3'])
    await tab.run(({ line }) => line.retry())
    await isLive(tab)
  })

test('a connection cannot be opened, and no address tells why - it is retried as a lost one', async ({
  bench,
}) => {
  const server = await bench.websocketServer({ tokens: ['another'], refuses: 'before' })
  const url = await server.url()
  serveWebSocket(bench, { url, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => state(tab)).toBe('offline')
  expect(await reason(tab)).toBe('link-lost')
  await expect.poll(async () => (await server.state()).attempts).toBeGreaterThan(2)
})

test('a half-open connection - a ping is not answered, and another connection is made', async ({ bench }) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, {
    url: await server.url(),
    ping: { every: 1000, message: { type: 'ping' } },
    ...QUICK,
  })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  expect((await server.state()).connections).toHaveLength(1)
  await server.silence()
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await isLive(tab)
})

test('arrays of frames, frames on lines, bytes, and what cannot be read - each readable frame arrives, and the rest is counted', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  const frame = (n: number) => JSON.stringify({ type: 'row', room: 'errors', data: { n } })
  await server.sendRaw(`[${frame(1)},${frame(2)}]`)
  await server.sendRaw(`${frame(3)}\n${frame(4)}\n`)
  await server.sendRaw('no json')
  await server.sendRaw([...new TextEncoder().encode(frame(5))])
  await server.sendRaw('[1, null]')
  await server.sendRaw(frame(6))
  await expect.poll(() => received(tab)).toEqual([1, 2, 3, 4, 5, 6])
  const { counters } = await tab.run(({ line }) => line.inspect())
  expect(counters.malformed).toBe(1)
  await expect
    .poll(() => bench.consoleMessages.filter((text) => text.includes('could not be read')))
    .toHaveLength(1)
  expect((await server.state()).connections).toHaveLength(1)
})

test('binary frames through a decode function of the app', async ({ bench }) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), binary: true, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  const text = new TextEncoder().encode(JSON.stringify({ type: 'row', room: 'errors', data: { n: 1 } }))
  await server.sendRaw([text.length, ...text])
  await expect.poll(() => received(tab)).toEqual([1])
})

test('a server that broadcasts {type, payload} orders a reload - every tab gets the order', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame()]
  for (const tab of tabs) await expect.poll(() => state(tab)).toBe('online')
  await server.broadcast({ type: 'reload', payload: { message: 'new version' } })
  for (const tab of tabs)
    await expect
      .poll(() => tab.run(({ log }) => log.reload))
      .toEqual([{ reason: 'broadcast', message: 'new version' }])
})

test('a lone tab reloads, and the worker dies - its rooms are subscribed again, and what may be missing is a gap', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.emit('errors', { type: 'row', room: 'errors', data: { n: 1 } })
  await expect.poll(() => received(tab)).toEqual([1])
  await tab.reload()
  await isLive(tab)
  bench.worker('die')
  await expect.poll(() => received(tab)).toContain('worker')
  await isLive(tab)
  await server.emit('errors', { type: 'row', room: 'errors', data: { n: 2 } })
  await expect.poll(async () => (await received(tab)).at(-1)).toBe(2)
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
})

test('the user signs out - the connection ends, and no other is made', async ({ bench }) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['errors'] })]
  for (const tab of tabs) await isLive(tab)
  await tabs[0]?.run(({ line }) => line.signOut())
  for (const tab of tabs) await expect.poll(() => state(tab)).toBe('closed')
  await expect.poll(async () => (await server.state()).connected).toBe(0)
})

test('a new build takes over - one connection after the other, and a gap, because such a server recovers nothing', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  bench.deploy('one')
  const old = await bench.page({ panels: ['errors'] })
  await isLive(old)
  await server.emit('errors', { type: 'row', room: 'errors', data: { n: 1 } })
  await expect.poll(() => received(old)).toEqual([1])
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  for (const tab of [old, next]) await isLive(tab)
  await server.emit('errors', { type: 'row', room: 'errors', data: { n: 2 } })
  await expect.poll(() => received(old)).toEqual([1, 'worker', 2])
  const { connections, connected } = await server.state()
  expect([connections.length, connected]).toEqual([2, 1])
  expect(connections[1]?.openedAt).toBeGreaterThanOrEqual(connections[0]?.closedAt as number)
})

test('a wrong option - every page hears what is wrong', async ({ bench }) => {
  serveWebSocket(bench, { url: '/ws', tokenIn: 'header' })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.status.error?.message)).toContain('"tokenIn" should be')
  onTestFinished(() => tab.close())
})

test('the server keeps numbered events - what came during an outage arrives in order, once, and no gap is told', async ({
  bench,
}) => {
  const server = await bench.websocketServer({ keeps: 100 })
  serveWebSocket(bench, { url: await server.url(), resumes: true, ...QUICK })
  const tab = await bench.page({ panels: ['tmux'] })
  await isLive(tab, 'tmux')
  const emit = (n: number) => server.emit('tmux', { type: 'row', room: 'tmux', data: { n } })
  await emit(1)
  await expect.poll(() => received(tab)).toEqual([1])
  await server.stop()
  await expect.poll(() => state(tab)).toBe('offline')
  await emit(2)
  await emit(3)
  await server.start()
  await isLive(tab, 'tmux')
  await emit(4)
  await expect.poll(() => received(tab)).toEqual([1, 2, 3, 4])
})

test('the server does not keep enough events - the outage is a gap, and later events arrive once', async ({
  bench,
}) => {
  const server = await bench.websocketServer({ keeps: 2 })
  serveWebSocket(bench, { url: await server.url(), resumes: true, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  const emit = (n: number) => server.emit('errors', { type: 'row', room: 'errors', data: { n } })
  await emit(1)
  await expect.poll(() => received(tab)).toEqual([1])
  await server.stop()
  await expect.poll(() => state(tab)).toBe('offline')
  for (const n of [2, 3, 4, 5]) await emit(n)
  await server.start()
  await isLive(tab)
  await emit(6)
  await expect.poll(() => received(tab)).toEqual([1, 'link', 6])
})

test('a close code that the app calls final - nothing is tried until somebody asks for it', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), final: [4000], ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.close(4000, 'this account is closed')
  await expect.poll(() => state(tab)).toBe('unauthorized')
  const { error, nextTryAt } = await tab.run(({ line }) => line.status)
  expect(error).toMatchObject({ reason: 'refused', message: 'closed with 4000: this account is closed' })
  expect(nextTryAt).toBeUndefined()
  await tab.run(() => void document.dispatchEvent(new Event('visibilitychange')))
  await new Promise((done) => setTimeout(done, 300))
  expect((await server.state()).attempts).toBe(1)
  await tab.run(({ line }) => line.retry())
  await isLive(tab)
})

test('the server says that it refuses the user, and closes with a code that says nothing - it is a refusal', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  const url = await server.url()
  serveWebSocket(bench, { url, tokenUrl: `${url}/token`, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.broadcast({ type: 'error', message: 'Token has expired' })
  await server.close(1011, '')
  await expect.poll(async () => (await server.state()).issued).toBe(2)
  await isLive(tab)
  const { connections } = await server.state()
  expect(connections.map(({ token }) => token)).toEqual(['token-1', 'token-2'])
  expect(await tab.run(({ log }) => log.status.map(({ error }) => error?.reason))).toContain('refused')
})

/** Sends a message as untyped code does. */
const send = (tab: Tab, name: string, payload: unknown, timeout = 5000) =>
  tab.run(({ send }, name, payload, timeout) => send(name, payload, { timeout }), name, payload, timeout)

test('messages of pages - acknowledged by the frame with their id, refused with words, or unanswered', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  expect(await send(tab, 'alarm:ack', { n: 1 })).toEqual({ answer: { got: { n: 1 } } })
  // A field of the payload does not make another message of it.
  await send(tab, 'alarm:ack', { type: 'subscribe', room: 'secret', id: 'x' })
  await server.answer('alarm:ack', { value: { error: 'row 2 is closed' } })
  expect(await send(tab, 'alarm:ack', { n: 2 })).toEqual({ reason: 'refused', message: 'row 2 is closed' })
  await server.answer('alarm:ack', 'nothing')
  expect(await send(tab, 'alarm:ack', { n: 3 }, 100)).toMatchObject({ reason: 'unanswered' })
  expect(await send(tab, 'subscribe', { room: 'secret' })).toMatchObject({ reason: 'unknown-message' })
  const messages = await server.messages()
  expect(messages.map(({ name, payload }) => [name, payload])).toEqual([
    ['alarm:ack', { n: 1 }],
    ['alarm:ack', { type: 'subscribe', room: 'secret', id: 'x' }],
    ['alarm:ack', { n: 2 }],
    ['alarm:ack', { n: 3 }],
  ])
  expect(new Set(messages.map(({ id }) => id)).size).toBe(4)
  expect(await tab.run(({ events }) => events)).toEqual([])
})

test('the server is lost between a message and its answer - `unanswered`; while it is away, `not-sent`', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), retry: { first: 60_000, every: 60_000, jitter: 0 } })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.answer('alarm:ack', 'nothing')
  const lost = send(tab, 'alarm:ack', { n: 1 }, 60_000)
  await expect.poll(async () => (await server.messages()).length).toBe(1)
  await server.stop()
  expect(await lost).toMatchObject({ reason: 'unanswered' })
  expect(await send(tab, 'alarm:ack', { n: 2 })).toMatchObject({ reason: 'not-sent' })
})

test('a reload order comes while a message waits for its answer - the order and the answer both come', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.answer('alarm:ack', 'nothing')
  const answer = send(tab, 'alarm:ack', { n: 1 })
  await expect.poll(async () => (await server.messages()).length).toBe(1)
  await server.broadcast({ type: 'reload', message: 'v2' })
  await expect.poll(() => tab.run(({ log }) => log.reload.length)).toBe(1)
  const [{ id } = {}] = await server.messages()
  await server.broadcast({ type: 'done', id, data: 7 })
  expect(await answer).toEqual({ answer: 7 })
})
