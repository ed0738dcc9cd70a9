import { type DialectServer, isSecret, listening } from './listening.ts'

interface Ask {
  readonly room: string
}

/** Numbers the events of each room. `data.how` says whether one is sent once, `twice`, or not at all (`lost`). */
export async function numberedServer(): Promise<DialectServer> {
  const { io, url, stop } = await listening()
  const asked: string[] = []
  const numbers = new Map<string, number>()
  io.on('connection', (socket) => {
    socket.on('join_room', ({ room }: Ask, answer: (answer?: { error: string }) => void) => {
      asked.push(`join ${room}`)
      if (isSecret(room)) return answer({ error: 'not for you' })
      void socket.join(room)
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
    publish(room, data) {
      const seq = (numbers.get(room) ?? 0) + 1
      numbers.set(room, seq)
      const how = (data as { how?: string }).how
      const times = how === 'lost' ? 0 : how === 'twice' ? 2 : 1
      for (let n = 0; n < times; n += 1) io.to(room).emit('row', { room, seq, data })
    },
  }
}
