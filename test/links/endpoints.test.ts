import { expect } from 'vitest'
import { sendFrom } from '../support/send'
import { type Bench, isLive, type Tab, test } from '../support/setup'

const serveWebSocket = (bench: Bench, options: object) => bench.serve(options, 'websocket')
const QUICK = { retry: { first: 20, every: 100 }, grace: 2000 }
const ROOMS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']

const state = (tab: Tab) => tab.run(({ line }) => line.status.state)
/** The panels of `websocket.worker.ts`; a tab's types are those of another dashboard. */
const panel = (tab: Tab, name: string | readonly string[]) =>
  tab.run(({ line }, ref) => line.panel(ref as 'errors'), name)
const rooms = async (tab: Tab): Promise<Readonly<Record<string, string>>> => (await panel(tab, 'wall')).rooms
const states = async (tab: Tab) =>
  Object.values(await rooms(tab))
    .toSorted()
    .join()
const received = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().map((each) =>
      'cause' in each
        ? `${each.cause} ${each.rooms.toSorted().join()}`
        : (each.data as { n?: number } | null)?.n,
    ),
  )
const connectedRooms = async (server: { state(): Promise<{ rooms: string[][] }> }) =>
  (await server.state()).rooms.flat().toSorted()

test('eight endpoints, five tabs - eight connections; the server dies - all eight are back, none twice', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const first = await bench.page({ panels: ['wall'] })
  const tabs = [first]
  for (let n = 1; n < 5; n += 1) tabs.push(await bench.frame({ panels: ['wall'] }))
  for (const tab of tabs) await isLive(tab, 'wall')
  expect(await connectedRooms(server)).toEqual(ROOMS)
  expect((await server.state()).attempts).toBe(8)
  await server.emit('c', { type: 'row', data: { n: 1 } })
  for (const tab of tabs) await expect.poll(() => received(tab)).toEqual([1])
  await server.stop()
  for (const tab of tabs) await expect.poll(() => state(tab)).toBe('offline')
  expect(await states(first)).toBe(Array(8).fill('stale').join())
  await server.start()
  for (const tab of tabs) await isLive(tab, 'wall')
  expect(await state(first)).toBe('online')
  expect(await connectedRooms(server)).toEqual(ROOMS)
  await server.emit('c', { type: 'row', data: { n: 2 } })
  for (const tab of tabs) {
    await expect.poll(async () => (await received(tab)).at(-1)).toBe(2)
    const gaps = (await received(tab)).slice(1, -1).map(String)
    expect(gaps.flatMap((gap) => gap.replace('link ', '').split(',')).toSorted()).toEqual(ROOMS)
  }
})

test('one of eight endpoints answers 403 before it accepts - seven live, one denied, no storm', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  const url = await server.url()
  await server.refuse('d', 403)
  serveWebSocket(bench, { rooms: `${url}/room`, probes: `${url}/room-access`, ...QUICK })
  const tab = await bench.page({ panels: ['wall'] })
  await expect.poll(() => states(tab)).toBe(['denied', ...Array(7).fill('live')].join())
  expect((await rooms(tab))['d']).toBe('denied')
  expect(await state(tab)).toBe('online')
  expect(await tab.run(({ log }) => log.denied.map(({ room, panels }) => [room, panels]))).toEqual([
    ['d', ['wall']],
  ])
  const { attempts } = await server.state()
  expect(attempts).toBe(9)
  await new Promise((done) => setTimeout(done, 600))
  expect((await server.state()).attempts).toBe(attempts)
})

