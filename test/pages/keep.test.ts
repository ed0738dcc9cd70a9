import { expect } from 'vitest'
import { openDatabase, readDatabase } from '../support/database'
import { type Bench, isLive, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 50 }, grace: 1000 }

type Server = Awaited<ReturnType<Bench['server']>>

/** Keeps messages with these ids at once, and returns what each call came to. */
const keep = (tab: Tab, ...ids: string[]) =>
  tab.run(
    ({ line }, ...ids: string[]) =>
      Promise.all(
        ids.map((id) =>
          line.send('alarm:ack', { n: Number(id) }, { keep: id }).then(
            ({ kept }) => kept,
            ({ reason, message }) => ({ reason, message }),
          ),
        ),
      ),
    ...ids,
  )
const unsent = (tab: Tab) => tab.run(async ({ line }) => (await line.unsent()).map(({ id }) => id))
const outcomes = (tab: Tab) => tab.run(({ log }) => log.kept.map(({ id, outcome }) => `${id} ${outcome}`))
/** The ids that the server got: the first time each. */
const arrived = async (server: Server) => [...new Set((await server.messages()).map(({ id }) => id))]
const keptRecords = async (name: string) =>
  Object.entries(await readDatabase(name)).filter(([key]) => key.startsWith('kept'))

const isRunning = async ({ id }: Bench) =>
  (await navigator.locks.query()).held?.some(({ name }) => name?.includes(`${id}/worker/`))

const isState = (tab: Tab, state: string) =>
  expect.poll(() => tab.run(({ line }) => line.status.state)).toBe(state)

/** A tab whose line is online. */
async function online(bench: Bench, options = {}, settings = {}) {
  const server = await bench.server()
  const url = await server.url()
  const database = bench.database(url)
  bench.serve({ url, ...QUICK, ...options })
  const tab = await bench.page({ panels: ['errors'], ...settings })
  await isLive(tab)
  return { server, database, tab }
}

/** A tab whose server is away. */
async function offline(bench: Bench, options = {}, settings = {}) {
  const all = await online(bench, options, settings)
  await all.server.stop()
  await isState(all.tab, 'offline')
  return all
}

test('kept while offline - each is stored, told and listed, and arrives in order with its id once the line is online', async ({
  bench,
}) => {
  const { server, database, tab } = await offline(bench)
  const other = await bench.frame()
  expect(await keep(tab, '1', '2', '3')).toEqual(['1', '2', '3'])
  const own = await tab.run(({ line }) => line.send('alarm:ack', { n: 4 }, { keep: true }))
  expect(own).toEqual({ kept: expect.stringMatching(/.{10}/) })
  for (const each of [tab, other]) await expect.poll(() => each.run(({ line }) => line.status.unsent)).toBe(4)
  expect((await keptRecords(database)).map(([, record]) => record)).toMatchObject(
    expect.arrayContaining([
      {
        id: '1',
        name: 'alarm:ack',
        payload: { n: 1 },
        at: expect.any(Number),
        owner: expect.stringContaining('/worker/'),
      },
    ]),
  )
  const [first] = await other.run(async ({ line }) => (await line.unsent()).map((each) => ({ ...each })))
  expect(first).toMatchObject({ id: '1', name: 'alarm:ack', payload: { n: 1 } })
  expect((first?.expires ?? 0) - (first?.at ?? 0)).toBe(3_600_000)

  await server.start()
  const all = ['1', '2', '3', own.kept]
  await expect.poll(() => outcomes(other)).toEqual(all.map((id) => `${id} acknowledged`))
  await expect.poll(() => outcomes(tab)).toEqual(all.map((id) => `${id} acknowledged`))
  expect(await tab.run(({ log }) => log.kept[0])).toEqual({
    id: '1',
    name: 'alarm:ack',
    outcome: 'acknowledged',
    answer: { got: { n: 1 } },
  })
  expect((await server.messages()).map(({ id, payload }) => [id, payload])).toEqual(
    all.map((id, index) => [id, { n: index + 1 }]),
  )
  await expect.poll(() => tab.run(({ line }) => line.status.unsent)).toBeUndefined()
  expect(await unsent(tab)).toEqual([])
  await expect.poll(() => keptRecords(database)).toEqual([])
  const { counters } = await tab.run(({ line }) => line.inspect())
  expect([counters.kept, counters.expired]).toEqual([4, 0])
})

