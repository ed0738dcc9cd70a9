import { expect } from 'vitest'
import { sendFrom } from '../support/send'
import { type Bench, isLive, type Tab, test } from '../support/setup'

/** A Node server speaks as Rails and AnyCable do. */

const serveCable = (bench: Bench, options: object) =>
  bench.serve({ retry: { first: 20, every: 50 }, grace: 2000, ...options }, 'cable')
const EXTENDED = { protocol: 'actioncable-v1-ext-json', every: 50 } as const

const id = (channel: string, params: object = {}) => JSON.stringify({ channel, ...params })
const row = (n: number) => ({ type: 'row', data: { n } })
const ERRORS = id('ErrorsChannel')
const STATS = id('StatsChannel')
const TMUX = id('TmuxChannel')

/** What the tab received: the data of events, and the causes of gaps. */
const received = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().map((each) => ('cause' in each ? each.cause : (each.data as { n?: number } | null)?.n)),
  )
const status = (tab: Tab) => tab.run(({ line: { status } }) => [status.state, status.error?.reason])
const state = async (tab: Tab) => (await status(tab))[0]
const counters = async (tab: Tab) => (await tab.run(({ line }) => line.inspect())).counters

test('two tabs on an Action Cable server - one connection, each room subscribed once, and events without pings', async ({
  bench,
}) => {
  const server = await bench.cableServer({ every: 50 })
  serveCable(bench, { url: await server.url() })
  const one = await bench.page({ panels: ['errors'] })
  const other = await bench.frame({ panels: ['errors', 'overview'] })
  const tabs = [one, other]
  for (const tab of tabs) await isLive(tab)
  await isLive(other, 'overview')
  const posts = await one.run((tab) => tab.posts())
  const { system = 0 } = await counters(one)
  await server.broadcast(ERRORS, row(1))
  await server.broadcast(ERRORS, { n: 2 })
  for (const tab of tabs) await expect.poll(() => received(tab)).toEqual([1, 2])
  expect(await one.run(({ events }) => events)).toMatchObject([
    { panel: 'errors', room: 'ErrorsChannel', name: 'row', data: { n: 1 }, replayed: false },
    { room: 'ErrorsChannel', name: 'ErrorsChannel', data: { n: 2 } },
  ])
  // Pings are not even messages.
  expect((await counters(one)).system).toBe(system)
  expect((await one.run((tab) => tab.posts())) - posts).toBe(2)
  const { connections, identifiers } = await server.state()
  expect(identifiers).toEqual([[id('ActivityChannel'), ERRORS, STATS]])
  expect(connections).toHaveLength(1)
  expect(connections[0]?.offered).toEqual([
    'actioncable-v1-ext-json',
    'actioncable-v1-json',
    'actioncable-unsupported',
  ])
  expect(connections[0]?.commands.toSorted()).toEqual(
    [id('ActivityChannel'), ERRORS, STATS].map((each) => `subscribe ${each}`),
  )
  await other.run(({ line }) => line.close())
  await expect.poll(async () => (await server.state()).identifiers).toEqual([[ERRORS, STATS]])
  expect((await server.state()).connections[0]?.pongs).toBe(0)
})

test('ten rooms of one channel in two tabs - ten subscriptions, and each event goes to its own room', async ({
  bench,
}) => {
  const server = await bench.cableServer()
  serveCable(bench, { url: await server.url() })
  const tabs = [await bench.page({ panels: ['chats'] }), await bench.frame({ panels: ['chats'] })]
  for (const tab of tabs) await isLive(tab, 'chats')
  const [connection, ...others] = (await server.state()).connections
  expect(others).toEqual([])
  const chats = Array.from({ length: 10 }, (_, index) => id('ChatChannel', { id: index + 1 }))
  expect(connection?.commands).toEqual(chats.map((chat) => `subscribe ${chat}`))
  await server.broadcast(chats[6] ?? '', row(7))
  for (const tab of tabs)
    await expect
      .poll(() => tab.run(({ events }) => events.map(({ room }) => room)))
      .toEqual(['ChatChannel:{"id":7}'])
})

