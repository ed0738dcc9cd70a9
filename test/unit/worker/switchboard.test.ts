import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Gap } from '../../../shared/status'
import type { Hello } from '../../../shared/switchboard'
import type { ToTab } from '../../../shared/wire'
import type { Dialect } from '../../../worker/dialect/dialect'
import { jsonDialect } from '../../../worker/dialect/json-dialect'
import { readLinkOptions } from '../../../worker/entries/link-options'
import { readWebSocketOptions } from '../../../worker/entries/websocket-options'
import type { Home } from '../../../worker/home'
import type { Link, LinkEvents } from '../../../worker/link/link'
import type { Inheritance } from '../../../worker/succession/inheritance'
import { createSwitchboard } from '../../../worker/switchboard'

const NAME = 'partyline/1/u'
const panels = { errors: ['errors'], stats: ['stats'], both: ['errors', 'stats'] }

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 })
  vi.spyOn(console, 'warn').mockReturnValue()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

const tick = (ms = 0) => vi.advanceTimersByTimeAsync(ms)

const home: Home = {
  name: NAME,
  incarnation: 'i',
  shared: true,
  address: 'http://localhost/',
  permissions: undefined,
  place: undefined,
  lock: undefined,
  locked: Promise.resolve(),
  isFree: async () => true,
  exclusively: async (_, act) => act(),
  watchLock: () => () => {},
}

type Frame = Readonly<Record<string, unknown>> & { readonly type: string }

interface Setting {
  readonly dialect?: Partial<Dialect>
  readonly isApart?: boolean
  readonly inheritance?: Inheritance
  readonly version?: object
  /** The room whose link cannot be made. */
  readonly broken?: string
  readonly token?: () => Promise<string>
  /** What is special about the worker's environment. */
  readonly at?: Partial<Home>
}

/** A worker whose links are in the hand of the test. `isApart`: each room has its own. */
function setUp({ dialect, isApart = false, inheritance, version, broken, token, at }: Setting = {}) {
  const sent: string[] = []
  const links = new Map<string, LinkEvents>()
  function link(room: string, events: LinkEvents): Link {
    if (room === broken) throw new Error(`no link for ${room}`)
    links.set(room, events)
    const at = isApart ? ` ${room}` : ''
    return {
      dial: ({ token }) => sent.push(`dial${at}${token === undefined ? '' : ` with ${token}`}`),
      drop: () => sent.push(`drop${at}`),
      release: async () => true,
      hangUp: () => sent.push(`hang up${at}`),
      send: ({ name, payload }) => sent.push(`${name} ${JSON.stringify(payload)}`),
      probe: () => {},
    }
  }
  const options = {
    panels,
    ...(isApart ? { endpoint: link } : { link: (events: LinkEvents) => link('', events) }),
    dialect: { ...jsonDialect, ...dialect },
    retry: () => 1000,
    ...(version && { version }),
    ...(token && { token }),
  }
  const engine = createSwitchboard(
    readLinkOptions(options, 'http://localhost/'),
    { ...home, ...at },
    { ...(inheritance && { inheritance }) },
  )
  const received: string[] = []
  const gaps: Gap[] = []
  function receive(message: ToTab) {
    if (message.type === 'gap') gaps.push(message.gap)
    if (message.type === 'gap') received.push(`gap ${message.gap.rooms.toSorted()} ${message.gap.cause}`)
    if (message.type === 'error') received.push(message.error.reason)
    if (message.type === 'denied') received.push(`denied ${message.room}`)
    if ((message.type === 'events' || message.type === 'opened') && Array.isArray(message.events))
      for (const event of message.events)
        if ('room' in event) received.push(`${event.room} ${JSON.stringify(event.data)}`)
  }
  /** A page of this tab comes. */
  function hello(tab: string, more: Partial<Hello> = {}) {
    const page = engine.hello({ protocol: 1, worker: NAME, tab, lock: tab, ...more }, (message) => {
      receive(message)
      queueMicrotask(() => page.heard({ type: 'took', count: 1 }))
    })
    return page
  }
  const events = (room = '') => links.get(room) as LinkEvents
  return {
    engine,
    hello,
    events,
    take: () => sent.splice(0),
    received: () => received.splice(0),
    gaps,
    open: (room?: string) => events(room).opened({ recovered: false, missed: [] }),
    lose: (room?: string) => events(room).lost({ reason: 'gone' }),
    /** The server sends a frame, over the connection of a room or of all. */
    async say(frame: Frame, room?: string, position?: string) {
      events(room).message({
        name: frame.type,
        payload: frame,
        size: 100,
        ...(room !== undefined && { room }),
        ...(position !== undefined && { position }),
      })
      await tick(20)
    },
    states: () => Object.fromEntries(engine.inspect().rooms.map(({ room, state }) => [room, state])),
  }
}

