import { type Link, type LinkEvents, serve } from 'partyline/worker/link'
import { roomIn, takeOrders } from './orders'

/** The worker file of the tests' dashboard with a link of the app's own. It reads its options from its own address. */

interface WorkerSettings {
  readonly url: string
  /** Each room has an endpoint of its own below the address. */
  readonly isPerRoom?: boolean
}

const query = new URL(location.href).searchParams
const { url, isPerRoom, ...options }: WorkerSettings = JSON.parse(query.get('options') ?? '{}')

takeOrders()

/** A link to a WebSocket server, as short as it can be. */
function createLink(address: string, events: LinkEvents): Link {
  let socket: WebSocket | undefined
  function end() {
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null
    socket?.close()
    socket = undefined
  }
  return {
    dial() {
      socket = new WebSocket(address.replace('http', 'ws'))
      socket.onopen = () => events.opened({ recovered: false, missed: [] })
      socket.onmessage = ({ data }) => {
        const payload = JSON.parse(data)
        events.message({ name: payload.type, payload, size: data.length })
      }
      socket.onclose = ({ code }) => {
        end()
        events.lost({ reason: `closed with ${code}` })
      }
    },
    drop: end,
    hangUp: end,
    async release() {
      end()
      return false
    },
    send({ name, payload }) {
      if (socket?.readyState !== WebSocket.OPEN) return false
      socket.send(JSON.stringify({ type: name, ...(payload as object) }))
      return true
    },
    probe: (answered) => answered(),
  }
}

serve({
  panels: { overview: ['stats'], errors: ['errors', 'stats'] },
  ...options,
  sends: {},
  ...(isPerRoom
    ? {
        endpoint: (room: string, events: LinkEvents) => createLink(`${url}/room/${room}`, events),
        sendTo: roomIn,
      }
    : { link: (events: LinkEvents) => createLink(`${url}/ws`, events) }),
})