test('rooms that an app names by itself - the server gets the parameters of its function', async ({
  bench,
}) => {
  const server = await bench.cableServer()
  serveCable(bench, { url: await server.url(), oneChannel: true })
  const tab = await bench.page({ panels: ['tmux'] })
  await isLive(tab, 'tmux')
  const identifier = id('RoomChannel', { room: 'TmuxChannel' })
  expect((await server.state()).identifiers).toEqual([[identifier]])
  await server.broadcast(identifier, row(1))
  await expect.poll(() => received(tab)).toEqual([1])
})

test('the server rejects a subscription - the panels of this room are denied, and the others are live', async ({
  bench,
}) => {
  const server = await bench.cableServer({ forbidden: ['SecretChannel'] })
  serveCable(bench, { url: await server.url() })
  const tab = await bench.page({ panels: ['vault', 'errors'] })
  await isLive(tab)
  await expect.poll(() => tab.run(({ line }) => line.panel('vault').state)).toBe('denied')
  expect(await tab.run(({ log }) => log.denied)).toEqual([
    { room: 'SecretChannel', reason: 'denied', panels: ['vault'] },
  ])
})

test('two pings are missing - the connection is dropped, and another is made', async ({ bench }) => {
  const server = await bench.cableServer({ every: 100 })
  serveCable(bench, { url: await server.url(), keepalive: { every: 1000, misses: 2 } })
  const tab = await bench.page({ panels: ['tmux'] })
  await isLive(tab, 'tmux')
  await new Promise((done) => setTimeout(done, 3500))
  expect((await server.state()).connections).toHaveLength(1)
  await server.silence(true)
  await expect.poll(async () => (await server.state()).connections.length).toBeGreaterThan(1)
  await server.silence(false)
  await isLive(tab, 'tmux')
})

test('the server says unauthorized, and closes with 1000 - unauthorized after one fresh token, and no storm', async ({
  bench,
}) => {
  const server = await bench.cableServer({ tokens: ['another'] })
  const url = await server.url()
  serveCable(bench, { url, tokenUrl: `${url}/token` })
  const tab = await bench.page({ panels: ['tmux'] })
  await expect.poll(() => status(tab)).toEqual(['unauthorized', 'refused'])
  await new Promise((done) => setTimeout(done, 300))
  const { connections, issued } = await server.state()
  expect(connections.map(({ token }) => token)).toEqual(['token-1', 'token-2'])
  expect(issued).toBe(2)
  await server.setTokens(['token-3'])
  await tab.run(({ line }) => line.retry())
  await isLive(tab, 'tmux')
})

test('the server says that a token has expired - one fresh token, and the line is back', async ({
  bench,
}) => {
  const server = await bench.cableServer({ tokens: ['token-1'] })
  const url = await server.url()
  serveCable(bench, { url, tokenUrl: `${url}/token` })
  const tab = await bench.page({ panels: ['tmux'] })
  await isLive(tab, 'tmux')
  await server.setTokens(['token-2'])
  await server.disconnect('token_expired', false)
  await expect.poll(async () => (await server.state()).connections[1]?.commands.length).toBe(1)
  await expect.poll(async () => (await server.state()).connected).toBe(1)
  await isLive(tab, 'tmux')
  expect(await state(tab)).toBe('online')
  expect((await server.state()).issued).toBe(2)
})

test('the server restarts, and says so - it is retried like any loss, with the wanted rooms, and a gap before the next event', async ({
  bench,
}) => {
  const server = await bench.cableServer()
  serveCable(bench, { url: await server.url() })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.broadcast(ERRORS, row(1))
  await expect.poll(() => received(tab)).toEqual([1])
  await server.disconnect('server_restart', true)
  await expect.poll(async () => (await server.state()).connections[1]?.commands.length).toBe(2)
  await isLive(tab)
  await server.broadcast(ERRORS, row(2))
  await expect.poll(() => received(tab)).toEqual([1, 'link', 2])
  const { connections } = await server.state()
  expect(connections).toHaveLength(2)
  expect(connections[1]).toMatchObject({
    commands: [`subscribe ${ERRORS}`, `subscribe ${STATS}`],
    histories: [],
  })
})

