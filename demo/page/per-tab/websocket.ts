import type { CreateWire } from './wire.ts'

/** How long the page waits after a close, in ms. */
const RECONNECT = 3000
const FORBIDDEN = 4403

interface Frame {
  readonly type: string
  readonly data: unknown
}

/** A socket per room and tab, as a hook per endpoint opens it. Each is opened again a fixed time after it was closed. */
export const createWire: CreateWire = (token, { onState, onUpdate, onDenied }) => {
  const sockets = new Map<string, WebSocket>()
  const query = new URLSearchParams({ token, by: 'per-tab' })
  const tell = () => onState([...sockets.values()].some(({ readyState }) => readyState === WebSocket.OPEN))

  function open(room: string) {
    const socket = new WebSocket(`/api/v1/ws/${room}?${query}`)
    sockets.set(room, socket)
    const isCurrent = () => sockets.get(room) === socket
    socket.onopen = tell
    socket.onmessage = ({ data }) => {
      const { type, data: payload } = JSON.parse(data) as Frame
      if (isCurrent() && type !== 'keepalive' && type !== 'reload') onUpdate(room, payload)
    }
    socket.onclose = ({ code }) => {
      if (!isCurrent()) return
      if (code === FORBIDDEN) return onDenied(room)
      tell()
      setTimeout(() => isCurrent() && open(room), RECONNECT)
    }
  }

  return {
    join: open,
    leave(room) {
      const socket = sockets.get(room)
      sockets.delete(room)
      socket?.close()
    },
  }
}
