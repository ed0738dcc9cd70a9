import { expect } from 'vitest'
import { isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 20_000 }

const isState = (tab: Tab, state: string) =>
  expect.poll(() => tab.run(({ line }) => line.status.state)).toBe(state)
/** Starts to send, and keeps the promise in the tab. */
const begin = (tab: Tab, name: string, payload: unknown, timeout = 5000) =>
  tab.run(
    (tab, ...args) => {
      const [name, payload, timeout] = args
      const { sending = [] } = window as { sending?: unknown[] }
      Object.assign(window, { sending: [...sending, tab.send(name, payload, { timeout })] })
    },
    name,
    payload,
    timeout,
  )
/** What has become of what `begin` started. */
const settled = (tab: Tab) =>
  tab.run(() => Promise.all((window as unknown as { sending: Promise<Record<string, unknown>>[] }).sending))

test('a message is acknowledged - the promise resolves to the answer, and the server got the payload', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  expect(await tab.run(({ line }) => line.send('alarm:ack', { n: 7 }))).toEqual({ got: { n: 7 } })
  expect(await server.messages()).toEqual([{ name: 'alarm:ack', payload: { n: 7 }, connection: 0 }])
  expect((await server.state()).connections).toHaveLength(1)
})

test('the server refuses a message - the promise rejects with its words', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.answer('alarm:ack', { value: { error: 'row 7 is closed' } })
  expect(await tab.run(({ send }) => send('alarm:ack', { n: 7 }))).toEqual({
    reason: 'refused',
    message: 'row 7 is closed',
  })
  await server.answer('alarm:ack', { value: { ok: false, reason: 'not yours' } })
  expect(await tab.run(({ send }) => send('alarm:ack', { n: 7 }))).toEqual({
    reason: 'refused',
    message: 'not yours',
  })
})

test('no answer comes - `unanswered` after the timeout, and at once when the server dies', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.answer('alarm:ack', 'nothing')
  const startedAt = Date.now()
  expect(await tab.run(({ send }) => send('alarm:ack', { n: 1 }, { timeout: 200 }))).toMatchObject({
    reason: 'unanswered',
  })
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(200)

  await begin(tab, 'alarm:ack', { n: 2 }, 60_000)
  await expect.poll(async () => (await server.messages()).length).toBe(2)
  await server.stop()
  expect(await settled(tab)).toMatchObject([{ reason: 'unanswered' }])
})

test('offline and paused - `not-sent` at once; connecting - the message waits, and is sent once', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), retry: { first: 60_000, every: 60_000, jitter: 0 } })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await tab.run(({ line }) => line.disconnect())
  await isState(tab, 'paused')
  expect(await tab.run(({ send }) => send('alarm:ack', { n: 1 }))).toMatchObject({ reason: 'not-sent' })
  // It waits while the line is connecting.
  const answer = tab.run(async ({ line, send }) => {
    await line.connect()
    // It comes over another port than the answer, and WebKit keeps no order between two.
    while (line.status.state === 'paused') await new Promise((told) => line.on('status', told))
    return [line.status.state, await send('alarm:ack', { n: 2 })]
  })
  expect(await answer).toMatchObject([
    expect.stringMatching(/connecting|online/),
    { answer: { got: { n: 2 } } },
  ])
  await server.stop()
  await isState(tab, 'offline')
  expect(await tab.run(({ send }) => send('alarm:ack', { n: 3 }))).toMatchObject({ reason: 'not-sent' })
  await server.start()
  await tab.run(({ line }) => line.retry())
  await isLive(tab)
  expect((await server.messages()).map(({ payload }) => payload)).toEqual([{ n: 2 }])
})

test('messages are sent right after connect - they wait for the worker, and arrive in order', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const line = bench.line()
  const row = { n: 1 }
  const answers = [line.send('alarm:ack', row), line.send('alarm:ack', { n: 2 })]
  // The payload is that of the call.
  row.n = 100
  expect(await Promise.all(answers)).toEqual([{ got: { n: 1 } }, { got: { n: 2 } }])
})

test('no worker can be started - `not-sent`, with the cause', async ({ bench }) => {
  bench.serve({ retries: 3 })
  const line = bench.line()
  line.on('error', () => {})
  const error = await line.send('alarm:ack', { n: 1 }).catch((error) => error)
  expect([error.reason, error.cause.reason]).toEqual(['not-sent', 'bad-option'])
})

test('wrong calls of untyped code - each rejects with a reason that says what to do, and nothing leaves', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, sends: ['alarm:ack', 'chat:send'] })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  const errors = await tab.run(async ({ send }) => ({
    unknown: await send('alarm:akc', { n: 1 }),
    join: await send('join_room', { room: 'secret' }),
    name: await send(7 as never, {}),
    timeout: await send('alarm:ack', {}, { timeout: 0 }),
    copy: await send('alarm:ack', { n: () => 1 }),
    encode: await send('alarm:ack', { n: 1n }),
    long: await send('alarm:ack', 'x'.repeat(1_000_001)),
  }))
  expect(errors).toMatchObject({
    unknown: { reason: 'unknown-message', message: expect.stringContaining('alarm:ack, chat:send') },
    join: { reason: 'unknown-message' },
    name: { reason: 'bad-argument' },
    timeout: { reason: 'bad-argument' },
    copy: { reason: 'bad-argument' },
    encode: { reason: 'bad-argument' },
    long: { reason: 'limit' },
  })
  expect(await server.messages()).toEqual([])
  expect((await server.state()).rooms).toEqual([['errors', 'stats']])
})

