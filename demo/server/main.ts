import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createApi } from './api.ts'
import { createFaults } from './faults.ts'
import { createLive } from './live.ts'
import type { Report, Settings } from './order.ts'
import { openCluster } from './redis.ts'
import { createSite } from './site.ts'
import { createTokens } from './tokens.ts'

/** One life of the demo's server, a process of its own: so that it can be killed for real. */

const report = (message: Report) => void process.send?.(message)
const { port, version, secret, site } = JSON.parse(process.env['DEMO'] ?? '{}') as Settings

const http = createServer()
const faults = createFaults()
const tokens = createTokens(secret)
function fail(why: string): never {
  report({ type: 'failed', why })
  process.exit(1)
}
const cluster = await openCluster(process.env['REDIS_URL'], fail).catch((error: Error) => fail(error.message))
const page = createSite(site, version)
const live = createLive({ http, version, tokens, faults, cluster })
const api = createApi({ live, tokens, faults, version, order: report })

http.on('request', (request, response) => {
  // Not against a base: what begins with two slashes would be another host.
  const address = `http://localhost${request.url}`
  if (!URL.canParse(address)) {
    response.writeHead(400).end()
    return
  }
  const url = new URL(address)
  if (url.pathname.startsWith('/socket.io/')) return
  if (url.pathname.startsWith('/api/')) api(request, response, url)
  else page(response, url.pathname)
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
  await live.close()
  http.closeAllConnections()
  await cluster?.close()
  process.exit(0)
}
process.once('SIGTERM', close)
// Ctrl-C reaches both processes: this one is stopped by the other.
process.on('SIGINT', () => {})
process.once('disconnect', close)
