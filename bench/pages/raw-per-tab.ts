import type { Envelope } from './contender'
import { retry } from './pace'

let socket: WebSocket | undefined

window.contender = {
  connect(rooms, onEvent) {
    function dial() {
      const opened = new WebSocket(new URL('/raw', location.href.replace('http', 'ws')))
      socket = opened
      opened.onopen = () => {
        for (const room of rooms) opened.send(room)
      }
      opened.onmessage = ({ data }: MessageEvent<string>) => onEvent((JSON.parse(data) as Envelope).data)
      opened.onclose = () => setTimeout(dial, retry())
    }
    dial()
  },
  close() {
    if (socket) socket.onclose = null
    socket?.close()
  },
}
