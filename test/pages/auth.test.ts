import { expect } from 'vitest'
import { type Bench, type Tab, test } from '../support/setup'

const QUICK = { retry: { first: 20, every: 100 }, grace: 1000 }
const state = (tab: Tab) => tab.run(({ line }) => line.status.state)

/** A tab whose token the server refuses, so that the line is unauthorized. */
async function refused(bench: Bench) {
  const server = await bench.server({ tokens: ['good'] })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], token: 'bad' })
  await expect.poll(() => state(tab)).toBe('unauthorized')
  return { server, tab }
}

test('tokens expire every 2 s for 30 s with five tabs - one fetch per handshake, and no event is lost', async ({
  bench,
}) => {
  const server = await bench.server({ tokenLife: 2000, recovery: true })
  const url = await server.url()
  bench.serve({ url, ...QUICK, tokenUrl: `${url}/token` })
  const tabs: Tab[] = []
  for (let n = 0; n < 5; n += 1) tabs.push(await bench.frame({ panels: ['errors'] }))
  for (const tab of tabs)
    await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  const end = Date.now() + 27_000
  let sent = 0
  while (Date.now() < end) {
    sent += 1
    await server.emit('errors', 'row', { room: 'errors', n: sent })
    if (sent % 40 === 0) await server.cut()
    await new Promise((done) => setTimeout(done, 50))
  }
  for (const tab of tabs) {
    await expect.poll(() => tab.run(({ data }) => data().length)).toBe(sent)
    const numbers = await tab.run(({ data }) => data().map((each) => (each as { n: number }).n))
    expect(numbers).toEqual(Array.from({ length: sent }, (_, n) => n + 1))
  }
  // A token may just have been fetched, and its handshake be under way.
  const unused = async () => {
    const { fetches, handshakes } = await server.state()
    return fetches.count - handshakes.length
  }
  await expect.poll(unused).toBe(0)
  const { fetches, handshakes } = await server.state()
  expect(fetches.most).toBe(1)
  expect(handshakes.length).toBeGreaterThan(12)
  expect(handshakes.filter(({ accepted }) => !accepted)).toEqual([])
}, 60_000)

test('the token is refused - unauthorized, at most 3 handshakes - another tab brings a valid token - online', async ({
  bench,
}) => {
  const { server, tab } = await refused(bench)
  expect(await tab.run(({ line }) => line.status.error)).toMatchObject({ reason: 'refused' })
  await new Promise((done) => setTimeout(done, 3000))
  expect((await server.state()).handshakes).toHaveLength(2)
  // A tab that becomes visible has the same token, so no handshake is sent.
  await tab.run(() => void document.dispatchEvent(new Event('visibilitychange')))
  await expect.poll(() => tab.run(({ asked }) => asked())).toBe(3)
  expect((await server.state()).handshakes).toHaveLength(2)
  const other = await bench.frame({ token: 'good' })
  await expect.poll(() => state(other)).toBe('online')
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  // The first tab's token is still invalid. The next handshake uses the other tab's token again.
  await server.cut()
  await expect.poll(async () => (await server.state()).handshakes.length).toBe(4)
  await expect.poll(() => state(tab)).toBe('online')
  expect((await server.state()).handshakes.map(({ accepted }) => accepted)).toEqual([
    false,
    false,
    true,
    true,
  ])
})

test('unauthorized - retry() tries again at once', async ({ bench }) => {
  const { server, tab } = await refused(bench)
  await server.setTokens(['bad'])
  await tab.run(({ line }) => line.retry())
  await expect.poll(() => state(tab)).toBe('online')
})

test('unauthorized, and a tab has a new token - the line goes online when that tab becomes visible', async ({
  bench,
}) => {
  const { tab } = await refused(bench)
  await tab.run(({ given }) => {
    given.token = 'good'
    document.dispatchEvent(new Event('visibilitychange'))
  })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
})

test('a token expires - the server disconnects - a fresh token is used, and the rooms are joined again', async ({
  bench,
}) => {
  const server = await bench.server({ tokens: ['one'] })
  bench.serve({ url: await server.url(), ...QUICK })
  const tab = await bench.page({ panels: ['errors'], token: 'one' })
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
  await tab.run(({ given }) => {
    given.token = 'two'
  })
  await server.setTokens(['two'])
  await server.kick()
  await expect.poll(async () => (await server.state()).rooms).toEqual([['errors', 'stats']])
  const { handshakes, connections } = await server.state()
  expect(handshakes.map(({ token, accepted }) => [token, accepted])).toEqual([
    ['one', true],
    ['two', true],
  ])
  expect(connections.map(({ asked }) => asked.length)).toEqual([2, 2])
})

