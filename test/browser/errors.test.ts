import { proxy, wrap } from 'comlink'
import { connect, type PartylineError, type Snapshot, type Switchboard } from 'partyline'
import { expect, onTestFinished, vi } from 'vitest'
import { tabIds } from '../support/database'
import { test } from '../support/setup'

test.for([
  ['an unknown option', { users: 'x' }, 'unknown option "users"'],
  ['a user that is not a string', { user: 7 }, '"user"'],
  ['a negative timeout', { timeout: -1 }, '"timeout"'],
  ['options that are not an object', 'x', 'an object'],
] as const)('connect refuses %s, and the error names it', ([, options, words]) => {
  const never = () => {
    throw new Error('not to be called')
  }
  expect(() => connect(never, options as object)).toThrow(words)
  expect(() => connect('worker.js' as never)).toThrow('a function (options) => new SharedWorker')
})

test('an unknown panel or wrong parameters cause an error event that names the known panels', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const tab = await bench.page({ panels: ['errors', 'erors', ['workflow']] })
  await expect.poll(() => tab.run(({ log }) => log.error.length)).toBe(2)
  const errors = await tab.run(({ log }) => log.error.map(({ reason, message }) => [reason, message]))
  expect(errors[0]?.[0]).toBe('unknown-panel')
  expect(errors[0]?.[1]).toContain('no panel "erors". Known: overview, errors')
  expect(errors[1]?.[1]).toContain('takes 1 parameter')
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
})

/** A line as untyped code calls it. */
type Untyped = Record<'subscribe' | 'panel' | 'on', (...args: unknown[]) => unknown>

test('untyped code passes a wrong panel, parameter or listener - an error event reports it, and nothing throws', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url() })
  const line = bench.line()
  const untyped = line as unknown as Untyped
  const hear = () => {}
  const calls: [unknown, unknown][] = [
    [['workflow', 42], hear],
    [['workflow', 42n], hear],
    [['workflow', undefined], hear],
    [7, hear],
    [[], hear],
    [undefined, hear],
    ['errors', undefined],
  ]
  const stops = calls.map((call) => untyped.subscribe(...call) as () => void)
  // A listener added after the mistake, but in the same tick, receives the error.
  const reported: PartylineError[] = []
  line.on('error', (error) => reported.push(error))
  for (const stop of stops) expect([stop(), stop()]).toEqual([undefined, undefined])
  await Promise.resolve()
  expect(reported.map(({ reason }) => reason)).toEqual([...Array(6).fill('unknown-panel'), 'bad-argument'])
  expect(reported[0]?.message).toContain('["workflow", 42]')
  expect(reported[0]?.message).toContain("write '42', not 42")
  expect(reported[6]?.message).toContain('["errors"]')
  // `panel` may be called in every render, so it reports each mistake once.
  for (let round = 0; round < 3; round += 1) {
    expect(untyped.panel(['workflow', 42n])).toEqual({ state: 'joining', rooms: {}, since: 0 })
    expect(untyped.panel(['other', 42])).toEqual({ state: 'joining', rooms: {}, since: 0 })
  }
  await Promise.resolve()
  expect(reported.slice(7).map(({ message }) => message)).toEqual([expect.stringContaining('["other", 42]')])
  await line.ready
  expect((await line.inspect()).tabs.map(({ panels }) => panels)).toEqual([[]])
  expect((await line.inspect()).counters.refused).toBe(0)
})

test('an error without a listener is written to the console', async ({ bench }) => {
  const consoleError = vi.spyOn(console, 'error').mockImplementation(() => {})
  onTestFinished(() => consoleError.mockRestore())
  const untyped = bench.line() as unknown as Untyped
  untyped.subscribe(['workflow', 42], () => {})
  await Promise.resolve()
  expect(consoleError.mock.calls).toEqual([
    ['[partyline]', expect.objectContaining({ reason: 'unknown-panel' })],
  ])
})

