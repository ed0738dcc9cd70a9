import { io, type ManagerOptions, type Socket } from 'socket.io-client'
import type { Envelope, FeedEvent } from './contender'
import { PACE } from './pace'

/** Opens a socket as pages do today. It joins its rooms after each connect. */
export function openFeed(
  rooms: readonly string[],
  onEvent: (event: FeedEvent) => void,
  options: Partial<ManagerOptions> = {},
): Socket {
  const socket = io({ ...PACE, ...options })
  socket.on('connect', () => {
    for (const room of rooms) socket.emit('join_room', { room }, () => {})
  })
  socket.on('row', ({ data }: Envelope) => onEvent(data))
  return socket
}
