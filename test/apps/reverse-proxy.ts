import { readFileSync } from 'node:fs'
import { request as ask, createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { extname, join, normalize } from 'node:path'

/** Serves an app and its Socket.IO server from one origin, as a reverse proxy does in production. */
export interface ReverseProxy {
  readonly url: string
  close(): Promise<void>
}

const TYPES: Record<string, string> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.map': 'application/json',
}

function sendFile(folder: string, url: string, response: ServerResponse) {
  const { pathname } = new URL(url, 'http://proxy')
  const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname
  try {
    const body = readFileSync(join(folder, normalize(path)))
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'application/octet-stream' }).end(body)
  } catch {
    response.writeHead(404).end()
  }
}

function pass(port: number, incoming: IncomingMessage, response: ServerResponse) {
  const { method, url, headers } = incoming
  const onward = ask({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  incoming.pipe(onward)
}

function passUpgrade(
  port: number,
  { method, url, rawHeaders }: IncomingMessage,
  socket: Socket,
  head: Buffer,
) {
  const onward = connect(port, '127.0.0.1', () => {
    const lines = [`${method} ${url} HTTP/1.1`]
    for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
    onward.write(`${lines.join('\r\n')}\r\n\r\n`)
    onward.write(head)
    onward.pipe(socket).pipe(onward)
  })
  // If one end closes or fails, close the other.
  onward.on('error', () => onward.destroy())
  onward.on('close', () => socket.destroy())
  socket.on('error', () => socket.destroy())
  socket.on('close', () => onward.destroy())
}

/** @param pages A folder of files, or the port of the app's own server. */
export async function openReverseProxy(pages: string | number, socketPort: number): Promise<ReverseProxy> {
  const isSocket = ({ url }: IncomingMessage) => url?.startsWith('/socket.io/')
  const http = createServer((incoming, response) => {
    if (isSocket(incoming)) pass(socketPort, incoming, response)
    else if (typeof pages === 'number') pass(pages, incoming, response)
    else sendFile(pages, incoming.url ?? '/', response)
  })
  const open = new Set<Socket>()
  http.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  http.on('upgrade', (incoming, socket, head) => {
    if (isSocket(incoming)) passUpgrade(socketPort, incoming, socket as Socket, head)
    else if (typeof pages === 'number') passUpgrade(pages, incoming, socket as Socket, head)
    else socket.destroy()
  })
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        http.close(() => resolve())
        for (const socket of open) socket.destroy()
      }),
  }
}

/** A port that is free now. */
export async function freePort(): Promise<number> {
  const probe = createServer()
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}
