import { type DialectServer, isSecret, listening } from './listening.ts'

interface Message {
  readonly topic: string
  readonly event: string
  readonly ref: string
}

/** Sends messages of Phoenix channels over Socket.IO: replies instead of acknowledgements. */
export async function phoenixServer(): Promise<DialectServer> {
  const { io, url, stop } = await listening()
  const asked: string[] = []
  io.on('connection', (socket) => {
    socket.on('phx', ({ topic, event, ref }: Message) => {
      asked.push(`${event === 'phx_join' ? 'join' : 'leave'} ${topic}`)
      const denied = event === 'phx_join' && isSecret(topic)
      if (event === 'phx_leave') void socket.leave(topic)
      else if (!denied) void socket.join(topic)
      const payload = denied
        ? { status: 'error', response: { reason: 'not for you' } }
        : { status: 'ok', response: {} }
      socket.emit('phx', { topic, event: 'phx_reply', payload, ref })
    })
  })
  return {
    url,
    stop,
    asked: () => asked,
    publish: (topic, payload) => io.to(topic).emit('phx', { topic, event: 'row', payload, ref: null }),
  }
}