test('one endpoint is down - its room is stale, the others are live, and it comes back with a gap of its own', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const tab = await bench.page({ panels: ['wall'] })
  await isLive(tab, 'wall')
  await server.refuse('b', 503)
  await server.close(1012, 'restart', 'b')
  await expect.poll(async () => (await rooms(tab))['b']).toBe('stale')
  expect(await states(tab)).toBe([...Array(7).fill('live'), 'stale'].join())
  expect(await state(tab)).toBe('online')
  await server.emit('a', { type: 'row', data: { n: 1 } })
  await expect.poll(() => received(tab)).toEqual([1])
  const { rooms: inspected } = await tab.run(({ line }) => line.inspect())
  expect(inspected.find(({ room }) => room === 'b')?.connection).toMatchObject({ state: 'offline' })
  expect(inspected.find(({ room }) => room === 'a')?.connection).toMatchObject({ state: 'online' })
  await server.refuse('b', undefined)
  await isLive(tab, 'wall')
  await server.emit('b', { type: 'row', data: { n: 2 } })
  await expect.poll(() => received(tab)).toEqual([1, 'link b', 2])
})

test('a panel is opened while every endpoint is down - its own endpoint is dialled, and the line is online', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  await server.refuse('a', 503)
  const tab = await bench.page({ panels: [['one', 'a']] })
  await expect.poll(() => state(tab)).toBe('offline')
  await tab.run(({ subscribe }) => void subscribe(['one', 'b']))
  await expect.poll(async () => (await panel(tab, ['one', 'b'])).state).toBe('live')
  expect(await state(tab)).toBe('online')
  expect((await panel(tab, ['one', 'a'])).state).toBe('stale')
})

test('the last panel of a room is closed - its connection is hung up, and the others stay', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const tab = await bench.page({ panels: ['errors', ['one', 'b']] })
  await isLive(tab)
  await expect.poll(() => connectedRooms(server)).toEqual(['b', 'errors', 'stats'])
  await tab.run(({ stops }) => stops[1]?.())
  await expect.poll(() => connectedRooms(server)).toEqual(['errors', 'stats'])
  expect((await server.state()).attempts).toBe(3)
})

test('a pause hangs up every endpoint, and connect brings back exactly the rooms that are wanted then', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const tab = await bench.page({ panels: ['errors', ['one', 'b']] })
  await isLive(tab)
  await tab.run(({ line }) => line.disconnect())
  await expect.poll(() => state(tab)).toBe('paused')
  await expect.poll(() => connectedRooms(server)).toEqual([])
  await tab.run(({ stops }) => stops[1]?.())
  await tab.run(({ line }) => line.connect())
  await isLive(tab)
  expect(await connectedRooms(server)).toEqual(['errors', 'stats'])
})

test('eight tokens expire at once, and each endpoint closes with 4401 - one fresh token for all, back, nothing twice', async ({
  bench,
}) => {
  const server = await bench.websocketServer({ tokens: ['token-1'] })
  const url = await server.url()
  serveWebSocket(bench, { rooms: `${url}/room`, tokenUrl: `${url}/token`, ...QUICK })
  const tab = await bench.page({ panels: ['wall'] })
  await isLive(tab, 'wall')
  await server.emit('a', { type: 'row', data: { n: 1 } })
  const { issued } = await server.state()
  expect(issued).toBe(1)
  await server.setTokens(['token-2'])
  await server.close(4401, 'token expired')
  await expect.poll(async () => (await server.state()).connections.length).toBe(16)
  await isLive(tab, 'wall')
  expect((await server.state()).issued).toBe(2)
  expect(await connectedRooms(server)).toEqual(ROOMS)
  await server.emit('a', { type: 'row', data: { n: 2 } })
  await expect
    .poll(async () => (await received(tab)).filter((each) => typeof each === 'number'))
    .toEqual([1, 2])
})

test('the worker dies - its successor connects each room once, and what may be missing is a gap', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const tab = await bench.page({ panels: ['wall'] })
  await isLive(tab, 'wall')
  bench.worker('die')
  await expect.poll(async () => (await server.state()).attempts).toBe(16)
  await isLive(tab, 'wall')
  expect(await connectedRooms(server)).toEqual(ROOMS)
  await expect.poll(async () => (await received(tab)).join()).toContain('worker')
  expect((await tab.run(({ log }) => log.gap.flatMap(({ rooms }) => rooms))).toSorted()).toEqual(ROOMS)
})

