import 'socketio-shared-webworker/dist/socket.io-worker.js'
import type { Envelope } from './contender'

/**
 * Used as its README says. Each page makes a blob of the worker's script, whose address no other page has, so each tab starts
 * its own worker with its own socket.
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
    // It logs every message. Only the page's part can be turned off.
    Object.assign(Object.getPrototypeOf(socket), { log: () => {} })
    socket.start()
    socket.on('connect', () => {
      for (const room of rooms) socket.emit('join_room', { room })
    })
    socket.on('row', ({ data }) => onEvent(data))
  },
  close: () => {},
}