test('any name may be sent - but none that joins or leaves a room', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  expect(await tab.run(({ send }) => send('anything', 1))).toEqual({ answer: { got: 1 } })
  for (const name of ['join_room', 'leave_room'])
    expect(await tab.run(({ send }, name) => send(name, { room: 'secret' }), name)).toMatchObject({
      reason: 'unknown-message',
    })
})

test('`sends` names a message that joins rooms - serve refuses it', async ({ bench }) => {
  bench.serve({ url: '/', sends: ['join_room'] })
  const line = bench.line()
  line.on('error', () => {})
  await expect(line.ready).rejects.toMatchObject({
    reason: 'bad-option',
    message: expect.stringContaining('join_room'),
  })
})

test('the signal is aborted, and the line is closed - each call settles with that reason', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.answer('alarm:ack', 'nothing')
  const reasons = await tab.run(async ({ line, send }) => {
    const controller = new AbortController()
    const aborted = send('alarm:ack', { n: 1 }, { signal: controller.signal })
    const open = send('alarm:ack', { n: 2 })
    controller.abort()
    const before = await send('alarm:ack', { n: 3 }, { signal: controller.signal })
    const first = await aborted
    line.close()
    return [first, before, await open, await send('alarm:ack', { n: 4 })].map(({ reason }) => reason)
  })
  expect(reasons).toEqual(['aborted', 'aborted', 'closed', 'closed'])
})

test('five tabs send 1,000 messages over one socket - each is answered to its own tab', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tabs = await Promise.all([0, 1, 2, 3, 4].map(() => bench.frame({ panels: ['errors'] })))
  for (const tab of tabs) await isLive(tab)
  const answers = await Promise.all(
    tabs.map((tab, index) =>
      tab.run(
        ({ send }, from) =>
          Promise.all(Array.from({ length: 200 }, (_, n) => send('alarm:ack', { n: from + n }))),
        index * 200,
      ),
    ),
  )
  expect(answers.flat()).toEqual(Array.from({ length: 1000 }, (_, n) => ({ answer: { got: { n } } })))
  expect((await server.state()).connections).toHaveLength(1)
  expect(await server.messages()).toHaveLength(1000)
})

test('1,001 messages of a tab wait for answers - the last one is refused with `limit`', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.frame({ panels: ['errors'] })
  await isLive(tab)
  await server.answer('slow', 'nothing')
  const reasons = await tab.run(async ({ line, send }) => {
    const all = Array.from({ length: 1001 }, (_, n) => send('slow', n))
    const last = await all[1000]
    line.close()
    return [last, ...(await Promise.all(all.slice(0, 1000)))].map((each) => each?.reason)
  })
  expect(reasons).toEqual(['limit', ...Array(1000).fill('closed')])
})

test('the worker dies while a message is unanswered - `unanswered`, and the next one is answered', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.answer('slow', 'nothing')
  await begin(tab, 'slow', 1)
  await expect.poll(async () => (await server.messages()).length).toBe(1)
  bench.worker('die')
  expect(await settled(tab)).toMatchObject([{ reason: 'unanswered' }])
  expect(await tab.run(({ send }) => send('alarm:ack', 2, { timeout: 20_000 }))).toEqual({
    answer: { got: 2 },
  })
  expect(await server.messages()).toHaveLength(2)
})

test('the worker hangs - the call settles within half a second after its timeout', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  bench.worker(5000)
  // A machine that is busy delays the two timers alike.
  const first = await tab.run(({ send }) =>
    Promise.race([
      send('alarm:ack', 1, { timeout: 200 }),
      new Promise((resolve) => setTimeout(resolve, 200 + 500 + 200, 'too late')),
    ]),
  )
  expect(first).toMatchObject({ reason: 'unanswered' })
})

test('a new build takes over while messages wait for answers - all settle, and none is sent twice', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  const { incarnation } = await tab.run(({ line }) => line.inspect())
  // The server never answers this one.
  await server.answer('slow', 'nothing')
  await begin(tab, 'slow', { n: -1 }, 60_000)
  await tab.run((tab) => {
    const sent: Promise<unknown>[] = []
    // More are sent all the time, before the hand-over, in it, and after it.
    const timer = setInterval(
      () => sent.push(tab.send('alarm:ack', { n: sent.length }, { timeout: 30_000 })),
      20,
    )
    Object.assign(window, {
      stop() {
        clearInterval(timer)
        return Promise.all(sent)
      },
    })
  })
  bench.deploy('second')
  const next = await bench.page({ panels: ['errors'] })
  await isLive(next)
  await expect
    .poll(() => tab.run(async ({ line }) => (await line.inspect()).incarnation))
    .not.toBe(incarnation)
  await isLive(tab)
  const others = await tab.run(() =>
    (window as unknown as { stop(): Promise<{ answer?: unknown; reason?: string }[]> }).stop(),
  )
  expect(others.length).toBeGreaterThan(10)
  const got = (await server.messages()).map(({ payload }) => (payload as { n: number }).n)
  expect(new Set(got).size).toBe(got.length)
  expect(await settled(tab)).toMatchObject([{ reason: 'unanswered' }])
  // The server was there all the time, so each was answered.
  expect(others.filter(({ reason }) => reason !== undefined)).toEqual([])
  expect(got.toSorted((a, b) => a - b)).toEqual([-1, ...others.map((_, n) => n)])
})

test('the user signs out - calls under way settle with `closed` in all tabs', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'] })
  const other = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await isLive(other)
  await server.answer('slow', 'nothing')
  for (const each of [tab, other]) await begin(each, 'slow', 1)
  await expect.poll(async () => (await server.messages()).length).toBe(2)
  await tab.run(({ line }) => line.signOut())
  for (const each of [tab, other]) expect(await settled(each)).toMatchObject([{ reason: 'closed' }])
})
