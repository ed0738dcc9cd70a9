import { expect, onTestFinished } from 'vitest'
import { type Bench, isLive, type Tab, test } from '../support/setup'

type StreamServer = Awaited<ReturnType<Bench['streamServer']>>

const QUICK = { retry: { first: 20, every: 100 }, grace: 2000 }
const serveStream = (bench: Bench, options: { readonly url: string; readonly [option: string]: unknown }) =>
  bench.serve({ ...QUICK, ...options }, 'stream')

/** What the tab received: the data of events, and the causes and rooms of gaps. */
const received = (tab: Tab) =>
  tab.run(({ receivedByTab }) =>
    receivedByTab().flatMap((each): (string | number | undefined)[] => {
      if ('cause' in each) return [`${each.cause} ${each.rooms.toSorted().join()}`]
      return each.replayed ? [] : [(each.data as { n?: number } | null)?.n]
    }),
  )
const state = (tab: Tab) => tab.run(({ line }) => line.status.state)
const error = (tab: Tab) => tab.run(({ line }) => line.status.error)
const panel = (tab: Tab, name = 'errors') =>
  tab.run(({ line }, each) => line.panel(each as 'errors').state, name)
const count = (to: number) => Array.from({ length: to }, (_, n) => n + 1)

/** Sends events 1, 2, 3… to a room, about 100 a second. Returns what ends it, and returns the last number. */
function feed(server: StreamServer, room = 'errors') {
  let n = 0
  const timer = setInterval(() => {
    n += 1
    void server.emit(room, n)
  }, 10)
  const end = () => {
    clearInterval(timer)
    return n
  }
  onTestFinished(() => void end())
  return { end, sent: () => n }
}

test('two tabs on a server that sends events - one stream of their rooms, and events without keepalives', async ({
  bench,
}) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url() })
  const one = await bench.page({ panels: ['errors'] })
  const other = await bench.frame({ panels: ['errors', 'overview'] })
  const tabs = [one, other]
  for (const tab of tabs) await isLive(tab)
  await isLive(other, 'overview')
  for (let n = 1; n <= 3; n += 1) {
    await server.emitNamed('errors', 'keepalive', null)
    await server.emit('errors', n)
  }
  for (const tab of tabs) await expect.poll(async () => (await received(tab)).slice(-3)).toEqual([1, 2, 3])
  expect(await one.run(({ events }) => events[0])).toMatchObject({
    panel: 'errors',
    room: 'errors',
    name: 'row',
    data: { n: 1 },
    replayed: false,
  })
  // Named after its room, without an envelope.
  await server.emitNamed('errors', 'errors', { n: 4 })
  await expect.poll(async () => (await received(one)).at(-1)).toBe(4)
  expect((await server.state()).rooms).toEqual([['activity', 'errors', 'stats']])
  expect(bench.consoleMessages).toEqual([])
})

test('a panel is added - the stream is opened anew with its rooms, and the other rooms get a gap', async ({
  bench,
}) => {
  const server = await bench.streamServer({ hidesLastId: true })
  serveStream(bench, { url: await server.url() })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.emit('errors', 1)
  await expect.poll(() => received(tab)).toEqual([1])
  await tab.run(({ subscribe }) => void subscribe('tmux'))
  await isLive(tab, 'tmux')
  await expect.poll(() => received(tab)).toEqual([1, 'link errors,stats'])
  await server.emit('tmux', 2)
  await server.emit('errors', 3)
  await expect.poll(() => received(tab)).toEqual([1, 'link errors,stats', 2, 3])
  const { requests } = await server.state()
  expect(requests.map(({ rooms, lastId }) => [rooms, lastId])).toEqual([
    [['errors', 'stats'], undefined],
    [['errors', 'stats', 'tmux'], undefined],
  ])
  // A server may notice the end of the first stream after it has opened the second.
  await expect.poll(async () => (await server.state()).connected).toBe(1)
})