test('a new build takes over - never two connections of one room, and one gap', async ({ bench }) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const old = await bench.page({ panels: ['wall'] })
  await isLive(old, 'wall')
  bench.deploy('2')
  const next = await bench.page({ panels: ['wall'] })
  for (const tab of [old, next]) await isLive(tab, 'wall')
  await expect.poll(() => connectedRooms(server)).toEqual(ROOMS)
  const { connections } = await server.state()
  expect(connections).toHaveLength(16)
  const closedAt = Math.max(...connections.slice(0, 8).map((each) => each.closedAt ?? Infinity))
  expect(Math.min(...connections.slice(8).map(({ openedAt }) => openedAt))).toBeGreaterThanOrEqual(closedAt)
  expect((await old.run(({ log }) => log.gap.flatMap(({ rooms }) => rooms))).toSorted()).toEqual(ROOMS)
})

test('messages of two tabs to two rooms - each over the connection of its room, and each answered in its tab', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['errors'] })] as const
  for (const tab of tabs) await isLive(tab)
  const [errors, stats] = [{ room: 'errors' }, { room: 'stats' }]
  expect(await Promise.all([sendFrom(tabs[0], 'note', errors), sendFrom(tabs[1], 'note', stats)])).toEqual([
    { answer: { got: errors } },
    { answer: { got: stats } },
  ])
  await server.answer('note', { value: { error: 'not allowed' } })
  expect(await sendFrom(tabs[1], 'note', stats)).toEqual({ reason: 'refused', message: 'not allowed' })
  const { connections } = await server.state()
  const sent = (await server.messages()).map(({ payload, connection }) => [
    (payload as { room: string }).room,
    connections[connection]?.rooms,
  ])
  expect(sent.toSorted()).toEqual([
    ['errors', ['errors']],
    ['stats', ['stats']],
    ['stats', ['stats']],
  ])
})

test('a message to a room that no tab wants, or to none - not sent, and the error says why', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  expect(await sendFrom(tab, 'note', { room: 'a' })).toMatchObject({
    reason: 'not-sent',
    message: expect.stringContaining('"a"'),
  })
  for (const payload of [{}, null])
    expect(await sendFrom(tab, 'note', payload)).toMatchObject({
      reason: 'bad-argument',
      message: expect.stringContaining('"sendTo"'),
    })
  expect(await server.messages()).toEqual([])
})

test('a message is sent while its room is joined for the first time - it leaves once the room is joined', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  expect(await sendFrom(tab, 'note', { room: 'stats' })).toEqual({ answer: { got: { room: 'stats' } } })
  await isLive(tab)
  const answer = await tab.run(({ subscribe, line }) => {
    subscribe(['one', 'b'])
    return line.send('note' as never, { room: 'b' } as never)
  })
  expect(answer).toEqual({ got: { room: 'b' } })
})

test("a room's connection is lost before the answer - unanswered at once; not sent while it is down, and the other rooms are as ever", async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  serveWebSocket(bench, { rooms: `${await server.url()}/room`, ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.answer('wait', 'nothing')
  const sent = (room: string, name = 'note') => sendFrom(tab, name, { room }, { timeout: 60_000 })
  const waiting = sent('errors', 'wait')
  await expect.poll(async () => (await server.messages()).length).toBe(1)
  await server.refuse('errors', 503)
  await server.close(1012, 'restart', 'errors')
  expect(await waiting).toMatchObject({ reason: 'unanswered' })
  expect(await sent('errors')).toMatchObject({ reason: 'not-sent' })
  expect(await sent('stats')).toHaveProperty('answer')
  expect(await state(tab)).toBe('online')
  await server.refuse('errors', undefined)
  await isLive(tab)
  expect(await sent('errors')).toHaveProperty('answer')
})
