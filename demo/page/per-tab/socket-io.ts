import { io } from 'socket.io-client'
import type { CreateWire } from './wire.ts'

/** A socket per tab, with socket.io-client's own reconnection. The page joins its rooms again after each connect. */
export const createWire: CreateWire = (token, { onState, onUpdate, onDenied }) => {
  const socket = io({ auth: { token }, query: { by: 'per-tab' } })
  const rooms = new Set<string>()

  function ask(room: string) {
    socket.emit('join_room', { room }, ({ error }: { error?: string }) => {
      if (error !== undefined) onDenied(room)
    })
  }

  socket.on('connect', () => {
    onState(true)
    for (const room of rooms) ask(room)
  })
  socket.on('disconnect', () => onState(false))
  socket.on('connect_error', () => onState(false))
  socket.on('update', ({ room, data }: { room: string; data: unknown }) => onUpdate(room, data))

  return {
    join(room) {
      rooms.add(room)
      if (socket.connected) ask(room)
    },
    leave(room) {
      rooms.delete(room)
      if (socket.connected) socket.emit('leave_room', { room })
    },
  }
}
