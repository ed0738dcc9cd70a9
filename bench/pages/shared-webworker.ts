import 'socketio-shared-webworker/dist/socket.io-worker.js'
import type { Envelope } from './contender'

/**
 * Used as its README says. Each page makes the worker's script into a blob of its own, whose address no other page
 * has: so each tab starts a worker of its own, with a socket of its own.
 */

interface SharedWorkerSocket {
  start(): void
  on(name: string, listener: (payload: Envelope) => void): void
  emit(name: string, payload: unknown): void
}

declare function wio(url: string): SharedWorkerSocket

window.contender = {
  connect(rooms, onEvent) {
    const socket = wio(`${location.origin}/`)
    // It logs every message. In the page that can be turned off.
    Object.assign(Object.getPrototypeOf(socket), { log: () => {} })
    socket.start()
    socket.on('connect', () => {
      for (const room of rooms) socket.emit('join_room', { room })
    })
    socket.on('row', ({ data }) => onEvent(data))
  },
  close: () => {},
}