test.for(['a reload of the only tab', 'the death of the worker', 'a hand-over to another build'])(
  'kept messages survive %s - they arrive once, in order, before one that is kept later',
  async (fault, { bench }) => {
    bench.deploy('one')
    const { server, tab } = await offline(bench, {}, { extendedLifetime: false })
    await keep(tab, '3', '2', '1')
    if (fault.startsWith('a reload')) await tab.reload()
    else if (fault.startsWith('the death')) {
      const before = await tab.run(async ({ line }) => (await line.inspect()).incarnation)
      bench.worker('die')
      await expect
        .poll(() => tab.run(async ({ line }) => (await line.inspect()).incarnation).catch(() => before))
        .not.toBe(before)
    } else {
      bench.deploy('two')
      const next = await bench.page()
      await expect
        .poll(() => next.run(async ({ line }) => (await line.inspect()).build?.address))
        .toContain('build=two')
    }
    await expect.poll(() => unsent(tab)).toEqual(['3', '2', '1'])
    await keep(tab, '0')
    await server.start()
    await expect.poll(async () => (await outcomes(tab)).length).toBe(4)
    expect((await server.messages()).map(({ id }) => id)).toEqual(['3', '2', '1', '0'])
    expect(await unsent(tab)).toEqual([])
  },
)

test('the browser is closed while the server is away - what was kept arrives once both are back', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK })
  await server.stop()
  bench.needs('a profile that is kept')
  const browser = await bench.browser()
  const tab = await browser.page()
  await isState(tab, 'offline')
  await keep(tab, '3', '2', '1')
  await browser.close()
  const again = await browser.page()
  await expect.poll(() => unsent(again)).toEqual(['3', '2', '1'])
  await server.start()
  await expect.poll(() => outcomes(again)).toEqual(['3 acknowledged', '2 acknowledged', '1 acknowledged'])
  expect((await server.messages()).map(({ id }) => id)).toEqual(['3', '2', '1'])
})

test('the worker dies while a message is being kept - the page gives it to the next one, and it is kept once', async ({
  bench,
}) => {
  const { server, tab } = await online(bench)
  await server.answer('alarm:ack', 'nothing')
  const incarnation = () => tab.run(async ({ line }) => (await line.inspect()).incarnation)
  const died = await incarnation()
  bench.worker(100)
  const keeping = keep(tab, '1')
  bench.worker('die')
  expect(await keeping).toEqual(['1'])
  expect(await incarnation()).not.toBe(died)
  expect(await unsent(tab)).toEqual(['1'])
})

test('the server has a message and the worker dies before it hears - sent again with the same id', async ({
  bench,
}) => {
  const { server, tab } = await online(bench)
  await server.answer('alarm:ack', 'nothing')
  await keep(tab, '1')
  await expect.poll(() => arrived(server)).toEqual(['1'])
  await server.answer('alarm:ack', { value: 'twice' })
  bench.worker('die')
  await expect.poll(() => outcomes(tab)).toEqual(['1 acknowledged'])
  expect((await server.messages()).map(({ id, connection }) => [id, connection])).toEqual([
    ['1', 0],
    ['1', 1],
  ])
})

test('two tabs and the same id - it is kept and sent once', async ({ bench }) => {
  const { server, tab } = await offline(bench)
  const other = await bench.frame()
  expect(await Promise.all([keep(tab, '1'), keep(other, '1')])).toEqual([['1'], ['1']])
  await server.start()
  await expect.poll(() => outcomes(other)).toEqual(['1 acknowledged'])
  // Also when it is over.
  await keep(other, '1', '2')
  await expect.poll(() => outcomes(tab)).toEqual(['1 acknowledged', '2 acknowledged'])
  expect((await server.messages()).map(({ id }) => id)).toEqual(['1', '2'])
})

