import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Faults } from './faults.ts'
import type { Live } from './live.ts'
import type { Order } from './order.ts'
import type { Tokens } from './tokens.ts'

export interface ApiParts {
  readonly live: Live
  readonly tokens: Tokens
  readonly faults: Faults
  readonly version: string
  /** Hands an order to the process that runs this one. */
  readonly order: (order: Order) => void
}

/** Does what the fault panel asks for, at once, or once the answer is out: what it returns. */
type Deed = (seconds: number, count: number) => unknown

/** The most rooms one question about the past may name. */
const ROOMS = 8

/** The plain HTTP side: version, tokens, the census, the past, and what the fault panel asks for. */
export function createApi({ live, tokens, faults, version, order }: ApiParts) {
  const deeds: Record<string, Deed> = {
    stop: (seconds) => () => order({ type: 'stop', seconds }),
    kill: (seconds) => () => order({ type: 'kill', seconds }),
    deploy: () => () => order({ type: 'deploy' }),
    cut: () => live.cut(),
    halfopen: () => faults.halfOpen(),
    refuse(seconds) {
      faults.begin('refusing', seconds)
      live.cut()
    },
    unauthorize(seconds) {
      tokens.refuse(seconds)
      live.cut()
    },
    expire() {
      tokens.expire()
      live.dismiss()
    },
    slow: (seconds) => faults.begin('slow', seconds),
    mute: (seconds) => faults.begin('mute', seconds),
    burst: (_, count) => live.burst(count),
    reload: () => live.orderReload(),
  }

  function past(query: URLSearchParams) {
    const from = Number(query.get('from'))
    const to = Math.min(Number(query.get('to') ?? Date.now()), Date.now())
    const rooms = (query.get('rooms') ?? '').split(',').slice(0, ROOMS)
    if (!Number.isFinite(from) || !Number.isFinite(to)) return undefined
    return Object.fromEntries(rooms.map((room) => [room, live.between(room, from, to)]))
  }

  function answer(request: IncomingMessage, url: URL): { status: number; body: unknown; after?: () => void } {
    const { pathname, searchParams } = url
    const number = (name: string, otherwise: number, most: number) => {
      const value = Number(searchParams.get(name) ?? otherwise)
      return Number.isFinite(value) ? Math.min(most, Math.max(0, value)) : otherwise
    }
    if (request.method === 'GET') {
      if (pathname === '/api/deployment_version') return { status: 200, body: { version } }
      if (pathname === '/api/census') return { status: 200, body: live.census() }
      const found = pathname === '/api/history' ? past(searchParams) : undefined
      if (found) return { status: 200, body: found }
    }
    if (request.method === 'POST') {
      if (pathname === '/api/token/refresh') return { status: 200, body: tokens.issue() }
      const name = pathname.replace(/^\/api\/faults\//, '')
      const deed = Object.hasOwn(deeds, name) ? deeds[name] : undefined
      const after = deed?.(number('seconds', 8, 300), number('count', 1000, 20_000))
      if (deed)
        return {
          status: 200,
          body: { done: name },
          ...(typeof after === 'function' && { after: () => after() }),
        }
    }
    return { status: 404, body: { error: `There is no ${request.method} ${pathname}.` } }
  }

  return (request: IncomingMessage, response: ServerResponse, url: URL) => {
    const { status, body, after } = answer(request, url)
    setTimeout(() => {
      if (after) response.once('finish', after)
      response
        .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(JSON.stringify(body))
    }, faults.delay())
  }
}
