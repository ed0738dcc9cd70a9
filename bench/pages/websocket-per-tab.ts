import type { Socket } from 'socket.io-client'
import { openFeed } from './feed'

let socket: Socket | undefined

window.contender = {
  connect(rooms, onEvent) {
    socket = openFeed(rooms, onEvent, { transports: ['websocket'] })
  },
  close: () => void socket?.close(),
}
