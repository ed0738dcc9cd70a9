import { type DialectServer, isSecret, listening } from './listening.ts'

interface Ask {
  readonly room: string
}

/** Denies a join with an event `error`, and then acknowledges it, as frameworks do for handlers that return nothing. */
export async function errorServer(): Promise<DialectServer> {
  const { io, url, stop } = await listening()
  const asked: string[] = []
  io.on('connection', (socket) => {
    socket.on('join_room', ({ room }: Ask, answer: () => void) => {
      asked.push(`join ${room}`)
      if (isSecret(room)) socket.emit('error', { room, message: 'not for you' })
      else void socket.join(room)
      answer()
    })
    socket.on('leave_room', ({ room }: Ask) => {
      asked.push(`leave ${room}`)
      void socket.leave(room)
    })
  })
  return {
    url,
    stop,
    asked: () => asked,
    publish: (room, data) => io.to(room).emit('row', { room, data }),
  }
}
