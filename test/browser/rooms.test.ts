import { expect } from 'vitest'
import { test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 300 }

test('three tabs - one connection with the union of their rooms, each joined once - closed one by one, their rooms are left', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const rooms = async () => (await server.state()).rooms
  const one = await bench.page({ panels: ['overview'] })
  const two = await bench.page({ panels: ['errors', 'tmux'] })
  const three = await bench.page({ panels: [['workflow', '42']] })
  await expect.poll(rooms).toEqual([['activity', 'adw-state/42', 'errors', 'stats', 'tmux']])
  const { connections } = await server.state()
  expect(connections).toHaveLength(1)
  expect(connections[0]?.asked.toSorted()).toEqual(
    ['activity', 'adw-state/42', 'errors', 'stats', 'tmux'].map((room) => `join ${room}`),
  )

  await two.close()
  await expect.poll(rooms).toEqual([['activity', 'adw-state/42', 'stats']])
  await one.close()
  await expect.poll(rooms).toEqual([['adw-state/42', 'stats']])
  expect((await server.state()).connections).toHaveLength(1)
  await three.close()
  await expect.poll(async () => (await server.state()).connected).toBe(0)
})

test('a tab crashes - its rooms are left', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const stays = await bench.frame({ panels: ['tmux'] })
  const crashes = await bench.page({ panels: ['errors'] })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  await crashes.crash()
  await expect.poll(async () => (await server.state()).rooms).toEqual([['tmux']])
  expect(await stays.run(({ line }) => line.status.state)).toBe('online')
})

test('a panel is switched, then the server restarts - exactly the new rooms are joined', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['overview'] })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['activity', 'stats']])
  await tab.run(({ stops, subscribe }) => {
    stops[0]?.()
    subscribe('errors')
  })
  await server.stop()
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('offline')
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).not.toBe('live')
  await server.start()
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
})

test('20 reconnects with three tabs - one join per room and connection, one listener call per event', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tabs = [
    await bench.frame({ panels: ['errors'] }),
    await bench.frame({ panels: ['errors'] }),
    await bench.page({ panels: ['errors'] }),
  ]
  const isLive = async () => (await server.state()).rooms
  await expect.poll(isLive).toEqual([['errors', 'stats']])
  for (let round = 1; round <= 20; round += 1) {
    if (round % 2 === 0) await server.kick()
    else await server.cut()
    await expect.poll(async () => (await server.state()).connections.length).toBe(round + 1)
    await expect.poll(isLive).toEqual([['errors', 'stats']])
  }
  const { connections } = await server.state()
  for (const { asked } of connections) expect(asked.toSorted()).toEqual(['join errors', 'join stats'])
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  for (const tab of tabs)
    await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  await server.emit('errors', 'row', { room: 'errors', n: 2 })
  for (const tab of tabs) await expect.poll(() => tab.run(({ data }) => data().length)).toBe(2)
})

test('a component re-renders 100 times - no new connection, and no second join', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  const states = await tab.run(async ({ line, stops, subscribe }) => {
    const seen = new Set<string>()
    for (let n = 0; n < 50; n += 1) {
      stops[n]?.()
      subscribe('errors')
      seen.add(line.panel('errors').state)
    }
    // Also 50 times with a pause between unmount and mount.
    for (let n = 50; n < 100; n += 1) {
      stops[n]?.()
      await new Promise((done) => setTimeout(done))
      subscribe('errors')
    }
    return [...seen]
  })
  expect(states).toEqual(['live'])
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  const { connections } = await server.state()
  expect(connections.map(({ asked }) => asked.toSorted())).toEqual([['join errors', 'join stats']])
})

test('an unsubscriber may be called twice, and an aborted signal unsubscribes', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['tmux', 'errors'] })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  await tab.run(({ line, stops }) => {
    stops[0]?.()
    stops[0]?.()
    const abort = new AbortController()
    line.subscribe('overview', () => {}, { signal: abort.signal })
    abort.abort()
    line.subscribe('overview', () => {}, { signal: AbortSignal.abort() })
  })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
})

test('a tab gets no events of a panel that only another tab subscribed to', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const errors = await bench.page({ panels: ['errors'] })
  const tmux = await bench.frame({ panels: ['tmux'] })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  await server.emit('tmux', 'pane', { room: 'tmux', n: 1 })
  await server.emit('errors', 'row', { room: 'errors', n: 2 })
  await expect.poll(() => errors.run(({ data }) => data())).toEqual([{ room: 'errors', n: 2 }])
  expect(await tmux.run(({ data }) => data())).toEqual([{ room: 'tmux', n: 1 }])
})

test('a panel goes live, gets an event, goes stale and live again - each change is reported', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page()
  await tab.run(({ line, subscribe }) => {
    const states: string[] = []
    const times: number[] = []
    line.on('panels', () => {
      const { state, lastAt } = line.panel('errors')
      if (states.at(-1) !== state) states.push(state)
      if (lastAt !== undefined && !times.includes(lastAt)) times.push(lastAt)
    })
    Object.assign(window, { reported: { states, times } })
    subscribe('errors')
  })
  const reported = () =>
    tab.run(
      () =>
        (window as unknown as { reported: { states: readonly string[]; times: readonly number[] } }).reported,
    )
  await expect.poll(async () => (await reported()).states).toEqual(['joining', 'live'])
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(async () => (await reported()).times.length).toBe(1)
  await server.stop()
  await expect.poll(async () => (await reported()).states.at(-1)).toBe('stale')
  await server.start()
  await expect.poll(async () => (await reported()).states.at(-1)).toBe('live')
  await tab.run(({ stops }) => stops[0]?.())
  await expect.poll(async () => (await reported()).states.at(-1)).toBe('joining')
})

