import { type Dialect, type Link, type LinkEvents, type Loss, roomDialect } from 'partyline/worker/link'

type Reply = { status: string; response: { reason?: string } }
type Frame = [joinRef: string | null, ref: string | null, topic: string, event: string, data: unknown]

function denialIn(reply: unknown) {
  const { status, response } = reply as Reply
  return status === 'ok' ? undefined : (response.reason ?? 'denied')
}

/** A room is a topic. The reply to a join, or to what a page sends, is its acknowledgement. */
export const phoenixDialect: Dialect = {
  ...roomDialect,
  join: (topic) => ({ name: 'phx_join', payload: { room: topic, data: {} } }),
  leave: (topic) => ({ name: 'phx_leave', payload: { room: topic, data: {} } }),
  denial: denialIn,
  // Pages send `{ topic, …data }`.
  send(name, payload) {
    const { topic, ...data } = payload as { topic: string }
    return { name, payload: { room: topic, data } }
  },
  failure: denialIn,
  kind: (name) => (name.startsWith('phx_') ? 'system' : 'data'),
}

/** `access` answers 401 or 403 over HTTP to a user whom the socket refuses. */
export function createPhoenixLink(url: string, access: string, events: LinkEvents): Link {
  let socket: WebSocket | undefined
  let heartbeats: ReturnType<typeof setInterval> | undefined
  let ref = 0
  const joinRefs = new Map<string, string>()
  const replies = new Map<string, (reply: unknown) => void>()

  function end() {
    clearInterval(heartbeats)
    replies.clear()
    if (socket) socket.onopen = socket.onmessage = socket.onclose = null
    socket?.close()
    socket = undefined
  }

  function lose(loss: Loss) {
    end()
    events.lost(loss)
  }

  function push(topic: string, event: string, data: unknown, replied?: (reply: unknown) => void) {
    if (socket?.readyState !== WebSocket.OPEN) return false
    ref += 1
    if (event === 'phx_join') joinRefs.set(topic, `${ref}`)
    if (replied) replies.set(`${ref}`, replied)
    const frame: Frame = [joinRefs.get(topic) ?? null, `${ref}`, topic, event, data]
    socket.send(JSON.stringify(frame))
    return true
  }
  const heartbeat = (replied?: () => void) => push('phoenix', 'heartbeat', {}, replied)

  function hear(text: string) {
    let frame: Frame
    try {
      frame = JSON.parse(text)
    } catch (error) {
      return events.unreadable(String(error))
    }
    const [, id, room, name, data] = frame
    if (name === 'phx_error') return lose({ reason: `channel ${room} failed` }) // it is joined again
    if (name !== 'phx_reply') return events.message({ name, payload: { room, data }, size: text.length })
    events.alive()
    replies.get(`${id}`)?.(data)
    replies.delete(`${id}`)
  }

  function connect(token = '') {
    const query = `vsn=2.0.0&token=${encodeURIComponent(token)}`
    const own = new WebSocket(`${url}/websocket?${query}`)
    own.onopen = () => {
      heartbeats = setInterval(heartbeat, 30_000)
      events.opened({ recovered: false, missed: [] })
    }
    own.onmessage = ({ data }) => hear(data)
    own.onclose = async ({ code }) => {
      const status = await fetch(`${access}?${query}`).then(
        (answer) => answer.status,
        () => 0,
      )
      if (own !== socket) return // ended meanwhile
      const isRefused = status === 401 || status === 403
      lose({
        reason: `closed with ${code}`,
        ...(isRefused && { rejection: { message: 'unauthorized', data: { status } } }),
      })
    }
    socket = own
  }

  return {
    dial({ token }) {
      try {
        connect(token)
      } catch (error) {
        events.lost({ reason: String(error) })
      }
    },
    drop: end,
    hangUp: end,
    async release() {
      end()
      return false // no session can be recovered
    },
    send: ({ name, payload }, acknowledged) => {
      const { room, data } = payload as { room: string; data: unknown }
      return push(room, name, data, acknowledged)
    },
    probe: heartbeat,
  }
}
