import type { IncomingMessage, ServerResponse } from 'node:http'
import type { DashboardServer } from './dashboard.ts'

/** The demo's plain HTTP side: the version, the census, and the fault panel's buttons. Says whether it was asked. */
export function control(
  dashboard: DashboardServer,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  const url = new URL(request.url ?? '/', 'http://localhost')
  const json = (body: unknown) => {
    response
      .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      .end(JSON.stringify(body))
    return true
  }
  const number = (name: string, otherwise: number, most: number) => {
    const value = Number(url.searchParams.get(name) ?? otherwise)
    return Number.isFinite(value) ? Math.min(most, Math.max(0, value)) : otherwise
  }

  if (request.method === 'GET' && url.pathname === '/api/deployment_version')
    return json({ version: dashboard.version() })
  if (request.method === 'GET' && url.pathname === '/api/census') return json(dashboard.census())
  if (request.method !== 'POST' || !url.pathname.startsWith('/api/faults/')) return false

  const faults: Record<string, () => void> = {
    stop: () => dashboard.stop(number('seconds', 8, 120)),
    kick: () => dashboard.kick(),
    cut: () => dashboard.cut(),
    burst: () => dashboard.burst(number('count', 1000, 20_000)),
    deploy: () => dashboard.deploy(),
    reload: () => dashboard.broadcastReload(),
  }
  const name = url.pathname.slice('/api/faults/'.length)
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined
  if (!fault) {
    response.writeHead(404).end(`No such fault. There are: ${Object.keys(faults).join(', ')}.`)
    return true
  }
  fault()
  return json({ done: name })
}
