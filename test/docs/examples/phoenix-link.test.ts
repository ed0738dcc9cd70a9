import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type LinkHarness, linkScenarios } from 'partyline/testing/link'
import { test } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { createPhoenixLink } from './phoenix-link'

// Node 20 has no WebSocket. That of `ws` throws errors that nobody listens to.
class NodeWebSocket extends WebSocket {
  constructor(url: string) {
    super(url)
    this.on('error', () => {})
  }
}
globalThis.WebSocket ??= NodeWebSocket as unknown as typeof globalThis.WebSocket

/** Phoenix in a nutshell. */
function createPhoenixServer() {
  let http = createServer()
  let port = 0
  let attempts = 0
  let received = 0
  let isHanging = false
  const open = new Set<WebSocket>()
  const isGood = (url = '') => url.endsWith('token=good')

  function accept(socket: WebSocket) {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('message', (text) => {
      if (isHanging) return
      const [joinRef, ref, topic, event] = JSON.parse(String(text))
      if (event === 'phx_join') received += 1
      socket.send(JSON.stringify([joinRef, ref, topic, 'phx_reply', { status: 'ok', response: {} }]))
    })
  }

  return {
    url: () => `http://127.0.0.1:${port}`,
    async start() {
      const server = new WebSocketServer({ noServer: true })
      http = createServer(({ url }, response) => {
        response.writeHead(isGood(url) ? 200 : 403).end()
      })
      http.on('upgrade', (request, socket, head) => {
        attempts += 1
        if (isHanging) socket.on('end', () => socket.destroy()).resume()
        else if (isGood(request.url)) server.handleUpgrade(request, socket, head, accept)
        else socket.end('HTTP/1.1 403 Forbidden\r\n\r\n')
      })
      await new Promise<void>((done) => http.listen(port, '127.0.0.1', done))
      port = (http.address() as AddressInfo).port
    },
    async stop() {
      for (const socket of open) socket.terminate()
      http.closeAllConnections()
      await new Promise((done) => http.close(done))
    },
    cut() {
      for (const socket of open) socket.terminate()
    },
    hang(on: boolean) {
      isHanging = on
    },
    send(text: string) {
      for (const socket of open) socket.send(text)
    },
    connected: () => open.size,
    attempts: () => attempts,
    received: () => received,
  }
}

const server = createPhoenixServer()
const harness: LinkHarness = {
  ...server,
  createLink: (events) => createPhoenixLink(`${server.url()}/socket`, `${server.url()}/api/me`, events),
  createBrokenLink: (events) => createPhoenixLink('no address', '', events),
  publish(numbers) {
    for (const number of numbers) server.send(JSON.stringify([null, null, 'rows', 'row', { number }]))
  },
  numberIn: ({ payload }) => (payload as { data?: { number?: number } }).data?.number,
  publishUnreadable: () => server.send('{'),
  sent: {
    message: { name: 'phx_join', payload: { room: 'rows', data: {} } },
    received: server.received,
    isAcknowledged: true,
  },
  asksByProbe: true,
  tokens: { accepted: 'good', refused: 'bad' },
  quiet: 50,
}

for (const { name, run } of linkScenarios(harness)) test(name, run)