test('the server wants no further attempt - nothing is tried until somebody asks for it', async ({
  bench,
}) => {
  const server = await bench.cableServer()
  const url = await server.url()
  serveCable(bench, { url, tokenUrl: `${url}/token` })
  const tab = await bench.page({ panels: ['tmux'] })
  await isLive(tab, 'tmux')
  await server.disconnect('remote', false)
  await expect.poll(() => status(tab)).toEqual(['unauthorized', 'refused'])
  const { error, nextTryAt } = await tab.run(({ line }) => line.status)
  expect([error?.message, nextTryAt]).toEqual(['disconnected: remote', undefined])
  await tab.run(() => void document.dispatchEvent(new Event('visibilitychange')))
  await tab.run(() => void dispatchEvent(new Event('online')))
  await new Promise((done) => setTimeout(done, 700))
  expect(await server.state()).toMatchObject({ connections: [{}], issued: 1 })
  await tab.run(({ line }) => line.retry())
  await isLive(tab, 'tmux')
  expect((await server.state()).connections).toHaveLength(2)
})

test("messages of a channel that are named like the protocol's - the app gets them, and only its keepalives reach nobody", async ({
  bench,
}) => {
  const server = await bench.cableServer()
  serveCable(bench, { url: await server.url() })
  const tab = await bench.page({ panels: ['tmux'] })
  await isLive(tab, 'tmux')
  for (const type of ['ping', 'keepalive', 'heartbeat']) await server.broadcast(TMUX, { type })
  const types = ['welcome', 'disconnect', 'confirm_subscription', 'reject_subscription', 'room_denied']
  for (const type of types) await server.broadcast(TMUX, { type, reason: 'unauthorized' })
  await expect.poll(() => tab.run(({ events }) => events.map(({ name }) => name))).toEqual(types)
  expect(await tab.run(({ line }) => line.panel('tmux').state)).toBe('live')
  // Nor does the last of them explain the loss that follows.
  await server.broadcast(TMUX, { type: 'unauthorized' })
  await server.cut()
  await expect.poll(async () => (await server.state()).connected).toBe(1)
  await isLive(tab, 'tmux')
  const states = await tab.run(({ log }) => log.status.map(({ error }) => error?.reason))
  expect(states).toContain('link-lost')
  expect(states).not.toContain('refused')
})

test('a channel orders a reload - every tab gets the order', async ({ bench }) => {
  const server = await bench.cableServer()
  serveCable(bench, { url: await server.url() })
  const tabs = [await bench.page({ panels: ['tmux'] }), await bench.frame()]
  for (const tab of tabs) await expect.poll(() => state(tab)).toBe('online')
  await isLive(tabs[0] as Tab, 'tmux')
  await server.broadcast(TMUX, { type: 'reload', payload: { message: 'new version' } })
  for (const tab of tabs)
    await expect
      .poll(() => tab.run(({ log }) => log.reload))
      .toEqual([{ reason: 'broadcast', message: 'new version' }])
})

/** A tab that has received an event and a ping of an AnyCable server, so that it can ask for what comes later. */
async function openExtended(bench: Bench) {
  const server = await bench.cableServer(EXTENDED)
  serveCable(bench, { url: await server.url() })
  const tab = await bench.page({ panels: ['tmux'] })
  await isLive(tab, 'tmux')
  await server.broadcast(TMUX, row(1))
  await expect.poll(() => received(tab)).toEqual([1])
  await expect.poll(async () => (await server.state()).connections[0]?.pongs).toBeGreaterThan(0)
  return { server, tab }
}

