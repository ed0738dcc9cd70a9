import { jsonDialect, serve } from 'partyline/worker/websocket'
import { roomIn, takeOrders } from './orders'

/** The worker file of the tests' dashboard on a plain WebSocket server. It reads its options from its own address. */

interface WorkerSettings {
  readonly tokenUrl?: string
  readonly url?: string
  /** Each room has an endpoint of its own at this address. */
  readonly rooms?: string
  /** Asks this address about the room whose connection could not be opened. */
  readonly probes?: string
  /** The server numbers its events, and sends again what was missed. */
  readonly resumes?: boolean
  /** Reads binary messages: a length, and as many characters of JSON. */
  readonly binary?: boolean
}

const query = new URL(location.href).searchParams
const settings: WorkerSettings = JSON.parse(query.get('options') ?? '{}')
const { url = '/', tokenUrl, binary, rooms, probes, resumes, ...options } = settings
const where = rooms
  ? {
      endpoint: (room: string) => `${rooms}/${encodeURIComponent(room)}`,
      sendTo: roomIn,
    }
  : { url }

takeOrders()

serve({
  panels: {
    overview: ['stats', 'activity'],
    errors: ['errors', 'stats'],
    tmux: ['tmux'],
    vault: ['secret', 'stats'],
    wall: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
    one: (room: string) => [room],
  },
  sends: {},
  dialect: {
    ...jsonDialect,
    ...(resumes && {
      seq: (_: string, payload: unknown) => (payload as { seq?: number }).seq,
      resume: (positions: object) => ({ name: 'resume', payload: { positions } }),
    }),
  },
  ...options,
  ...where,
  ...(probes && { probe: (_: unknown, room?: string) => fetch(`${probes}?room=${room}`) }),
  ...(tokenUrl && { token: () => fetch(tokenUrl) }),
  ...(binary && {
    decode: (data: string | ArrayBuffer) =>
      JSON.parse(
        typeof data === 'string' ? data : new TextDecoder().decode(new Uint8Array(data).subarray(1)),
      ),
  }),
})