test('with Socket.IO’s options ackTimeout and retries - rooms are joined and denied as usual', async ({
  bench,
}) => {
  const server = await bench.server({ forbidden: ['secret'], answer: 'ack' })
  bench.serve({ url: await server.url(), ...QUICK, socket: { ackTimeout: 1000, retries: 2 } })
  const tab = await bench.page({ panels: ['vault', 'errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await expect.poll(() => tab.run(({ line }) => line.panel('vault').state)).toBe('denied')
})

test('a room is denied - the panel and a denied event say so, and it is tried again at the next handshake', async ({
  bench,
}) => {
  const server = await bench.server({ forbidden: ['secret'] })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['vault', 'errors'] })
  const late = await bench.frame({ panels: ['tmux'] })
  await expect
    .poll(() => tab.run(({ log }) => log.denied))
    .toEqual([{ room: 'secret', reason: 'forbidden', panels: ['vault'] }])
  await expect
    .poll(() => tab.run(({ line }) => line.panel('vault')))
    .toMatchObject({ state: 'denied', rooms: { secret: 'denied', stats: 'live' } })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await late.run(({ subscribe }) => void subscribe('vault'))
  await expect.poll(() => late.run(({ log }) => log.denied.length)).toBe(1)
  await server.kick()
  await expect.poll(async () => (await server.state()).connections.length).toBe(2)
  await expect.poll(() => tab.run(({ log }) => log.denied.length)).toBe(2)
  const { connections } = await server.state()
  expect(connections.map(({ asked }) => asked.filter((each) => each === 'join secret'))).toEqual([
    ['join secret'],
    ['join secret'],
  ])
})

test.for(['ack', 'event'] as const)(
  'the server answers joins only by %s - panels go live or are denied',
  async (answer, { bench }) => {
    const server = await bench.server({ answer, forbidden: ['secret'] })
    bench.serve({ url: await server.url(), ...QUICK })
    const tab = await bench.page({ panels: ['errors', 'vault'] })
    await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
    await expect.poll(() => tab.run(({ line }) => line.panel('vault').state)).toBe('denied')
  },
)

test('a join is not answered - it is sent again, one error event reports it, and a late answer counts', async ({
  bench,
}) => {
  const server = await bench.server({ silent: ['errors'] })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  const other = await bench.frame({ panels: ['tmux'] })
  await expect.poll(() => tab.run(({ log }) => log.error.length)).toBe(1)
  const [error] = await tab.run(({ log }) => log.error.map(({ reason, message }) => ({ reason, message })))
  expect(error?.reason).toBe('join-unanswered')
  for (const word of ['"errors"', '10 s', '"join_room"', 'acknowledge'])
    expect(error?.message).toContain(word)
  const asked = async () => (await server.state()).connections.map(({ asked }) => asked.toSorted())
  await expect.poll(asked).toEqual([['join errors', 'join errors', 'join stats', 'join tmux']])
  expect((await server.state()).rooms).toEqual([['errors', 'stats', 'tmux']])
  const counted = await tab.run(async ({ line }) => (await line.inspect()).counters.joins)
  expect(counted).toBe(4)
  // A tab that subscribes later gets the error as well.
  await other.run(({ subscribe }) => void subscribe('errors'))
  await expect
    .poll(() => other.run(({ log }) => log.error.map(({ reason }) => reason)))
    .toEqual(['join-unanswered'])
  expect(await tab.run(({ line }) => line.panel('errors').state)).toBe('joining')
  // Answers the first of the two joins.
  await server.answerJoins(1)
  for (const each of [tab, other])
    await expect.poll(() => each.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([{ room: 'errors', n: 1 }])
  expect(await tab.run(({ log }) => log.error.length)).toBe(1)
})

test('rooms named __proto__ and constructor work like any other', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['odd'] })
  await expect.poll(async () => (await server.state()).rooms).toEqual([['__proto__', 'constructor']])
  await expect.poll(() => tab.run(({ line }) => line.panel('odd').state)).toBe('live')
  await server.emit('__proto__', 'row', { room: '__proto__', data: 1 })
  await expect.poll(() => tab.run(({ data }) => data())).toEqual([1])
  expect(await tab.run(({ line }) => Object.keys(line.panel('odd').rooms))).toEqual([
    '__proto__',
    'constructor',
  ])
})

test('the session is recovered - the missed events arrive, and no room is joined again', async ({
  bench,
}) => {
  const server = await bench.server({ recovery: true })
  bench.serve({ url: await server.url(), retry: { first: 300, every: 300, jitter: 0 } })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await server.emit('errors', 'row', { room: 'errors', n: 1 })
  await expect.poll(() => tab.run(({ data }) => data().length)).toBe(1)
  await server.cut()
  await server.emitMany('errors', 'row', 2, 4)
  await expect
    .poll(() => tab.run(({ data }) => data()))
    .toEqual([1, 2, 3, 4].map((n) => ({ room: 'errors', n })))
  expect(await tab.run(({ line }) => line.status.recovered)).toBe(true)
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  const { connections } = await server.state()
  expect(connections.map(({ recovered, asked }) => [recovered, asked.length])).toEqual([
    [false, 2],
    [true, 0],
  ])
})
