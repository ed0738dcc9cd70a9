import { jsonDialect, serve } from 'partyline/worker/websocket'
import { misreadable, takeOrders } from './orders'

/** The worker file of the chaos runs on a plain WebSocket server. It reads its options from its own address. */

interface WorkerSettings {
  readonly url: string
  /** Each room has an endpoint of its own. */
  readonly hasEndpoints?: boolean
  /** Reads the numbers of events. */
  readonly seq?: boolean
  /** Asks the server for what was missed. */
  readonly resumes?: boolean
  /** The address that says by how many ms the clock was changed. */
  readonly clockUrl?: string
}

const query = new URL(location.href).searchParams
const settings: WorkerSettings = JSON.parse(query.get('options') ?? '{}')
const { url, hasEndpoints, seq, resumes, clockUrl, ...options } = settings
const where = hasEndpoints
  ? { endpoint: (room: string) => `${url}/room/${encodeURIComponent(room)}`, sendTo: () => 'alarms' }
  : { url }

takeOrders(clockUrl, () => switchboard.inspect() !== undefined)

const numberOf = (_: string, payload: unknown) => (payload as { data?: { n?: number } }).data?.n

const switchboard = serve({
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    tmux: ['tmux'],
    alarms: ['alarms'],
    workflow: (id: string) => [`adw-state/${id}`, 'stats'],
  },
  ...options,
  ...where,
  probe: url,
  dialect: {
    ...jsonDialect,
    event: misreadable(jsonDialect.event),
    ...((seq || resumes) && { seq: numberOf }),
    ...(resumes && {
      resume: (positions) => ({ name: 'resume', payload: { positions } }),
      verdict(payload) {
        const verdict = jsonDialect.verdict(payload)
        return verdict && { ...verdict, recovered: (payload as { recovered: boolean }).recovered }
      },
    }),
  },
})