test('two workers, one for each tab - when one has ended, the other delivers what it has left', async ({
  bench,
}) => {
  const own = { dedicated: true, connect: { share: false } }
  const { server, tab } = await offline(bench, {}, own)
  const other = await bench.page({ panels: ['errors'], ...own })
  await keep(tab, '1', '2')
  await tab.close()
  await server.start()
  await expect.poll(() => outcomes(other)).toEqual(['1 acknowledged', '2 acknowledged'])
  expect(await arrived(server)).toEqual(['1', '2'])
})

test('ten thousand messages - a thousand are kept and arrive, the others reject and say why', async ({
  bench,
}) => {
  const { server, tab } = await offline(bench)
  const results = await tab.run(async ({ line }) => {
    const keep = (n: number) =>
      line.send('alarm:ack', { n }, { keep: `${n}` }).then(
        () => 'kept',
        ({ reason, message }) => `${reason}: ${message}`,
      )
    const results: string[] = []
    // Each call that waits slows the others down, so not all at once.
    while (results.length < 10_000)
      results.push(...(await Promise.all(Array.from({ length: 500 }, (_, n) => keep(results.length + n)))))
    return results
  })
  expect(new Set(results.slice(0, 1000))).toEqual(new Set(['kept']))
  expect(new Set(results.slice(1000)).size).toBe(1)
  expect(results.at(-1)).toMatch(/^limit: .*1000 messages/)
  await server.start()
  await expect.poll(async () => (await outcomes(tab)).length).toBe(1000)
  expect((await server.messages()).map(({ id }) => id)).toEqual(
    Array.from({ length: 1000 }, (_, n) => `${n}`),
  )
})

test('withdrawn - it is never sent, and told in every tab', async ({ bench }) => {
  const { server, database, tab } = await offline(bench)
  const other = await bench.frame()
  await keep(tab, '1', '2')
  expect(
    await other.run(async ({ line }) => {
      const [first] = await line.unsent()
      return [await first?.withdraw(), await first?.withdraw()]
    }),
  ).toEqual([true, false])
  expect((await keptRecords(database)).map(([key]) => key)).toEqual(['kept,2'])
  await server.start()
  await expect.poll(() => outcomes(tab)).toEqual(['1 withdrawn', '2 acknowledged'])
  expect(await arrived(server)).toEqual(['2'])
})

test('it expires while no tab is there - the next tab is told, and no other after it', async ({ bench }) => {
  const { server, tab, database } = await offline(bench, {}, { extendedLifetime: false })
  await keep(tab, '1')
  await tab.close()
  await expect.poll(() => isRunning(bench)).toBe(false)
  bench.serve({ url: await server.url(), ...QUICK, keepFor: 1 })
  await server.start()
  const next = await bench.page()
  await expect.poll(() => outcomes(next)).toEqual(['1 expired'])
  await expect.poll(() => keptRecords(database)).toEqual([])
  const last = await bench.page()
  await isState(last, 'online')
  expect(await outcomes(last)).toEqual([])
  expect(await server.messages()).toEqual([])
})

test('nobody listens to `kept` - a message that was refused or has expired is an error', async ({
  bench,
}) => {
  const server = await bench.server()
  bench.serve({ url: await server.url(), ...QUICK, keepFor: 3000 })
  await server.answer('alarm:ack', { value: { error: 'row 7 is closed' } })
  const line = bench.line()
  const errors: string[] = []
  line.on('error', ({ reason, message }) => errors.push(`${reason}: ${message}`))
  await expect.poll(() => line.status.state).toBe('online')
  await line.send('alarm:ack', { n: 7 }, { keep: 'a' })
  await expect
    .poll(() => errors)
    .toEqual(['refused: The kept message "alarm:ack" (a) was refused: row 7 is closed'])
  await server.answer('alarm:ack', 'nothing')
  await line.send('alarm:ack', { n: 8 }, { keep: 'b' })
  await expect.poll(() => errors[1]).toMatch(/^unanswered: .*\(b\) was not delivered: .*within 3 s/)
})

test('sign-out deletes what is kept, and nothing of it is sent', async ({ bench }) => {
  const { server, database, tab } = await offline(bench)
  await keep(tab, '1', '2')
  await tab.run(({ line }) => line.signOut())
  expect(await keptRecords(database)).toEqual([])
  await server.start()
  const again = await bench.page()
  await isState(again, 'online')
  expect(await unsent(again)).toEqual([])
  expect(await server.messages()).toEqual([])
})

