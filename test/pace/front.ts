import { createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import type { Absence } from './settings'

/** The scripts of a page and its worker, by their paths. */
export type Files = ReadonlyMap<string, string>

/** What browsers see of a server: its address. It can be away. */
export interface Front {
  readonly origin: string
  /** How many requests were answered with 502. */
  readonly turnedAway: () => number
  leave(how: Absence): Promise<void>
  /** The server is back. */
  back(): Promise<void>
}

/** What is behind an address. */
export interface Behind {
  readonly port: number
  /** Whether pages of other origins may read what the server answers. */
  readonly isReadable: boolean
}

/** @param server The server behind this address; without one, there are only files. */
export async function openFront(host: string, files: Files, server?: Behind): Promise<Front> {
  const sockets = new Set<Socket>()
  let isAway = false
  let turnedAway = 0
  let port = 0

  function pass(incoming: IncomingMessage, socket: Socket, head: Buffer) {
    const { method, url, rawHeaders } = incoming
    const onward = connect(server?.port ?? 0, '127.0.0.1', () => {
      const lines = [`${method} ${url} HTTP/1.1`]
      for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
      onward.write(`${lines.join('\r\n')}\r\n\r\n`)
      onward.write(head)
      onward.pipe(socket).pipe(onward)
    })
    for (const [one, other] of [
      [onward, socket],
      [socket, onward],
    ] as const)
      one.on('error', () => one.destroy()).on('close', () => other.destroy())
  }

  const http = createServer((incoming, response) => {
    const { url = '', method, headers } = incoming
    const file = files.get(new URL(url, 'http://front').pathname)
    if (file !== undefined)
      return void response
        .writeHead(200, { 'content-type': url.startsWith('/page.html') ? 'text/html' : 'text/javascript' })
        .end(file)
    if (isAway) {
      turnedAway += 1
      return void response.writeHead(502).end('Bad Gateway')
    }
    const onward = request(
      { host: '127.0.0.1', port: server?.port, method, path: url, headers },
      (answer) => {
        if (!server?.isReadable) delete answer.headers['access-control-allow-origin']
        response.writeHead(answer.statusCode ?? 502, answer.headers)
        answer.pipe(response)
      },
    )
    onward.on('error', () => response.destroy())
    response.on('close', () => onward.destroy())
    incoming.pipe(onward)
  })
  http.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  http.on('upgrade', (incoming, socket, head) => {
    if (!isAway) return pass(incoming, socket as Socket, head)
    turnedAway += 1
    socket.end('HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\nconnection: close\r\n\r\n')
  })
  const listen = () =>
    new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(port, host, resolve)
    })
  await listen()
  port = (http.address() as AddressInfo).port

  return {
    origin: `http://${host}:${port}`,
    turnedAway: () => turnedAway,
    async leave(how) {
      isAway = true
      const closed = how === 'refused' && new Promise((resolve) => http.close(resolve))
      for (const socket of sockets) socket.destroy()
      await closed
    },
    async back() {
      isAway = false
      if (!http.listening) await listen()
    },
  }
}