async function subscribed(setting: Setting, ...names: (keyof typeof panels)[]) {
  const all = setUp(setting)
  const page = all.hello('tab')
  await tick(400)
  for (const [index, name] of names.entries()) void page.subscribe([name], { call: index, since: undefined })
  await tick()
  return { ...all, page }
}

const numbered: Partial<Dialect> = {
  seq: (_, payload) => (payload as { seq?: number }).seq,
  resume: (positions) => ({ name: 'resume', payload: positions }),
}
const row = (seq: number, room = 'errors'): Frame => ({ type: 'row', room, seq, data: seq })
const joined = (recovered = false, room = 'errors'): Frame => ({ type: 'subscribed', room, recovered })

/** Joined to a server that numbers events and can send them again, and has sent two. */
async function numberedRoom(dialect: Partial<Dialect> = numbered) {
  const all = await subscribed({ dialect }, 'errors')
  all.open()
  await all.say(joined())
  await all.say(row(1))
  await all.say(row(2))
  expect(all.take()).toEqual(['dial', 'subscribe {"room":"errors"}'])
  all.received()
  /** The connection is lost, and opens again. */
  async function reconnect() {
    all.lose()
    await tick(1000)
    all.open()
    return all.take().slice(1)
  }
  return { ...all, reconnect }
}

test('what was missed is asked for before the joins - the server sends it again: no gap, and nothing twice', async () => {
  const { reconnect, say, received, states } = await numberedRoom()
  expect(await reconnect()).toEqual(['resume {"errors":2}', 'subscribe {"room":"errors"}'])
  await say(joined(true))
  for (const number of [2, 3, 4]) await say(row(number))
  expect(received()).toEqual(['errors 3', 'errors 4'])
  expect(states()).toEqual({ errors: 'live' })
})

test('the server says that it sends all again, but a number is missing - a gap', async () => {
  const { reconnect, say, received } = await numberedRoom()
  await reconnect()
  await say(joined(true))
  await say(row(4))
  expect(received()).toEqual(['gap errors sequence', 'errors 4'])
})

test('the server cannot send it again, and counts anew - a gap, and each event arrives', async () => {
  const { reconnect, say, received } = await numberedRoom()
  await reconnect()
  await say(joined())
  await say(row(1))
  await say(row(2))
  expect(received()).toEqual(['gap errors link', 'errors 1', 'errors 2'])
})

test('the server has counted anew, and no event came since - it is not asked for a position of before', async () => {
  const { reconnect, say, received } = await numberedRoom()
  await reconnect()
  await say(joined())
  expect(await reconnect()).toEqual(['subscribe {"room":"errors"}'])
  await say(joined())
  expect(received()).toEqual(['gap errors link', 'gap errors link'])
})

test('the server counts anew, and sends an event before it answers the join, or without an answer - a gap, and each event arrives', async () => {
  const { reconnect, say, received } = await numberedRoom()
  await reconnect()
  await say(row(1))
  await say(row(2))
  expect(received()).toEqual(['gap errors link', 'errors 1', 'errors 2'])
})

test('a join is answered twice - the second answer takes nothing back: a hole is a gap, and nothing comes twice', async () => {
  const { reconnect, say, received } = await numberedRoom()
  await reconnect()
  await say(joined(true))
  await say(joined())
  for (const number of [2, 4]) await say(row(number))
  expect(received()).toEqual(['gap errors sequence', 'errors 4'])
})