test('subscribe on a closed line - an error event reports it, and nothing throws', async ({ bench }) => {
  const line = bench.line()
  const reported: PartylineError[] = []
  line.on('error', (error) => reported.push(error))
  line.close()
  line.subscribe('errors', () => {})()
  await Promise.resolve()
  expect(reported.map(({ reason }) => reason)).toEqual(['closed'])
  expect(reported[0]?.message).toContain('["errors"]')
})

test('on() with an unknown event or without a listener throws, and the error names the known events', ({
  bench,
}) => {
  const untyped = bench.line() as unknown as Untyped
  expect(() => untyped.on('stauts', () => {})).toThrow(
    expect.objectContaining({
      reason: 'bad-argument',
      message: expect.stringMatching(
        /"stauts".*status, panels, reload, gap, denied, kept, lead, signout, error/,
      ),
    }),
  )
  expect(() => untyped.on('status')).toThrow(expect.objectContaining({ reason: 'bad-argument' }))
  expect(() => untyped.on('constructor', () => {})).toThrow('"constructor"')
})

test('the worker file does not exist - ready rejects, and the error says what to check', async ({
  bench,
}) => {
  const tab = await bench.page({
    worker: '/test/support/nothing-here.js',
    connect: { timeout: 500 },
  } as object)
  const failure = await tab.run(({ ready }) => ready())
  expect(failure).toMatchObject({ reason: 'worker-failed' })
  expect((failure as { message: string }).message).toContain('served as JavaScript')
  expect(await tab.run(({ log }) => log.error.map((error) => error.reason))).toEqual(['worker-failed'])
  // It is retried each second. The status says when the next try is, and since when the line is offline.
  const offline = () => tab.run(({ log }) => log.status.filter(({ state }) => state === 'offline'))
  await expect
    .poll(async () => (await offline()).filter(({ nextTryAt }) => nextTryAt).length)
    .toBeGreaterThanOrEqual(3)
  const all = await offline()
  expect(new Set(all.map(({ since }) => since)).size).toBe(1)
  expect(new Set(all.map(({ error }) => error?.reason))).toEqual(new Set(['worker-failed']))
  expect(new Set(all.map(({ nextTryAt }) => nextTryAt)).size).toBeGreaterThanOrEqual(4)
})

test('the worker file has a bad option - ready rejects, and the error names it', async ({ bench }) => {
  const tab = await bench.page({
    worker: `/test/support/broken.worker.ts?worker_file&type=module&${bench.id}`,
  } as object)
  const failure = await tab.run(({ ready }) => ready())
  expect(failure).toMatchObject({ reason: 'bad-option' })
  expect((failure as { message: string }).message).toContain('"retry"')
  // No retry is planned, because it would fail in the same way.
  const status = await tab.run(({ line }) => line.status)
  expect(status).toMatchObject({
    state: 'offline',
    error: { reason: 'bad-option', message: expect.any(String) },
  })
  expect(status.nextTryAt).toBeUndefined()
})

test('the factory throws, or does not pass its options on - the error says what to do', async ({ bench }) => {
  const throwing = connect(
    () => {
      throw new Error('blocked by policy')
    },
    { user: bench.id },
  )
  const reported: string[] = []
  throwing.on('error', ({ reason }) => reported.push(reason))
  await expect(throwing.ready).rejects.toMatchObject({
    reason: 'worker-failed',
    message: expect.stringContaining('blocked'),
  })
  throwing.close()
  expect(reported).toEqual(['worker-failed'])
  const query = new URLSearchParams({ options: '{}', test: bench.id })
  const nameless = connect(
    () =>
      new SharedWorker(`/test/support/dashboard.worker.ts?worker_file&type=module&${query}`, {
        type: 'module',
      }),
    { user: bench.id },
  )
  nameless.on('error', ({ reason }) => reported.push(reason))
  await expect(nameless.ready).rejects.toMatchObject({
    reason: 'wrong-worker',
    message: expect.stringContaining('...options'),
  })
  nameless.close()
})

