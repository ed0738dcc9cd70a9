import type { Socket } from 'node:net'

/** What contenders cost the server, counted since its start. */
export interface Counts {
  /** Open connections that carry events. */
  readonly sockets: number
  readonly handshakes: number
  readonly joins: number
  /** Bytes written to all connections, headers and handshakes included. */
  readonly bytes: number
  /** Processor time, in ms. */
  readonly cpu: number
}

/** Adds up the bytes written to all connections, closed ones included. */
export function createByteCount() {
  const open = new Set<Socket>()
  let closed = 0
  return {
    watch(socket: Socket) {
      open.add(socket)
      socket.once('close', () => {
        open.delete(socket)
        closed += socket.bytesWritten
      })
    },
    total: () => [...open].reduce((sum, socket) => sum + socket.bytesWritten, closed),
  }
}