test('a dialect whose resume throws - the rooms are joined, with a gap', async () => {
  const { reconnect, say, received, engine } = await numberedRoom({
    ...numbered,
    resume() {
      throw new Error('oops')
    },
  })
  expect(await reconnect()).toEqual(['subscribe {"room":"errors"}'])
  await say(joined())
  expect(received()).toEqual(['gap errors link'])
  expect(engine.inspect().counters.malformed).toBe(1)
})

test('a dialect whose position throws - a gap of the room, and the others go on', async () => {
  const { seq: _, ...unnumbered } = numbered
  const { say, received, reconnect } = await numberedRoom({
    ...unnumbered,
    position(_, payload) {
      const { seq } = payload as { seq: number }
      if (seq === 3) throw new Error('oops')
      return `at-${seq}`
    },
  })
  await say(row(3))
  expect(received()).toEqual(['gap errors queue'])
  await say(row(4))
  expect(received()).toEqual(['errors 4'])
  expect(await reconnect()).toEqual(['resume {"errors":"at-4"}', 'subscribe {"room":"errors"}'])
})

test('a tab had missed more than the outage - it gets its gap, though the server sends the outage again', async () => {
  const { reconnect, say, received, hello } = await numberedRoom()
  await reconnect()
  const other = hello('other')
  await tick()
  void other.subscribe(['errors'], { call: 1, since: 900_000 })
  await tick()
  await say(joined(true))
  expect(received()).toContain('gap errors worker')
})

test('a room over its own connection, whose server counts anew with each - a gap, and each event arrives', async () => {
  const { seq } = numbered as Dialect
  const { open, lose, say, received } = await subscribed(
    { isApart: true, dialect: { seq } as Partial<Dialect> },
    'errors',
  )
  open('errors')
  await say(row(1), 'errors')
  await say(row(2), 'errors')
  lose('errors')
  await tick(1000)
  open('errors')
  await say(row(1), 'errors')
  await say(row(2), 'errors')
  expect(received()).toEqual(['errors 1', 'errors 2', 'gap errors link', 'errors 1', 'errors 2'])
})

test('two streams count the same positions - an event that a tab has not handled does not count as handled', async () => {
  const { engine, open, say } = await subscribed({ isApart: true }, 'errors', 'stats')
  open('errors')
  await tick()
  open('stats')
  const slow = engine.hello({ protocol: 1, worker: NAME, tab: 'slow', lock: 'slow' }, () => {})
  void slow.subscribe(['errors'], { call: 1, since: undefined })
  await tick(1000)
  const before = Date.now()
  await say(row(1), 'errors', '1')
  await say(row(1, 'stats'), 'stats', '1')
  const { session, values } = await engine.retire({ generation: 2, address: 'new.js', type: 'module' })
  expect(session.at).toBeLessThan(before)
  expect(values).toEqual([])
})

test('the connection is lost, but its session can be continued - nothing is handed to the tab in front until it is back', async () => {
  const { engine, events, lose, say } = await subscribed({}, 'errors')
  expect(engine.canHandOn()).toBe(false)
  events('').opened({ recovered: false, missed: [], session: 's' })
  await say(row(1), undefined, '1')
  expect(engine.canHandOn()).toBe(true)
  lose()
  expect(engine.canHandOn()).toBe(false)
  await tick(1000)
  events('').opened({ recovered: true, missed: [], session: 's' })
  expect(engine.canHandOn()).toBe(true)
})

test('a denied room is left - its connection ends - and wanted again: it is dialled', async () => {
  const { page, events, open, take, received, states, engine } = await subscribed(
    { isApart: true },
    'errors',
    'stats',
  )
  events('errors').lost({ reason: 'no', isFinal: true })
  await tick()
  open('stats')
  expect(received()).toEqual(['denied errors'])
  expect(engine.inspect().rooms[0]?.connection).toMatchObject({ state: 'unauthorized' })
  await page.unsubscribe(['errors'])
  await tick(2000)
  expect(states()).toEqual({ stats: 'live' })
  take()
  void page.subscribe(['errors'], { call: 2, since: undefined })
  await tick()
  expect(take()).toEqual(['dial errors'])
})

