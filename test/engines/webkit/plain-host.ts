import { once } from 'node:events'
import { createServer, request } from 'node:http'
import { connect } from 'node:net'

/** An HTTP proxy that takes every host for this machine. WebKit has no option for that, but it has one for a proxy. */
export interface PlainHost {
  readonly url: string
  stop(): void
}

export async function createPlainHost(): Promise<PlainHost> {
  const here = (port: string | undefined) => ({ host: '127.0.0.1', port: Number(port || 80) })
  const server = createServer((incoming, response) => {
    const { port, pathname, search } = new URL(incoming.url ?? '', 'http://plain.test')
    const { method, headers } = incoming
    const forwarded = request({ ...here(port), path: pathname + search, method, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    forwarded.on('error', () => response.destroy())
    incoming.pipe(forwarded)
  })
  // WebSockets come this way.
  server.on('connect', (incoming, socket) => {
    const { port } = new URL(`http://${incoming.url}`)
    const target = connect({ ...here(port) }, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      target.pipe(socket).pipe(target)
    })
    for (const [end, other] of [
      [socket, target],
      [target, socket],
    ] as const)
      end.on('error', () => other.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