test('a panel is closed, and opened again - without resumption the stream stays as it is, so nothing is lost', async ({
  bench,
}) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url() })
  const tab = await bench.page({ panels: ['errors', 'tmux'] })
  await isLive(tab, 'tmux')
  await isLive(tab)
  // A worker may open the stream before the page has subscribed to both panels. Then it opens it once more.
  const { requests } = await server.state()
  const before = await received(tab)
  await tab.run(({ stops }) => stops[1]?.())
  await expect.poll(() => tab.run(async ({ line }) => (await line.inspect()).rooms.length)).toBe(2)
  await tab.run(({ subscribe }) => void subscribe('tmux'))
  await isLive(tab, 'tmux')
  await server.emit('tmux', 1)
  await expect.poll(() => received(tab)).toEqual([...before, 1])
  expect((await server.state()).requests).toHaveLength(requests.length)
})

test('the address is the same for all rooms - a panel is added, and the stream goes on', async ({
  bench,
}) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url(), whole: true })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await tab.run(({ subscribe }) => void subscribe('tmux'))
  await isLive(tab, 'tmux')
  await server.emit('tmux', 1)
  await expect.poll(() => received(tab)).toEqual([1])
  expect((await server.state()).requests).toHaveLength(1)
})

for (const lastIdIn of [undefined, 'after'] as const)
  test(`panels come and go while events come, and the server resumes by ${lastIdIn ? 'a parameter' : 'a header'} - no event is lost, and none comes twice`, async ({
    bench,
  }) => {
    const server = await bench.streamServer({
      ...(lastIdIn && { lastIdIn, hidesLastId: true }),
    })
    serveStream(bench, { url: await server.url(), resumes: true, ...(lastIdIn && { lastIdIn }) })
    const tab = await bench.page({ panels: ['errors'] })
    await isLive(tab)
    const { end, sent } = feed(server)
    await expect.poll(sent).toBeGreaterThan(20)
    await tab.run(({ subscribe }) => void subscribe('tmux'))
    await isLive(tab, 'tmux')
    await tab.run(({ stops }) => stops[1]?.())
    await expect.poll(async () => (await server.state()).requests.length).toBe(3)
    const changed = sent()
    await expect.poll(sent).toBeGreaterThan(changed + 20)
    const last = end()
    await expect.poll(async () => (await received(tab)).at(-1)).toBe(last)
    expect(await received(tab)).toEqual(count(last))
    const { requests, rooms } = await server.state()
    expect(requests.map((each) => [each.rooms.join(), each.lastId !== undefined])).toEqual([
      ['errors,stats', false],
      ['errors,stats,tmux', true],
      ['errors,stats', true],
    ])
    expect(rooms).toEqual([['errors', 'stats']])
  })

for (const resumes of [false, true])
  test(`the server restarts, and resumes ${resumes ? 'every stream - no event is lost' : 'none - a gap comes before the next event'}`, async ({
    bench,
  }) => {
    const server = await bench.streamServer()
    serveStream(bench, { url: await server.url(), resumes })
    const tab = await bench.page({ panels: ['errors'] })
    await isLive(tab)
    await server.emit('errors', 1)
    await expect.poll(() => received(tab)).toEqual([1])
    await server.stop()
    await expect.poll(() => state(tab)).toBe('offline')
    expect(await panel(tab)).toBe('stale')
    await server.emit('errors', 2)
    await server.start()
    await isLive(tab)
    expect(await tab.run(({ line }) => line.status.recovered)).toBe(resumes)
    await server.emit('errors', 3)
    await expect.poll(() => received(tab)).toEqual(resumes ? [1, 2, 3] : [1, 'link errors,stats', 3])
    expect((await server.state()).connected).toBe(1)
  })