test('one connection flaps - no outage - all are down: one, with the reason, and the version endpoint is asked', async () => {
  const asked: unknown[] = []
  vi.stubGlobal('fetch', async (url: unknown) => {
    asked.push(url)
    return new Response('v1')
  })
  const version = { url: '/version', every: 1000 }
  const { open, lose, engine } = await subscribed({ isApart: true, version }, 'errors', 'stats')
  open('errors')
  await tick()
  open('stats')
  await tick(100)
  expect(asked).toHaveLength(1)
  lose('errors')
  await tick(1000)
  open('errors')
  await tick(3000)
  expect(engine.inspect().link.outages).toEqual([])
  expect(asked).toHaveLength(1)
  lose('errors')
  lose('stats')
  await tick(900)
  expect(engine.inspect().link.outages).toMatchObject([{ reason: 'gone' }])
  await tick(2000)
  expect(asked.length).toBeGreaterThan(1)
  open('errors')
  expect(engine.inspect().link.outages).toMatchObject([{ reason: 'gone', for: 2900 }])
})

/** The key of an order to reload because the connection stays down. */
const STUCK = ''

test('a page was told to reload because all is down, and comes back to the same - it still remembers that', async () => {
  vi.stubGlobal('fetch', async () => new Response('v1'))
  const { lose, engine } = await subscribed({ isApart: true, version: { url: '/version' } }, 'errors')
  lose('errors')
  const told: unknown[] = []
  engine.hello(
    { protocol: 1, worker: NAME, tab: 'told', lock: 'told', version: 'v1', orders: [[STUCK, 1, 999_000]] },
    (message) => {
      if (message.type === 'orders') told.push(message.orders)
    },
  )
  await tick(1500)
  lose('errors')
  expect(told).toEqual([])
})

test('a fresh worker whose page wants no room yet - that is no proof that the server is there', async () => {
  vi.stubGlobal('fetch', async () => new Response('v1'))
  const { engine, take } = setUp({ isApart: true, version: { url: '/version' } })
  const told: unknown[] = []
  const page = engine.hello(
    { protocol: 1, worker: NAME, tab: 'told', lock: 'told', version: 'v1', orders: [[STUCK, 1, 999_000]] },
    (message) => {
      if (message.type === 'orders') told.push(message.orders)
    },
  )
  await tick(400)
  expect(engine.inspect().status.state).toBe('online')
  expect(engine.inspect().counters.connects).toBe(0)
  void page.subscribe(['errors'], { call: 1, since: undefined })
  await tick()
  expect(take()).toEqual(['dial errors'])
  expect(told).toEqual([])
})

test('the connection of a room cannot be opened for 10 s - its tabs are told once, and the others are not held up', async () => {
  const { received, take, open } = await subscribed({ isApart: true }, 'errors', 'stats')
  await tick(10_000)
  expect(take()).toEqual(['dial errors', 'dial stats', 'drop errors'])
  open('stats')
  await tick(30_000)
  expect(received().filter((each) => each === 'join-unanswered')).toHaveLength(2)
})

const left: Inheritance = {
  address: 'old.js',
  url: 'link',
  session: { worker: NAME, rooms: ['errors'], at: 990_000, tabs: [['tab']] },
  tabs: [['tab', [[['errors'], ['errors']]]]],
  values: [],
  hasTokens: true,
  isPaused: false,
  builds: { seen: [], returns: [] },
}

test.each([
  [
    'throws',
    () => {
      throw new Error('no such room')
    },
    'no such room',
  ],
  ['returns nothing', () => undefined as never, 'returned undefined'],
  ['returns an address of another kind', () => 'ftp://x', 'returned "ftp://x"'],
])('an endpoint that %s - its room is stale and tells why, and the other is dialled', async (_, odd, why) => {
  const dialled: string[] = []
  class Socket {
    constructor(url: string) {
      dialled.push(url)
    }
    close() {}
  }
  vi.stubGlobal('WebSocket', Socket)
  const endpoint = (room: string) => (room === 'errors' ? odd() : `/ws/${room}`)
  const engine = createSwitchboard(readWebSocketOptions({ panels, endpoint }, 'http://localhost/'), home)
  const page = engine.hello({ protocol: 1, worker: NAME, tab: 'tab', lock: 'tab' }, () => {})
  await tick(400)
  void page.subscribe(['both'], { call: 1, since: undefined })
  await tick()
  const [room] = engine.inspect().rooms
  expect(room).toMatchObject({ state: 'stale', connection: { state: 'offline' } })
  expect(room?.connection?.error?.message).toContain(why)
  expect(dialled).toEqual(['ws://localhost/ws/stats'])
  await page.leave()
})