test('a tab never answers a token request - another is asked after the deadline', async ({ bench }) => {
  const server = await bench.server({ tokens: ['good'] })
  bench.serve({ url: await server.url(), ...QUICK })
  const hangs = await bench.frame({ token: 'hang' })
  await expect.poll(() => hangs.run(({ asked }) => asked())).toBe(1)
  const good = await bench.frame({ token: 'good' })
  await expect.poll(() => state(good)).toBe('online')
})

test('a tab’s token function hangs or fails - another tab is asked', async ({ bench }) => {
  const server = await bench.server({ tokens: ['good'] })
  bench.serve({ url: await server.url(), ...QUICK })
  await bench.frame({ token: 'fail' })
  const hangs = await bench.frame({ token: 'hang' })
  await expect.poll(() => hangs.run(({ asked }) => asked())).toBeGreaterThan(0)
  const good = await bench.page({ token: 'good' })
  // When the tab that was asked closes, the next is asked at once.
  await hangs.close()
  await expect.poll(() => state(good)).toBe('online')
})

test('the token endpoint answers 503 - retried like a lost link; it answers 401 - unauthorized', async ({
  bench,
}) => {
  const server = await bench.server({ tokenLife: 60_000 })
  const url = await server.url()
  bench.serve({ url, ...QUICK, tokenUrl: `${url}/token` })
  await server.setTokenStatus(503)
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => tab.run(({ line }) => line.status.attempt)).toBeGreaterThan(3)
  expect(await tab.run(({ line }) => [line.status.state, line.status.error?.reason])).toEqual([
    'offline',
    'token-failed',
  ])
  expect((await server.state()).handshakes).toEqual([])
  await server.setTokenStatus(401)
  await expect.poll(() => state(tab)).toBe('unauthorized')
  await server.setTokenStatus(200)
  await tab.run(({ line }) => line.retry())
  await expect.poll(() => tab.run(({ line }) => line.panel('errors').state)).toBe('live')
})

test('tokens are in no status, error, snapshot, database or console message', async ({ bench }) => {
  const server = await bench.server({ tokens: [] })
  const url = await server.url()
  bench.serve({ url, ...QUICK, tokenUrl: `${url}/token` })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => state(tab)).toBe('unauthorized')
  const tokens = (await server.state()).handshakes.map(({ token }) => token as string)
  expect(tokens.length).toBeGreaterThan(0)
  const everything = await tab.run(async ({ line, log }) => {
    const texts = [JSON.stringify(await line.inspect()), JSON.stringify(log), JSON.stringify(line.status)]
    texts.push(JSON.stringify({ ...sessionStorage }), JSON.stringify({ ...localStorage }))
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await new Promise<IDBDatabase>((resolve) => {
        const request = indexedDB.open(name)
        request.onsuccess = () => resolve(request.result)
      })
      for (const store of database.objectStoreNames) {
        const request = database.transaction(store).objectStore(store).getAll()
        await new Promise((resolve) => {
          request.onsuccess = resolve
        })
        texts.push(JSON.stringify(request.result))
      }
      database.close()
    }
    return texts.join('\n')
  })
  expect(everything).toContain('errors')
  expect(everything).toContain('[token]')
  for (const token of tokens) expect(everything + bench.consoleMessages.join()).not.toContain(token)
})

test.for(['ack', 'event'] as const)(
  'a denial by %s quotes the token - the tabs get the reason without it',
  async (answer, { bench }) => {
    const server = await bench.server({ forbidden: ['secret'], answer, tokens: ['t0ken-of-ann'] })
    bench.serve({ url: await server.url() })
    const tab = await bench.page({ panels: ['vault'], token: 't0ken-of-ann' })
    await expect
      .poll(() => tab.run(({ log }) => log.denied.map(({ reason }) => reason)))
      .toEqual(['forbidden for [token]'])
    expect(await tab.run(async ({ line }) => JSON.stringify(await line.inspect()))).not.toContain(
      't0ken-of-ann',
    )
  },
)
