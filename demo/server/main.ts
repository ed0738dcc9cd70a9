import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createStore } from './acknowledgements.ts'
import { createApi } from './api.ts'
import { createFaults } from './faults.ts'
import type { ServerMessage, ServerSettings } from './messages.ts'
import { openCluster } from './redis.ts'
import { createSite } from './site.ts'
import { createSocketServer } from './socket-server.ts'
import { createTokens } from './tokens.ts'

/** The demo's server. It runs in its own process, so that it can really be killed. */

const report = (message: ServerMessage) => void process.send?.(message)
const { port, version, secret, site, acknowledged } = JSON.parse(
  process.env['DEMO'] ?? '{}',
) as ServerSettings

const http = createServer()
const faults = createFaults()
const tokens = createTokens(secret)
function fail(reason: string): never {
  report({ type: 'failed', reason })
  process.exit(1)
}
const cluster = await openCluster(process.env['REDIS_URL'], fail).catch((error: Error) => fail(error.message))
const serveFile = createSite(site, version)
const store =
  cluster?.acknowledgements ??
  createStore(acknowledged, (acknowledgement) => report({ type: 'acknowledged', acknowledgement }))
const sockets = createSocketServer({ http, version, tokens, faults, cluster, store })
const api = createApi({ sockets, tokens, faults, version, requestRestart: report })

http.on('request', (request, response) => {
  // No base URL: a path that begins with two slashes would be taken for another host.
  const address = `http://localhost${request.url}`
  if (!URL.canParse(address)) {
    response.writeHead(400).end()
    return
  }
  const url = new URL(address)
  if (url.pathname.startsWith('/socket.io/')) return
  if (url.pathname.startsWith('/api/')) void api(request, response, url)
  else serveFile(response, url.pathname)
})
http.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EADDRINUSE') fail(error.message)
  report({ type: 'in-use' })
  process.exit(1)
})
http.listen(port, '127.0.0.1', () =>
  report({ type: 'listening', port: (http.address() as AddressInfo).port }),
)

async function close() {
  await sockets.close()
  http.closeAllConnections()
  await cluster?.close()
  process.exit(0)
}
process.once('SIGTERM', close)
// Ctrl-C signals both processes; the supervisor ends this one.
process.on('SIGINT', () => {})
process.once('disconnect', close)