test('a link of the app that cannot be made for a room - the room is denied and tells why, and the others are dialled', async () => {
  const { take, received, states, engine } = await subscribed({ isApart: true, broken: 'errors' }, 'both')
  expect(states()).toEqual({ errors: 'denied', stats: 'joining' })
  expect(engine.inspect().rooms[0]?.reason).toBe('no link for errors')
  expect(take()).toEqual(['dial stats'])
  await tick(10_000)
  expect(received()).toEqual(['denied errors', 'join-unanswered'])
})

test('another build takes over while tokens come from tabs - dialled once one is here, with its token, and a gap', async () => {
  const { hello, take, open, received } = setUp({ isApart: true, inheritance: left })
  await tick(500)
  expect(take()).toEqual([])
  const page = hello('tab', { token: true })
  await tick()
  expect(take()).toEqual([])
  page.heard({ type: 'token', call: 1, answer: 'good' })
  await tick()
  expect(take()).toEqual(['dial errors with good'])
  open('errors')
  void page.subscribe(['errors'], { call: 1, since: undefined })
  await tick(200)
  expect(received()).toEqual(['gap errors worker'])
})

test('a paused worker hands over - the next one dials nothing until it is resumed', async () => {
  const { engine, take } = setUp({
    isApart: true,
    inheritance: { ...left, hasTokens: false, isPaused: true },
  })
  await tick(5000)
  expect(take()).toEqual([])
  expect(engine.inspect().status.state).toBe('paused')
  engine.connect()
  await tick()
  expect(take()).toEqual(['dial errors'])
})

test('a worker retires while it waits for a token to start with - it dials nothing any more', async () => {
  const { engine, take } = setUp({ isApart: true, inheritance: left })
  await tick(100)
  const place = { generation: 2, address: 'new.js', type: 'module' } as const
  const { session } = await engine.retire(place)
  expect(session).not.toHaveProperty('id')
  await tick(60_000)
  expect(take()).toEqual([])
})

test('a worker has handed over, and stays for its own pages - none of its timers runs on', async () => {
  const { page, open, engine } = await subscribed({}, 'both')
  open('')
  await tick(1000)
  page.heard({ type: 'took', count: 1 })
  await engine.retire()
  await tick(60_000)
  // The store looks for its database again.
  expect(vi.getTimerCount()).toBe(1)
})

/** A database with these records. Returns what is done to it. */
function stubDatabase(found: readonly (readonly [key: unknown, record: unknown])[] = []) {
  const done: string[] = []
  const succeed = (result: unknown) => ({
    result,
    set onsuccess(act: () => void) {
      queueMicrotask(act)
    },
  })
  const transaction = {
    set oncomplete(act: () => void) {
      queueMicrotask(act)
    },
    objectStore: () => ({
      transaction,
      put: (record: object, key: unknown) => done.push(`put ${key}${'goneAt' in record ? ' gone' : ''}`),
      delete: (key: unknown) => done.push(`delete ${key}`),
      getAllKeys: () => succeed(found.map(([key]) => key)),
      getAll: () => succeed(found.map(([, record]) => record)),
    }),
  }
  const handle = { transaction: () => transaction, close: () => done.push('close') }
  const open = () => {
    done.push('open')
    return succeed(handle)
  }
  vi.stubGlobal('indexedDB', { open })
  return done
}