test('the server ends the stream again and again - it is opened anew at the one pace', async ({ bench }) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url(), resumes: true, retry: { first: 200, every: 200, jitter: 0 } })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.answer({ status: 503 })
  await server.end()
  await expect.poll(() => panel(tab)).toBe('stale')
  await expect.poll(async () => (await server.state()).requests.length).toBeGreaterThanOrEqual(6)
  const { requests } = await server.state()
  const times = requests.slice(1).map(({ openedAt }) => openedAt)
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0))
  expect(Math.min(...pauses)).toBeGreaterThan(180)
  const reasons = await tab.run(({ log }) => log.status.flatMap((each) => each.error?.message ?? []))
  expect([...new Set(reasons)]).toEqual(['The server ended the stream.', 'The server answered 503.'])
  await server.answer(undefined)
  await isLive(tab)
})

test('the server has forgotten what was missed, and says so - a gap', async ({ bench }) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url(), resumes: true })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await server.emit('errors', 1)
  await expect.poll(() => received(tab)).toEqual([1])
  await server.forget()
  await tab.run(({ subscribe }) => void subscribe('tmux'))
  await isLive(tab, 'tmux')
  await expect.poll(() => received(tab)).toEqual([1, 'link errors,stats'])
  await server.end()
  await expect.poll(async () => (await received(tab)).at(-1)).toBe('link errors,stats,tmux')
})

test('the worker dies while events come - the next one resumes the stream, and two tabs lose nothing', async ({
  bench,
}) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url(), resumes: true, grace: 20_000 })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.page({ panels: ['errors'] })]
  for (const tab of tabs) await isLive(tab)
  const { end, sent } = feed(server)
  await expect.poll(sent).toBeGreaterThan(50)
  bench.worker('die')
  await expect.poll(async () => (await server.state()).requests.length).toBe(2)
  const died = sent()
  await expect.poll(sent).toBeGreaterThan(died + 50)
  const last = end()
  for (const tab of tabs) {
    await expect.poll(async () => (await received(tab)).at(-1)).toBe(last)
    expect(await received(tab)).toEqual(count(last))
  }
})

test('a new build takes over while events come - one stream after the other, and no event is lost', async ({
  bench,
}) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url(), resumes: true })
  bench.deploy('one')
  const old = await bench.page({ panels: ['errors'] })
  await isLive(old)
  const { end, sent } = feed(server)
  await expect.poll(sent).toBeGreaterThan(50)
  bench.deploy('two')
  const next = await bench.page({ panels: ['errors'] })
  for (const tab of [old, next]) await isLive(tab)
  await expect.poll(async () => (await server.state()).requests.length).toBe(2)
  const moved = sent()
  await expect.poll(sent).toBeGreaterThan(moved + 50)
  const last = end()
  await expect.poll(async () => (await received(old)).at(-1)).toBe(last)
  expect(await received(old)).toEqual(count(last))
  expect((await server.state()).connected).toBe(1)
  const { timeline } = await next.run(({ line }) => line.inspect())
  expect(timeline.find(({ what }) => what === 'took-over')).toMatchObject({ rooms: 2, session: true })
})

for (const tokenIn of ['query', 'header'] as const)
  test(`the token goes into the ${tokenIn} and expires - one fresh token, and the stream resumes`, async ({
    bench,
  }) => {
    const server = await bench.streamServer({ tokens: ['token-1'] })
    const url = await server.url()
    serveStream(bench, { url, tokenIn, tokenUrl: `${url}/token`, resumes: true })
    const tab = await bench.page({ panels: ['errors'] })
    await isLive(tab)
    await server.emit('errors', 1)
    await expect.poll(() => received(tab)).toEqual([1])
    await server.setTokens(['token-2'])
    // The stream is opened anew, with the token that has expired.
    await tab.run(({ subscribe }) => void subscribe('tmux'))
    await isLive(tab, 'tmux')
    await server.emit('errors', 2)
    await expect.poll(() => received(tab)).toEqual([1, 2])
    const { requests, issued } = await server.state()
    expect(requests.map(({ token, status }) => [token, status])).toEqual([
      ['token-1', 200],
      ['token-1', 401],
      ['token-2', 200],
    ])
    expect(issued).toBe(2)
  })

