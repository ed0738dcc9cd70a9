import { readFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { extname, join, normalize } from 'node:path'

const TYPES: Record<string, string> = { '.js': 'text/javascript', '.html': 'text/html' }

const page = (contender: string) => `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
<script type="module" src="/${contender}/page.js"></script><script type="module" src="/probe/page.js"></script>`

/** Serves the built contenders from memory, as a site would: scripts may be cached for ever, pages are not cached. */
export function createSite(root: string) {
  const files = new Map<string, Buffer>()

  function read(path: string): Buffer {
    const file = files.get(path) ?? readFileSync(join(root, normalize(path)))
    files.set(path, file)
    return file
  }

  return (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', 'http://site')
    if (url.pathname.startsWith('/socket.io/')) return
    if (url.pathname === '/slow') {
      setTimeout(() => response.end(), Number(url.searchParams.get('seconds')) * 1000)
      return
    }
    try {
      const type = TYPES[extname(url.pathname)]
      const body = type ? read(url.pathname) : page(url.pathname.slice(1))
      const cache = type ? 'max-age=31536000, immutable' : 'no-store'
      response.writeHead(200, { 'content-type': type ?? 'text/html', 'cache-control': cache }).end(body)
    } catch {
      response.writeHead(404).end()
    }
  }
}