test('a worker of one page has handed over to that of another - it writes no session any more, and its database is closed', async () => {
  const done = stubDatabase()
  const { open, say, engine } = await subscribed({}, 'errors')
  open('')
  await say(joined())
  await tick(1000)
  expect(done).toContain('put session')
  done.length = 0
  await engine.retire()
  await tick(5000)
  expect(done).toEqual(['close'])
})

test('the last tab leaves - every connection and every timer ends', async () => {
  const { page, open, take } = await subscribed({ isApart: true }, 'both')
  open('errors')
  await tick()
  open('stats')
  take()
  await page.leave()
  await tick(5000)
  expect(take()).toEqual(['hang up errors', 'hang up stats'])
  // The store looks for its database again.
  expect(vi.getTimerCount()).toBe(1)
})

const state = ({ inspect }: { inspect(): { readonly status: { readonly state: string } } }) =>
  inspect().status.state

test('the worker before was paused - the first page that knows it says so, and the server is not dialled before a page calls connect', async () => {
  const { engine, hello, take } = setUp()
  hello('new')
  hello('tab', { paused: true, clock: ['before', 0] })
  await tick(400)
  expect([state(engine), take()]).toEqual(['paused', ['hang up']])
  engine.connect()
  await tick()
  hello('other', { paused: true, clock: ['before', 0] })
  await tick()
  expect([state(engine), take()]).toEqual(['connecting', ['dial']])
})

for (const [why, page] of [
  ['has missed a connect() of this worker', { paused: true, clock: ['i', 0] }],
  ['knows of no worker yet', { clock: ['before', 0] }],
] as const)
  test(`a page says hello that ${why} - the connection stays as it is`, async () => {
    const { engine, hello, open } = setUp()
    hello('tab', page as unknown as Partial<Hello>)
    await tick(400)
    open()
    expect(state(engine)).toBe('online')
  })

for (const [how, later] of [
  ['and a page is thawed long after', () => tick(60_000)],
  [
    'calls connect(), and a page is thawed',
    async ({ engine }: ReturnType<typeof setUp>) => {
      engine.connect()
      await tick()
    },
  ],
] as const)
  test(`a page that was just loaded starts a worker, ${how} that knew the last one as paused - the connection stays as it is`, async () => {
    const all = setUp()
    all.hello('new')
    await tick(400)
    all.open()
    await later(all)
    all.hello('thawed', { paused: true, clock: ['long before', 0] })
    await tick()
    expect(state(all.engine)).toBe('online')
  })

test('another page was not paused when the worker before ended - one that comes later does not pause the connection', async () => {
  const { engine, hello, open } = setUp()
  hello('tab', { paused: false, clock: ['before', 0] })
  await tick(400)
  open()
  hello('thawed', { paused: true, clock: ['long before', 0] })
  await tick()
  expect(state(engine)).toBe('online')
})

test('the user signs out while a panel is being opened - its page is told so, and is not asked to say hello again', async () => {
  const { engine, hello, states } = setUp()
  const page = hello('tab')
  const opening = page.subscribe(['errors'], { call: 1, since: undefined }).catch(({ reason }) => reason)
  await engine.signOut()
  await tick(400)
  expect(await opening).toBe('closed')
  await expect(page.unsubscribe(['errors'])).rejects.toMatchObject({ reason: 'closed' })
  expect(page.expectHere).toThrow('The user has signed out.')
  expect(states()).toEqual({})
  // The user signs in again.
  const next = hello('tab')
  await next.subscribe(['errors'], { call: 1, since: undefined })
  expect(states()).toEqual({ errors: 'joining' })
})

/** A worker that can stand still. Then it does not know whether it still serves, until the test says so. */
function setUpFrozen(setting: Setting = {}) {
  let hasStalled = false
  let confirm = () => {}
  const known = new Promise<void>((resolve) => {
    confirm = resolve
  })
  const at: Partial<Home> = {
    isStale: () => hasStalled,
    async confirmed() {
      if (hasStalled) await known
    },
  }
  return {
    ...setUp({ ...setting, at }),
    freeze() {
      hasStalled = true
    },
    confirm() {
      hasStalled = false
      confirm()
    },
  }
}