test('hostile messages change nothing and are answered with typed errors', async ({ bench }) => {
  const server = await bench.server()
  const query = new URLSearchParams({ options: JSON.stringify({ url: await server.url() }), test: bench.id })
  const name = `partyline/1/${bench.id}`
  const { port } = new SharedWorker(`/test/support/dashboard.worker.ts?worker_file&type=module&${query}`, {
    name,
    type: 'module',
  })
  port.start()
  let ids = 0
  const send = (message: object) => {
    ids += 1
    const id = `hostile ${ids}`
    return new Promise<{ name: string; value: { value: { reason: string } } }>((resolve) => {
      port.addEventListener('message', ({ data }) => data?.id === id && resolve(data))
      port.postMessage({ id, ...message })
    })
  }
  const raw = (value: unknown) => ({ type: 'RAW', value })
  const forbidden = [
    { type: 'SET', path: ['__proto__', 'polluted'], value: raw(true) },
    { type: 'SET', path: ['hello'], value: raw(true) },
    { type: 'GET', path: ['constructor'] },
    { type: 'APPLY', path: ['constructor'], argumentList: [] },
    { type: 'APPLY', path: ['hello', 'constructor'], argumentList: [raw('return 1')] },
    { type: 'APPLY', path: ['signMeIn'], argumentList: [] },
    { type: 'APPLY', path: ['ping'], argumentList: [{ type: 'HANDLER', name: 'throw', value: {} }] },
    { type: 'APPLY', path: ['ping'] },
    { type: 'CONSTRUCT', path: ['hello'], argumentList: [] },
    { type: 'RELEASE' },
    { type: 'ENDPOINT' },
  ]
  for (const message of forbidden) {
    const answer = await send(message)
    expect([message, answer.name, answer.value.value.reason]).toEqual([message, 'throw', 'forbidden-call'])
  }
  for (const rubbish of [null, 7, 'text', {}, { id: 7 }, []]) port.postMessage(rubbish)

  const board = wrap<Switchboard>(port) as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>
  const hello = { protocol: 1, worker: name, tab: 't' }
  const { port1 } = new MessageChannel()
  const calls: [string, ...unknown[]][] = [
    ['hello'],
    ['hello', 'me'],
    ['hello', { ...hello, tab: 7 }],
    ['hello', { ...hello, tab: 'x'.repeat(600) }],
    ['hello', hello, 'not a port'],
    ['hello', { ...hello, orders: [['v2', 1, 2, 'more']] }, proxy(() => {})],
    ['hello', { ...hello, had: [[['errors'], 1, 'more']] }, proxy(() => {})],
    ['hello', { ...hello, had: [[['errors']]] }, proxy(() => {})],
    ['hello', { ...hello, clock: ['incarnation'] }, proxy(() => {})],
    ['hello', { ...hello, clock: ['incarnation', -1] }, proxy(() => {})],
    ['hello', { ...hello, orders: [['v'.repeat(513), 1, 2]] }, proxy(() => {})],
    ['hello', { ...hello, given: ['v'.repeat(513)] }, proxy(() => {})],
    ['subscribe', 'errors'],
    ['subscribe', ['errors']],
    ['unsubscribe', ['errors']],
    ...['leave', 'retry', 'disconnect', 'connect', 'inspect', 'ping', 'signOut'].map((call): [string] => [
      call,
    ]),
  ]
  const reasons = await Promise.all(
    calls.map(([call, ...args]) =>
      board[call]?.(...args).then(
        () => 'fine',
        (error) => error.reason,
      ),
    ),
  )
  expect(reasons).toEqual([...Array(13).fill('bad-argument'), ...Array(9).fill('unregistered')])
  await expect(
    board['hello']?.({ ...hello, worker: 'other' }, () => {}).catch((error) => error),
  ).resolves.toBeDefined()
  port1.close()
  expect((await server.state()).connections).toEqual([])

  await board['hello']?.(
    hello,
    proxy(() => {}),
  )
  const snapshot = (await board['inspect']?.()) as Record<string, unknown>
  expect(snapshot['tabs']).toHaveLength(1)
  expect(snapshot['polluted']).toBeUndefined()
  await board['leave']?.()
  await expect(board['inspect']?.()).rejects.toMatchObject({ reason: 'unregistered' })
})

