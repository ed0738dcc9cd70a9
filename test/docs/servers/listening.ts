import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'

/** A server that a dialect of the docs is tested with. */
export interface DialectServer {
  readonly url: string
  /** Sends one event of a room. */
  publish(room: string, data: unknown): unknown
  /** What clients asked for, in order: `join x`, `leave x`. */
  asked(): readonly string[]
  stop(): Promise<void>
}

/** A Socket.IO server on a free port of this machine. */
export async function listening(): Promise<{ io: Server; url: string; stop: () => Promise<void> }> {
  const http = createServer()
  const io = new Server(http, { cors: { origin: true } })
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  return {
    io,
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async stop() {
      const closed = io.close()
      http.closeAllConnections()
      await closed
    },
  }
}

export const isSecret = (room: string): boolean => room.startsWith('secret')