test('the worker stands still until its tab has been here for `grace` - it writes no panels before it knows that it still serves', async () => {
  const done = stubDatabase()
  const { hello, freeze, confirm } = setUpFrozen()
  const page = hello('tab')
  await tick(400)
  await page.subscribe(['errors'], { call: 1, since: undefined })
  expect(done).toContain('put tab')
  await tick(9000)
  done.length = 0
  freeze()
  await tick(1000)
  expect(done).toEqual([])
  confirm()
  await tick()
  expect(done).toContain('put tab')
})

test('the worker stands still while it fetches its token - it does not dial before it knows that it still serves', async () => {
  let answer = (_: string) => {}
  const { hello, freeze, confirm, take } = setUpFrozen({
    token: () =>
      new Promise((resolve) => {
        answer = resolve
      }),
  })
  hello('tab')
  await tick(400)
  freeze()
  answer('secret')
  await tick(400)
  expect(take()).toEqual([])
  confirm()
  await tick()
  expect(take()).toEqual(['dial with secret'])
})

test('a page opens panels at the moment its tab has been here for `grace` - it gets their events, and their rooms stay joined', async () => {
  const { hello, open, events, say, received, states } = setUp()
  const page = hello('tab')
  await tick(400)
  await page.subscribe(['stats'], { call: 1, since: undefined })
  open()
  await say(joined(false, 'stats'))
  await tick(9570)
  // It waits for another panel.
  void page.subscribe(['errors'], { call: 2, since: undefined }, true)
  await tick()
  events().message({ name: 'row', payload: row(1), size: 100 })
  await say(joined())
  await tick(2000)
  await say(row(2))
  expect(received()).toEqual(['errors 1', 'errors 2'])
  expect(states()).toMatchObject({ errors: 'live' })
})

test('a tab comes back that was away for too long, while the next worker finds out whether the last one has ended - a gap, although the session is recovered', async () => {
  const panels = [['errors']]
  stubDatabase([
    ['late', { panels, at: 890_000, goneAt: 900_000 }],
    ['other', { panels, at: 890_000 }],
    [
      ['session'],
      {
        ...{ worker: NAME, lock: 'last', id: 's', position: 'p', rooms: ['errors'], at: 999_000 },
        tabs: [['other']],
      },
    ],
  ])
  const isFree = () => new Promise<boolean>((resolve) => setTimeout(resolve, 100, true))
  const { hello, events, say, received, take } = setUp({ at: { isFree } })
  const page = hello('late', { had: [[['errors'], 899_000]], clock: ['last', 0] })
  await tick(100)
  expect(take()).toEqual(['dial'])
  events().opened({ recovered: true, missed: [] })
  void page.subscribe(['errors'], { call: 1, since: undefined })
  await say(joined())
  await say(row(1))
  expect(received()).toEqual(['gap errors worker', 'errors 1'])
})

test('a tab and its worker ended at the same time - the next worker holds its rooms for `grace`, and later ones do not', async () => {
  const done = stubDatabase([['ended', { panels: [['errors']], at: 999_000 }]])
  const { states } = setUp()
  await tick(400)
  expect(states()).toEqual({ errors: 'joining' })
  await tick(10_000)
  expect(states()).toEqual({})
  expect(done).toContain('put ended gone')
})

test('the next worker connects before it knows whether the last one has ended - a gap that lasts until the room is joined', async () => {
  const panels = [['errors']]
  const session = { worker: NAME, lock: 'last', rooms: ['errors'], at: 999_000, tabs: [['tab']] }
  stubDatabase([
    ['tab', { panels, at: 890_000 }],
    [['session'], session],
  ])
  const isFree = () => new Promise<boolean>((resolve) => setTimeout(resolve, 1500, false))
  const { hello, open, say, gaps } = setUp({ at: { isFree } })
  hello('other')
  await tick(1200)
  open()
  await tick(400)
  await say(joined())
  const joinedAt = Date.now() - 20
  const page = hello('tab', { had: [[['errors'], 999_500]], clock: ['last', 0] })
  await tick()
  await page.subscribe(['errors'], { call: 1, since: undefined })
  expect(gaps).toEqual([{ rooms: ['errors'], from: 999_000, to: joinedAt, cause: 'worker' }])
})
