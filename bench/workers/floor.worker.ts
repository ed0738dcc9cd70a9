import { retry } from '../pages/pace'

/**
 * As little as can be done: a raw WebSocket, its text handed on unread, one string per tab and window. It knows no
 * rooms of single tabs, no order of joins, no flow control, no gaps: a limit to measure against, not a thing to use.
 */

const WINDOW = 8

const ports: MessagePort[] = []
const rooms = new Set<string>()
let socket: WebSocket
let texts: string[] = []
let isOpen = false

function post() {
  const batch = `[${texts.join(',')}]`
  texts = []
  for (const port of ports) port.postMessage(batch)
}

/** The first event after quiet goes at once, the rest of the window together. */
function pump() {
  if (isOpen || texts.length === 0) return
  post()
  isOpen = true
  setTimeout(() => {
    isOpen = false
    pump()
  }, WINDOW)
}

const join = (room: string) => socket.send(room)

function dial() {
  socket = new WebSocket(new URL('/raw', location.href.replace('http', 'ws')))
  socket.onopen = () => rooms.forEach(join)
  socket.onmessage = ({ data }: MessageEvent<string>) => {
    texts.push(data)
    pump()
  }
  socket.onclose = () => setTimeout(dial, retry())
}

addEventListener('connect', (event) => {
  const [port] = (event as MessageEvent).ports
  if (!port) return
  ports.push(port)
  port.onmessage = ({ data }: MessageEvent<string[]>) => {
    for (const room of data) {
      if (!rooms.has(room) && socket.readyState === WebSocket.OPEN) join(room)
      rooms.add(room)
    }
  }
})
dial()
