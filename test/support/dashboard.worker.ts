import { roomDialect, serve } from 'partyline/worker'
import { breakDatabase, type DatabaseState } from './database'

/** The worker file of the tests' dashboard. Its options come in its own address, so that each test has its own. */

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

/** What a test wants beside options of `serve`, which go there as they are. */
interface Wishes {
  readonly routed?: Readonly<Record<string, string | string[]>>
  readonly tokenUrl?: string
  readonly database?: DatabaseState
  readonly seq?: boolean
  readonly faulty?: string
  /** How long the worker waits for its lock, in ms. */
  readonly lockAfter?: number
}

const query = new URL(location.href).searchParams
const wishes: Wishes = JSON.parse(query.get('options') ?? '{}')
const { routed, tokenUrl, database, seq, faulty, lockAfter, ...options } = wishes

breakDatabase(database)

// Requests of different threads reach the browser in any order.
if (lockAfter !== undefined) {
  const request = navigator.locks.request.bind(navigator.locks) as (...args: unknown[]) => Promise<unknown>
  navigator.locks.request = (async (...args: unknown[]) => {
    await new Promise((done) => setTimeout(done, lockAfter))
    return request(...args)
  }) as LockManager['request']
}

// Coverage of a worker is seen only if the worker hands it out.
new BroadcastChannel(`coverage ${query.get('test')}`).onmessage = ({ target, data }) => {
  if (data !== 'ask') return
  const { __VITEST_COVERAGE__: coverage } = globalThis as { __VITEST_COVERAGE__?: unknown }
  ;(target as BroadcastChannel).postMessage({ coverage })
}

const orders = new BroadcastChannel(`worker ${query.get('test')}`)

// What the worker says on its console is heard by the test.
for (const level of ['warn', 'error'] as const) {
  const say = console[level]
  console[level] = (...words: unknown[]) => {
    orders.postMessage({ said: words.map(String).join(' ') })
    say(...words)
  }
}

// For tests of the worker's end and of its silence.
orders.onmessage = ({ data }) => {
  if (data === 'die') close()
  // Over longer than a page waits before it believes that a worker could not be started.
  if (data === 'throw') for (let n = 0; n < 10; n += 1) setTimeout(fail, 50 * n)
  if (data === 'delete database') {
    void indexedDB.databases().then((all) => {
      for (const { name } of all) if (name?.startsWith(self.name)) indexedDB.deleteDatabase(name)
    })
  }
  if (data.database) breakDatabase(data.database)
  if (typeof data === 'number') {
    const until = Date.now() + data
    while (Date.now() < until);
  }
}

/** A part of the dialect that an app has written wrong. */
function fail(): never {
  throw new Error('oops')
}

const switchboard = serve({
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    tmux: ['tmux'],
    vault: ['secret', 'stats'],
    odd: ['__proto__', 'constructor'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
  },
  ...options,
  rooms: {} as Rooms,
  dialect: {
    ...roomDialect,
    ...(faulty && { [faulty]: fail }),
    ...(seq && { seq: (_: string, payload: unknown) => (payload as { n?: number } | null)?.n }),
  },
  ...(tokenUrl && { token: () => fetch(tokenUrl) }),
  ...(routed && { route: (name: string) => routed[name] }),
})
export type Dashboard = typeof switchboard