test('the server refuses every token - unauthorized after one fresh token, and no storm', async ({
  bench,
}) => {
  const server = await bench.streamServer({ tokens: ['another'] })
  const url = await server.url()
  serveStream(bench, { url, tokenUrl: `${url}/token` })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => state(tab)).toBe('unauthorized')
  expect(await error(tab)).toMatchObject({
    reason: 'refused',
    message: 'The server answered 401.',
  })
  expect(JSON.stringify(await tab.run(({ line }) => line.inspect()))).not.toContain('token-')
  await new Promise((done) => setTimeout(done, 500))
  expect((await server.state()).requests).toHaveLength(2)
  await server.setTokens(['token-3'])
  await tab.run(({ line }) => line.retry())
  await isLive(tab)
})

test('the server answers 204 - nothing is tried until somebody asks for it', async ({ bench }) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url() })
  await server.answer({ status: 204 })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(() => state(tab)).toBe('unauthorized')
  expect((await error(tab))?.message).toBe('The server answered 204.')
  await tab.run(() => void document.dispatchEvent(new Event('visibilitychange')))
  await new Promise((done) => setTimeout(done, 500))
  expect((await server.state()).requests).toHaveLength(1)
  await server.answer(undefined)
  await tab.run(({ line }) => line.retry())
  await isLive(tab)
})

test('a page comes instead of a stream - the status says what came, and it is tried again', async ({
  bench,
}) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url() })
  await server.answer({ status: 200, type: 'text/html' })
  const tab = await bench.page({ panels: ['errors'] })
  await expect
    .poll(async () => (await error(tab))?.message)
    .toBe('The server sent text/html instead of text/event-stream.')
  expect(await state(tab)).toBe('offline')
  await server.answer(undefined)
  await isLive(tab)
})

test('comments are signs of life, and a longer silence than promised opens the stream anew', async ({
  bench,
}) => {
  const server = await bench.streamServer({ comments: 100 })
  serveStream(bench, { url: await server.url(), resumes: true, keepalive: { every: 500, misses: 5 } })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  await new Promise((done) => setTimeout(done, 3500))
  expect((await server.state()).requests).toHaveLength(1)
  expect(await tab.run(async ({ line }) => (await line.inspect()).counters.received)).toBe(0)
  await server.silence(true)
  await expect.poll(() => state(tab)).not.toBe('online')
  await server.silence(false)
  await isLive(tab)
  expect((await server.state()).connected).toBe(1)
})

test('no panel is open - there is no stream, the line stays online though a keepalive is promised, and the next panel opens one', async ({
  bench,
}) => {
  const server = await bench.streamServer({ comments: 50 })
  serveStream(bench, { url: await server.url(), keepalive: { every: 500, misses: 4 } })
  const tab = await bench.page()
  await expect.poll(() => state(tab)).toBe('online')
  await new Promise((done) => setTimeout(done, 3000))
  await tab.run(({ subscribe }) => void subscribe('errors'))
  await isLive(tab)
  await server.emit('errors', 1)
  await expect.poll(() => received(tab)).toEqual([1])
  await tab.run(({ stops }) => stops[0]?.())
  await expect.poll(async () => (await server.state()).connected).toBe(0)
  expect((await server.state()).requests).toHaveLength(1)
  expect(await tab.run(({ log }) => log.status.map((each) => each.state))).not.toContain('offline')
})

test('ten tabs of a server behind HTTP/1.1 - one stream, and requests do not wait, as they do if each tab has one', async ({
  bench,
}) => {
  const server = await bench.streamServer()
  const url = await server.url()
  serveStream(bench, { url })
  const tabs = [await bench.page({ panels: ['errors'] })]
  while (tabs.length < 10) tabs.push(await bench.frame({ panels: ['errors'] }))
  for (const tab of tabs) await isLive(tab)
  /** Whether a request is answered within this time. */
  const isAnswered = (tab: Tab, within: number) =>
    tab.run(
      (_, address, ms) =>
        fetch(address, { signal: AbortSignal.timeout(ms) }).then(
          () => true,
          () => false,
        ),
      `${url}/ping`,
      within,
    )
  for (const tab of tabs) expect(await isAnswered(tab, 10_000)).toBe(true)
  expect((await server.state()).requests).toHaveLength(1)
  await server.emit('errors', 1)
  for (const tab of tabs) await expect.poll(() => received(tab)).toEqual([1])
  for (const tab of tabs) {
    await tab.run((_, address) => {
      const source = new EventSource(address)
      addEventListener('pagehide', () => source.close())
    }, `${url}/events?rooms=errors`)
  }
  // Six connections for each host.
  await expect.poll(async () => (await server.state()).connected).toBe(6)
  expect(await isAnswered(tabs[1] as Tab, 1000)).toBe(false)
})