test('the ids in a snapshot are different for each tab, but too short to register as another tab', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), grace: 0 })
  const stays = await bench.frame({ panels: ['errors'] })
  const goes = await bench.page({ panels: ['tmux'] })
  for (const [tab, panel] of [
    [stays, 'errors'],
    [goes, 'tmux'],
  ] as const)
    await expect.poll(() => tab.run(({ line }, name) => line.panel(name).state, panel)).toBe('live')
  const inspect = () => stays.run(({ line }) => line.inspect())
  const { tabs } = await inspect()
  expect(new Set(tabs.map(({ id }) => id)).size).toBe(2)
  const database = bench.database(await server.url())
  await expect.poll(() => tabIds(database)).toHaveLength(2)
  const ids = await tabIds(database)
  for (const { id } of tabs) expect(ids.filter((full) => full.startsWith(id) && full !== id)).toHaveLength(1)
  await goes.close()
  await expect.poll(async () => (await inspect()).tabs.length).toBe(1)
  // The timeline still mentions the tab that left.
  const snapshot = JSON.stringify(await inspect())
  for (const id of ids) expect(snapshot).not.toContain(id)
})

for (const dedicated of [false, true]) {
  test(`calls right after connect wait for the ${dedicated ? 'dedicated' : 'shared'} worker`, async ({
    bench,
  }) => {
    const server = await bench.server()
    bench.serve({ url: await server.url() })
    const tab = await bench.page({ dedicated, early: ['inspect', 'disconnect'] })
    const [snapshot] = (await tab.run(({ early }) => Promise.all(early))) as [Snapshot]
    expect(snapshot.tabs).toHaveLength(1)
    await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('paused')
    const leaves = await bench.page({ dedicated, early: ['signOut'] })
    await leaves.run(({ early }) => Promise.all(early))
    expect(await leaves.run(({ line }) => line.status.state)).toBe('closed')
  })
}

test('a call right after connect rejects with the error of the worker', async ({ bench }) => {
  const tab = await bench.page({
    worker: `/test/support/broken.worker.ts?worker_file&type=module&${bench.id}`,
    early: ['retry'],
  } as object)
  expect(await tab.run(({ early }) => Promise.all(early).catch(({ reason }) => reason))).toBe('bad-option')
})

test('a worker has forgotten a page - its next call registers it again, and is answered', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), grace: 0 })
  const tab = await bench.page({ panels: ['errors'], connect: { timeout: 60_000 } } as object)
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  // After this event the worker forgets the page, but the page stays.
  await tab.run(() => dispatchEvent(new PageTransitionEvent('pagehide')))
  const { counters } = await tab.run(async ({ line }) => {
    await line.retry()
    return line.inspect()
  })
  expect(counters.refused).toBe(1)
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  expect(await tab.run(({ log }) => log.error)).toEqual([])
})

test('pending calls reject with a typed error when the line is closed', async ({ bench }) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), grace: 100 })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.status.state)).toBe('online')
  const outcome = await tab.run(async ({ line }) => {
    const before = line.inspect().then(
      () => 'answered',
      (error) => error.reason,
    )
    line.close()
    line.close()
    const after = await line.inspect().then(
      () => 'answered',
      (error) => error.reason,
    )
    return [await before, after, line.status.state]
  })
  expect(outcome).toEqual(['closed', 'closed', 'closed'])
  await expect.poll(async () => (await server.state()).connected).toBe(0)
})
