import { proxy, wrap } from 'comlink'
import { connect, type Switchboard } from 'partyline'
import { expect } from 'vitest'
import { test } from '../support/setup'

test.for([
  ['an unknown option', { users: 'x' }, 'unknown option "users"'],
  ['a user that is no string', { user: 7 }, '"user"'],
  ['a negative timeout', { timeout: -1 }, '"timeout"'],
  ['no object', 'x', 'an object'],
] as const)('connect refuses %s, and names it', ([, options, words]) => {
  const never = () => {
    throw new Error('not to be called')
  }
  expect(() => connect(never, options as object)).toThrow(words)
  expect(() => connect('worker.js' as never)).toThrow('a function (options) => new SharedWorker')
})

test('an unknown panel or wrong parameters surface as an error that says what there is', async ({
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
  const thrown = await tab.run(({ line }) => {
    const untyped = line as unknown as { subscribe(...args: unknown[]): void }
    return [[], ['errors'], [7, () => {}], [[], () => {}], [['workflow', 42], () => {}]].map((args) => {
      try {
        untyped.subscribe(...args)
        return 'nothing'
      } catch (error) {
        return (error as { reason: string }).reason
      }
    })
  })
  expect(thrown).toEqual(Array(5).fill('bad-argument'))
})

test('a worker file that is not there rejects ready with what to check', async ({ bench }) => {
  const tab = await bench.page({
    worker: '/test/support/nothing-here.js',
    connect: { timeout: 500 },
  } as object)
  const failure = await tab.run(({ ready }) => ready())
  expect(failure).toMatchObject({ reason: 'worker-failed' })
  expect((failure as { message: string }).message).toContain('served as JavaScript')
  expect(await tab.run(({ log }) => log.error.map((error) => error.reason))).toEqual(['worker-failed'])
})

test('a bad option in the worker file is told to the page, by name', async ({ bench }) => {
  const tab = await bench.page({
    worker: `/test/support/broken.worker.ts?worker_file&type=module&${bench.id}`,
  } as object)
  const failure = await tab.run(({ ready }) => ready())
  expect(failure).toMatchObject({ reason: 'bad-option' })
  expect((failure as { message: string }).message).toContain('"retry"')
})

test('a factory that throws, or does not hand its options on, is told what to do', async ({ bench }) => {
  const throwing = connect(
    () => {
      throw new Error('blocked by policy')
    },
    { user: bench.id },
  )
  const told: string[] = []
  throwing.on('error', ({ reason }) => told.push(reason))
  await expect(throwing.ready).rejects.toMatchObject({
    reason: 'worker-failed',
    message: expect.stringContaining('blocked'),
  })
  throwing.close()
  expect(told).toEqual(['worker-failed'])
  const query = new URLSearchParams({ options: '{}', test: bench.id })
  const nameless = connect(
    () =>
      new SharedWorker(`/test/support/dashboard.worker.ts?worker_file&type=module&${query}`, {
        type: 'module',
      }),
    { user: bench.id },
  )
  nameless.on('error', ({ reason }) => told.push(reason))
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
    ['subscribe', 'errors'],
    ['subscribe', ['errors']],
    ['unsubscribe', ['errors']],
    ['leave'],
  ]
  const reasons = await Promise.all(
    calls.map(([call, ...args]) =>
      board[call]?.(...args).then(
        () => 'fine',
        (error) => error.reason,
      ),
    ),
  )
  expect(reasons).toEqual([...Array(11).fill('bad-argument'), ...Array(3).fill('unregistered')])
  await expect(
    board['hello']?.({ ...hello, worker: 'other' }, () => {}).catch((error) => error),
  ).resolves.toBeDefined()
  port1.close()

  const snapshot = (await board['inspect']?.()) as Record<string, unknown>
  expect(snapshot['tabs']).toEqual([])
  expect(snapshot['polluted']).toBeUndefined()
  expect((await server.state()).connections).toEqual([])
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