test('AnyCable sends again what was missed - no gap, nothing twice, and in order, although a new message comes first', async ({
  bench,
}) => {
  const { server, tab } = await openExtended(bench)
  await server.stop()
  await server.forget('sessions')
  await expect.poll(() => state(tab)).toBe('offline')
  await server.broadcast(TMUX, row(2))
  await server.broadcast(TMUX, row(3))
  await server.race(TMUX, row(4))
  await server.start()
  await expect.poll(() => received(tab)).toEqual([1, 2, 3, 4])
  await server.broadcast(TMUX, row(5))
  await expect.poll(() => received(tab)).toEqual([1, 2, 3, 4, 5])
  const { connections } = await server.state()
  expect(connections).toHaveLength(2)
  expect(connections[1]).toMatchObject({
    sid: 'session 1',
    commands: [`subscribe ${TMUX}`],
    histories: [
      { since: expect.any(Number), streams: { [`stream of ${TMUX}`]: { epoch: 'epoch 1', offset: 1 } } },
    ],
  })
})

test('AnyCable has lost its history - one gap, before what comes next', async ({ bench }) => {
  const { server, tab } = await openExtended(bench)
  await server.stop()
  await server.forget('sessions')
  await server.forget('history')
  await expect.poll(() => state(tab)).toBe('offline')
  await server.broadcast(TMUX, row(2))
  await server.race(TMUX, row(3))
  await server.start()
  await expect.poll(() => received(tab)).toEqual([1, 'link', 3])
  await server.broadcast(TMUX, row(4))
  await expect.poll(() => received(tab)).toEqual([1, 'link', 3, 4])
})

test('AnyCable restores the session - no second subscription, no gap, and a room that was left meanwhile is left', async ({
  bench,
}) => {
  const { server, tab } = await openExtended(bench)
  const other = await bench.page({ panels: ['overview'] })
  await isLive(other, 'overview')
  await server.stop()
  await expect.poll(() => state(tab)).toBe('offline')
  await other.run(({ stops }) => stops[0]?.())
  await expect
    .poll(async () => (await tab.run(({ line }) => line.inspect())).rooms.map(({ room }) => room))
    .toEqual(['TmuxChannel'])
  await server.broadcast(TMUX, row(2))
  await server.start()
  await expect.poll(() => received(tab)).toEqual([1, 2])
  await expect.poll(async () => (await server.state()).identifiers).toEqual([[TMUX]])
  const { connections } = await server.state()
  expect(connections).toHaveLength(2)
  expect(connections[1]?.sid).toBe('session 1')
  expect(connections[1]?.commands).toEqual([
    `history ${TMUX}`,
    `unsubscribe ${STATS}`,
    `unsubscribe ${id('ActivityChannel')}`,
  ])
  expect(await tab.run(({ log }) => log.gap)).toEqual([])
})

test('messages of a page - each calls a method of the channel of its room, and is done once it has left', async ({
  bench,
}) => {
  const server = await bench.cableServer({ forbidden: ['SecretChannel'] })
  serveCable(bench, { url: await server.url() })
  const tab = await bench.page({ panels: ['errors', 'vault'] })
  await isLive(tab)
  const messages = async () => (await server.state()).connections.flatMap((each) => each.messages)
  expect(await sendFrom(tab, 'speak', { room: 'ErrorsChannel', n: 1 })).toEqual({ answer: undefined })
  // The name is that of the call, whatever the payload says.
  await sendFrom(tab, 'speak', { room: 'StatsChannel', action: 'unsubscribed' })
  const sent = [
    [ERRORS, { room: 'ErrorsChannel', n: 1, action: 'speak' }],
    [STATS, { room: 'StatsChannel', action: 'speak' }],
  ]
  await expect.poll(messages).toEqual(sent)
  // Nobody wants the one, and the server has denied the other.
  for (const room of ['TmuxChannel', 'SecretChannel'])
    expect(await sendFrom(tab, 'speak', { room })).toMatchObject({
      reason: 'not-sent',
      message: expect.stringContaining(`"${room}"`),
    })
  expect(await sendFrom(tab, 'speak', { room: 'ErrorsChannel' }, { keep: true })).toMatchObject({
    reason: 'bad-argument',
    message: expect.stringContaining('cannot be kept'),
  })
  expect(await messages()).toEqual(sent)
})