test('the database is missing - `not-sent`, and nothing is kept', async ({ bench }) => {
  const { server, tab } = await online(bench, { database: 'missing' })
  expect(await keep(tab, '1')).toMatchObject([{ reason: 'not-sent' }])
  await bench.setDatabase('works')
  await expect.poll(() => tab.run(({ line }) => line.status.persistent)).toBe(true)
  expect(await unsent(tab)).toEqual([])
  expect(await keep(tab, '2')).toEqual(['2'])
  await expect.poll(() => outcomes(tab)).toEqual(['2 acknowledged'])
  expect(await arrived(server)).toEqual(['2'])
})

test('the database takes too long - `unanswered`, and the message is removed once the database answers', async ({
  bench,
}) => {
  const { server, database, tab } = await offline(bench)
  const other = await openDatabase(database)
  const records = other.transaction('tabs', 'readwrite').objectStore('tabs')
  let isHeld = true
  // The worker's transaction waits as long as this one has requests.
  const hold = () => {
    if (isHeld) records.get('').onsuccess = hold
  }
  hold()
  expect(await keep(tab, '1')).toMatchObject([{ reason: 'unanswered' }])
  isHeld = false
  other.close()
  // This reads after all that was waiting has been written.
  await expect.poll(() => keptRecords(database)).toEqual([])
  await server.start()
  await isState(tab, 'online')
  expect(await server.messages()).toEqual([])
})

test('the site’s data is cleared - what is kept is stored again', async ({ bench }) => {
  const { database, tab } = await offline(bench)
  await keep(tab, '1')
  await bench.wipeDatabases()
  await expect.poll(async () => (await keptRecords(database)).map(([key]) => key)).toEqual(['kept,1'])
})

test('a build that does not permit the message any more - it is refused with the names that it permits', async ({
  bench,
}) => {
  const { server, tab } = await offline(bench, {}, { extendedLifetime: false })
  await keep(tab, '1')
  await tab.close()
  // The last build's worker would still send it.
  await expect.poll(() => isRunning(bench)).toBe(false)
  bench.serve({ url: await server.url(), ...QUICK, sends: ['chat:send'] })
  await server.start()
  const next = await bench.page()
  await expect
    .poll(() => next.run(({ log }) => log.kept))
    .toMatchObject([{ id: '1', outcome: 'refused', reason: expect.stringContaining('chat:send') }])
  expect(await server.messages()).toEqual([])
})

test('paused - messages wait until the line connects again', async ({ bench }) => {
  const { server, tab } = await online(bench)
  await tab.run(({ line }) => line.disconnect())
  expect(await keep(tab, '1')).toEqual(['1'])
  expect(await unsent(tab)).toEqual(['1'])
  expect(await server.messages()).toEqual([])
  await tab.run(({ line }) => line.connect())
  await expect.poll(() => outcomes(tab)).toEqual(['1 acknowledged'])
})

test('a message that is sent and not kept - its payload is nowhere in the database', async ({ bench }) => {
  const { server, database, tab } = await online(bench)
  await server.answer('alarm:ack', 'nothing')
  const sending = tab.run(({ line }) =>
    line.send('alarm:ack', { n: 123_456 }, { timeout: 200 }).catch(({ reason }) => reason),
  )
  await expect.poll(async () => (await server.messages()).length).toBe(1)
  expect(JSON.stringify(await readDatabase(database))).not.toContain('123456')
  expect(await sending).toBe('unanswered')
  expect(JSON.stringify(await readDatabase(database))).not.toContain('123456')
})

test('a WebSocket server - the id is a field of the frame, and its answer ends the message', async ({
  bench,
}) => {
  const server = await bench.websocketServer()
  bench.serve({ url: (await server.url()).replace('http', 'ws'), ...QUICK }, 'websocket')
  const tab = await bench.page()
  await isState(tab, 'online')
  await keep(tab, '1')
  await expect.poll(() => outcomes(tab)).toEqual(['1 acknowledged'])
  expect(await server.messages()).toMatchObject([{ id: '1', payload: { n: 1 } }])
})
