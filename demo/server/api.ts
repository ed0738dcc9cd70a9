import type { IncomingMessage, ServerResponse } from 'node:http'
import { KINDS } from './counts.ts'
import type { Faults } from './faults.ts'
import type { RestartRequest } from './messages.ts'
import type { SocketServer } from './socket-server.ts'
import type { Tokens } from './tokens.ts'

export interface ApiParts {
  readonly sockets: SocketServer
  readonly tokens: Tokens
  readonly faults: Faults
  readonly version: string
  readonly requestRestart: (request: RestartRequest) => void
}

/** Causes a fault. If it returns a function, that is called after the response was sent. */
type Action = (seconds: number, count: number) => unknown

/** The most rooms that one request for history may name. */
const MAX_ROOMS = 8

/** The HTTP API: version, tokens, counts, history, and the faults of the fault panel. */
export function createApi({ sockets, tokens, faults, version, requestRestart }: ApiParts) {
  const actions: Record<string, Action> = {
    stop: (seconds) => () => requestRestart({ type: 'stop', seconds }),
    kill: (seconds) => () => requestRestart({ type: 'kill', seconds }),
    deploy: () => () => requestRestart({ type: 'deploy' }),
    cut: () => sockets.cut(),
    halfopen: () => faults.halfOpen(),
    refuse(seconds) {
      faults.begin('refusing', seconds)
      sockets.cut()
    },
    unauthorize(seconds) {
      tokens.refuse(seconds)
      sockets.cut()
    },
    expire() {
      tokens.expire()
      sockets.endSessions()
    },
    slow: (seconds) => faults.begin('slow', seconds),
    mute: (seconds) => faults.begin('mute', seconds),
    burst: (_, count) => sockets.burst(count),
    reload: () => sockets.orderReload(),
  }

  async function history(query: URLSearchParams) {
    const from = Number(query.get('from'))
    const to = Math.min(Number(query.get('to') ?? Date.now()), Date.now())
    const rooms = (query.get('rooms') ?? '').split(',').slice(0, MAX_ROOMS)
    if (!Number.isFinite(from) || !Number.isFinite(to)) return undefined
    return Object.fromEntries(
      await Promise.all(rooms.map(async (room) => [room, await sockets.between(room, from, to)])),
    )
  }

  async function answer(
    request: IncomingMessage,
    url: URL,
  ): Promise<{ status: number; body: unknown; after?: () => void }> {
    const { pathname, searchParams } = url
    const number = (name: string, fallback: number, most: number) => {
      const value = Number(searchParams.get(name) ?? fallback)
      return Number.isFinite(value) ? Math.min(most, Math.max(0, value)) : fallback
    }
    if (request.method === 'GET') {
      if (pathname === '/api/deployment_version') return { status: 200, body: { version } }
      if (pathname === '/api/counts') {
        const kind = KINDS.find((each) => each === searchParams.get('kind')) ?? 'socketIo'
        return { status: 200, body: await sockets.counts(kind) }
      }
      const found = pathname === '/api/history' ? await history(searchParams) : undefined
      if (found) return { status: 200, body: found }
    }
    if (request.method === 'POST') {
      if (pathname === '/api/token/refresh') return { status: 200, body: tokens.issue() }
      const name = pathname.replace(/^\/api\/faults\//, '')
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined
      const after = action?.(number('seconds', 8, 300), number('count', 1000, 20_000))
      if (action)
        return {
          status: 200,
          body: { done: name },
          ...(typeof after === 'function' && { after: () => after() }),
        }
    }
    return { status: 404, body: { error: `Not found: ${request.method} "${pathname}".` } }
  }

  return async (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const { status, body, after } = await answer(request, url)
    setTimeout(() => {
      if (after) response.once('finish', after)
      response
        .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(JSON.stringify(body))
    }, faults.delay())
  }
}
