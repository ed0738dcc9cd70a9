import { type DialectServer, isSecret, listening } from './listening.ts'

interface Ask {
  readonly channel: string
}
type Answer = (answer: { ok: boolean; reason?: string }) => void

/** Sends envelopes `{ channel, event, payload }` as `message`, and acknowledges a `subscribe`. */
export async function channelServer(): Promise<DialectServer> {
  const { io, url, stop } = await listening()
  const asked: string[] = []
  io.on('connection', (socket) => {
    socket.on('subscribe', ({ channel }: Ask, answer: Answer) => {
      asked.push(`join ${channel}`)
      if (isSecret(channel)) return answer({ ok: false, reason: 'not for you' })
      void socket.join(channel)
      answer({ ok: true })
    })
    socket.on('unsubscribe', ({ channel }: Ask) => {
      asked.push(`leave ${channel}`)
      void socket.leave(channel)
    })
  })
  return {
    url,
    stop,
    asked: () => asked,
    publish: (channel, payload) => io.to(channel).emit('message', { channel, event: 'row', payload }),
  }
}