test('the server denies a room by an event - the panel says so, and the others are live', async ({
  bench,
}) => {
  const server = await bench.streamServer({ forbidden: ['secret'] })
  serveStream(bench, { url: await server.url() })
  const tab = await bench.page({ panels: ['vault', 'errors'] })
  await isLive(tab)
  await expect.poll(() => panel(tab, 'vault')).toBe('denied')
  expect(await tab.run(({ log }) => log.denied)).toEqual([
    { room: 'secret', reason: 'forbidden', panels: ['vault'] },
  ])
})

test('a stream per room, and one is down - the others are live, and it comes back without a loss', async ({
  bench,
}) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url(), endpoints: true, resumes: true })
  const tab = await bench.page({ panels: ['errors', 'tmux'] })
  await isLive(tab)
  await isLive(tab, 'tmux')
  expect((await server.state()).rooms.flat().toSorted()).toEqual(['errors', 'stats', 'tmux'])
  await server.emit('tmux', 1)
  await expect.poll(() => received(tab)).toEqual([1])
  await server.answer({ status: 503 }, 'tmux')
  await server.end('tmux')
  await expect.poll(() => panel(tab, 'tmux')).toBe('stale')
  expect([await panel(tab), await state(tab)]).toEqual(['live', 'online'])
  await server.emit('tmux', 2)
  await server.emit('errors', 3)
  await expect.poll(() => received(tab)).toEqual([1, 3])
  await server.answer(undefined, 'tmux')
  await isLive(tab, 'tmux')
  await expect.poll(() => received(tab)).toEqual([1, 3, 2])
})

test('the user signs out - the stream ends, and no other is opened', async ({ bench }) => {
  const server = await bench.streamServer()
  serveStream(bench, { url: await server.url() })
  const tabs = [await bench.page({ panels: ['errors'] }), await bench.frame({ panels: ['errors'] })]
  for (const tab of tabs) await isLive(tab)
  await tabs[0]?.run(({ line }) => line.signOut())
  for (const tab of tabs) await expect.poll(() => state(tab)).toBe('closed')
  await expect.poll(async () => (await server.state()).connected).toBe(0)
  expect((await server.state()).requests).toHaveLength(1)
})

test('letters and line ends are cut in two, and a byte order mark comes first - each event is whole', async ({
  bench,
}) => {
  const server = await bench.streamServer({ greeting: '\uFEFF: hello\n\n' })
  serveStream(bench, { url: await server.url() })
  const tab = await bench.page({ panels: ['errors'] })
  await isLive(tab)
  const bytes = (text: string) => [...new TextEncoder().encode(text)]
  const [first, second] = ['🎉', 'é'].map(bytes) as [number[], number[]]
  await server.sendRaw([
    [...bytes('event: errors\r\ndata: {"n":"'), ...first.slice(0, 2)],
    [...first.slice(2), ...second.slice(0, 1)],
    [...second.slice(1), ...bytes('"}\r\n\r')],
    '\nevent: errors\r',
    '\ndata: {\r',
    '\ndata: "n": 2}\r\n\r\n',
  ])
  await expect.poll(() => received(tab)).toEqual(['🎉é', 2])
})

test('a wrong option - every page hears what is wrong', async ({ bench }) => {
  serveStream(bench, { url: '', stream: '/events' })
  const tab = await bench.page({ panels: ['errors'] })
  await expect.poll(async () => (await error(tab))?.message).toContain('"stream" should be a function')
})
