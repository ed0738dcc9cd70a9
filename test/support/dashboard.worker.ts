import { roomDialect, serve } from 'partyline/worker'
import { breakDatabase, type DatabaseState } from './database'
import { fail, misreadable, NONSENSE, takeOrders } from './orders'

/** The worker file of the tests' dashboard. It reads its options from its own address, so that each test has its own. */

interface Sends {
  'alarm:ack': (payload: { n: number }) => { got: { n: number } }
}

interface Rooms {
  stats: { n: number }
  errors: { n: number }
  activity: { n: number }
  tmux: { n: number }
  alarms: { n: number }
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
  /** The names that pages may send. Without it, they may send any. */
  readonly sends?: readonly string[]
}

const query = new URL(location.href).searchParams
const settings: WorkerSettings = JSON.parse(query.get('options') ?? '{}')
const { routed, tokenUrl, database, seq, faulty, nonsense, lockAfter, clockUrl, sends, ...options } = settings

breakDatabase(database)

takeOrders(clockUrl, () => switchboard.inspect() !== undefined)

// Delays the lock: requests of different threads reach the browser in any order.
if (lockAfter !== undefined) {
  const request = navigator.locks.request.bind(navigator.locks) as (...args: unknown[]) => Promise<unknown>
  navigator.locks.request = (async (...args: unknown[]) => {
    await new Promise((done) => setTimeout(done, lockAfter))
    return request(...args)
  }) as LockManager['request']
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
    alarms: ['alarms'],
    vault: ['secret', 'stats'],
    odd: ['__proto__', 'constructor'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
    ...(globalThis as { panels?: Record<string, string[]> }).panels,
  },
  ...options,
  rooms: {} as Rooms,
  sends: (sends ?? {}) as Sends,
  dialect: {
    ...roomDialect,
    event: misreadable(roomDialect.event),
    ...(faulty && { [faulty]: fail }),
    ...(nonsense && { [nonsense[0]]: wrongForOdd(...nonsense) }),
    ...(seq && { seq: (_: string, payload: unknown) => (payload as { n?: number } | null)?.n }),
  },
  ...(tokenUrl && { token: () => fetch(tokenUrl) }),
  ...(routed && { route: (name: string) => routed[name] }),
})
export type Dashboard = typeof switchboard
