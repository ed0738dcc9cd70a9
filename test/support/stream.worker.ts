import { roomDialect, serve } from 'partyline/worker/sse'
import { takeOrders } from './orders'

/** The worker file of the tests' dashboard on a server that sends events. It reads its options from its own address. */

interface WorkerSettings {
  /** The server's address. */
  readonly url: string
  /** Each room has a stream of its own. */
  readonly endpoints?: boolean
  /** One stream has all rooms, whoever wants which. */
  readonly whole?: boolean
  readonly tokenUrl?: string
}

const query = new URL(location.href).searchParams
const settings: WorkerSettings = JSON.parse(query.get('options') ?? '{}')
const { url, endpoints, whole, tokenUrl, ...options } = settings
const ALL = ['activity', 'errors', 'stats', 'tmux', 'secret']
const where = endpoints
  ? { endpoint: (room: string) => `${url}/events/${encodeURIComponent(room)}` }
  : { stream: (rooms: readonly string[]) => `${url}/events?rooms=${(whole ? ALL : rooms).join(',')}` }

takeOrders()

serve({
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    tmux: ['tmux'],
    vault: ['secret', 'stats'],
  },
  dialect: { ...roomDialect },
  ...where,
  ...options,
  ...(tokenUrl && { token: () => fetch(tokenUrl) }),
})
