import { roomDialect, serve } from 'partyline/worker'
import { readCoverage } from './counters'
import { breakDatabase, type DatabaseState } from './database'

/** The worker file of the tests' dashboard. It reads its options from its own address, so that each test has its own. */

interface Rooms {
  stats: { n: number }
  errors: { n: number }
  activity: { n: number }
  tmux: { n: number }
  secret: { n: number }
  __proto__: { n: number }
  constructor: { n: number }
  [adw: `adw-state/${string}`]: { n: number }
}

/** Settings of this file. All others in the address are options of `serve`, and are passed on unchanged. */
interface WorkerSettings {
  readonly routed?: Readonly<Record<string, string | string[]>>
  readonly tokenUrl?: string
  readonly database?: DatabaseState
  readonly seq?: boolean
  readonly faulty?: string
  /** A method of the dialect, and what it returns for messages named `odd`. */
  readonly nonsense?: readonly [part: 'kind' | 'event', what: keyof typeof NONSENSE]
  /** How long the worker waits for its lock, in ms. */
  readonly lockAfter?: number
  /** The address that says by how many ms the clock was changed. */
  readonly clockUrl?: string
}

const query = new URL(location.href).searchParams
const settings: WorkerSettings = JSON.parse(query.get('options') ?? '{}')
const { routed, tokenUrl, database, seq, faulty, nonsense, lockAfter, clockUrl, ...options } = settings

breakDatabase(database)

/** By how many ms the clock was changed. A `clock` in the address is the change before this worker started. */
let shift = Number(query.get('clock') ?? 0)
const wall = Date.now
Date.now = () => wall() + shift

// A blocking request, because the clock must be right before anything reads it.
if (clockUrl !== undefined) {
  const request = new XMLHttpRequest()
  request.open('GET', clockUrl, false)
  request.send()
  shift += Number(request.responseText)
}

// Only the worker can read its coverage. Pages find it by its lock, and request the coverage.
const coverage = `coverage ${query.get('test')}`
new BroadcastChannel(coverage).onmessage = ({ target, data }) => {
  if (Array.isArray(data)) (target as BroadcastChannel).postMessage(readCoverage(data))
}
void navigator.locks?.request(coverage, { mode: 'shared' }, () => new Promise(() => {}))

// Delays the lock: requests of different threads reach the browser in any order.
if (lockAfter !== undefined) {
  const request = navigator.locks.request.bind(navigator.locks) as (...args: unknown[]) => Promise<unknown>
  navigator.locks.request = (async (...args: unknown[]) => {
    await new Promise((done) => setTimeout(done, lockAfter))
    return request(...args)
  }) as LockManager['request']
}

const orders = new BroadcastChannel(`worker ${query.get('test')}`)

// Sends what the worker writes to its console to the test.
for (const level of ['warn', 'error'] as const) {
  const say = console[level]
  console[level] = (...words: unknown[]) => {
    orders.postMessage({ consoleMessage: words.map(String).join(' ') })
    say(...words)
  }
}

// Orders of tests: to end, throw, hang, break the database, or change the clock. One with a `build` is for its worker alone.
orders.onmessage = ({ data: message }) => {
  if (message.build !== undefined && message.build !== query.get('build')) return
  const data = message.order ?? message
  if (data === 'die') close()
  // Ten times, for longer than a page waits before it assumes that a worker did not start.
  if (data === 'throw') for (let n = 0; n < 10; n += 1) setTimeout(fail, 50 * n)
  if (data === 'delete database') {
    void indexedDB.databases().then((all) => {
      for (const { name } of all) if (name?.startsWith(self.name)) indexedDB.deleteDatabase(name)
    })
  }
  if (data.database) breakDatabase(data.database)
  if (data.misread) misreading = data.misread
  if (data.clock) {
    shift += data.clock
    orders.postMessage({ isSet: true })
  }
  if (typeof data === 'number') {
    const until = Date.now() + data
    while (Date.now() < until);
  }
}

/** A dialect method that throws. */
function fail(): never {
  throw new Error('oops')
}

/** What the dialect returns for the next event, if it is wrong. */
let misreading: keyof typeof NONSENSE | undefined

function misread(name: string, payload: unknown) {
  const how = misreading
  misreading = undefined
  return how === undefined ? roomDialect.event(name, payload) : (NONSENSE[how](payload) as never)
}

/** What a wrong dialect method does. */
const NONSENSE = {
  throws: fail,
  'returns nothing': () => undefined,
  'returns no name': (payload: unknown) => ({ name: undefined, data: payload }),
  'returns a function as data': () => ({ name: 'odd', data: () => {} }),
  'returns more than it should': () => ({
    name: 'odd',
    data: { n: 2 },
    kind: 'reload',
    rooms: [],
    order: {},
  }),
}

function wrongForOdd(part: 'kind' | 'event', what: keyof typeof NONSENSE) {
  return (name: string, payload: unknown) =>
    name === 'odd' ? NONSENSE[what](payload) : roomDialect[part](name, payload)
}

const switchboard = serve({
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    tmux: ['tmux'],
    vault: ['secret', 'stats'],
    odd: ['__proto__', 'constructor'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
    ...(globalThis as { panels?: Record<string, string[]> }).panels,
  },
  ...options,
  rooms: {} as Rooms,
  dialect: {
    ...roomDialect,
    event: misread,
    ...(faulty && { [faulty]: fail }),
    ...(nonsense && { [nonsense[0]]: wrongForOdd(...nonsense) }),
    ...(seq && { seq: (_: string, payload: unknown) => (payload as { n?: number } | null)?.n }),
  },
  ...(tokenUrl && { token: () => fetch(tokenUrl) }),
  ...(routed && { route: (name: string) => routed[name] }),
})
export type Dashboard = typeof switchboard
