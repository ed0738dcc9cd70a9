import type { Socket } from 'node:net'

/** What contenders cost the server, by its own count since it started. */
export interface Counts {
  /** Connections that carry events, now. */
  readonly sockets: number
  readonly handshakes: number
  readonly joins: number
  /** Bytes written to all connections, headers and handshakes included. */
  readonly bytes: number
  /** ms of processor time. */
  readonly cpu: number
}

/** Adds up what is written to connections, those that are closed included. */
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
