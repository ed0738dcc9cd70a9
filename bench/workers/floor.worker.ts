import { retry } from '../pages/pace'

/**
 * The least possible work: forwards the text of a raw WebSocket unparsed, as one string per tab and window. It has no rooms
 * per tab, no join order, no flow control and no gaps. It is a limit to compare with, not something to use.
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

/** Posts the first event after a pause at once, and the others together at the end of the window. */
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
