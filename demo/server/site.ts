import { readdirSync, readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { extname, join } from 'node:path'

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
}

/** Serves the built page from memory, and puts the server's version into its HTML. */
export function createSite(folder: string, version: string) {
  const files = new Map<string, Buffer>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const body = readFileSync(path)
    files.set(
      path.slice(folder.length).replaceAll('\\', '/'),
      extname(path) === '.html' ? Buffer.from(body.toString().replaceAll('{{version}}', version)) : body,
    )
  }

  return (response: ServerResponse, pathname: string) => {
    const path = pathname === '/' ? '/index.html' : pathname
    const body = files.get(path)
    if (!body) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`Not found: "${pathname}".`)
      return
    }
    const type = TYPES[extname(path)] ?? 'application/octet-stream'
    // These files have a hash of their content in their name.
    const isHashed = path.startsWith('/assets/')
    response
      .writeHead(200, {
        'content-type': type,
        'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-store',
      })
      .end(body)
  }
}
