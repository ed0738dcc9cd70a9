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

/** Stands for the version in the addresses of the built page. */
export const VERSION_FOLDER = 'VERSION'

const TEXTS = ['.html', '.js', '.css']

/**
 * Serves the built page from memory, and puts the server's version into it. Each version has addresses of its own, the
 * worker file too, and those of earlier versions are gone: so a deployment is like that of another build.
 */
export function createSite(folder: string, version: string) {
  const files = new Map<string, Buffer>()
  const withVersion = (text: string) =>
    text.replaceAll('{{version}}', version).replaceAll(`/${VERSION_FOLDER}/`, `/${version}/`)
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const body = readFileSync(path)
    const name = path.slice(folder.length).replaceAll('\\', '/')
    files.set(
      name === '/index.html' ? '/' : `/${version}${name}`,
      TEXTS.includes(extname(path)) ? Buffer.from(withVersion(body.toString())) : body,
    )
  }

  return (response: ServerResponse, pathname: string) => {
    const body = files.get(pathname)
    if (!body) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`Not found: "${pathname}".`)
      return
    }
    const type = TYPES[pathname === '/' ? '.html' : extname(pathname)] ?? 'application/octet-stream'
    // These files have a hash of their content in their name, and a version in their address.
    const isHashed = pathname.startsWith(`/${version}/assets/`)
    response
      .writeHead(200, {
        'content-type': type,
        'cache-control': isHashed ? 'public, max-age=31536000, immutable' : 'no-store',
      })
      .end(body)
  }
}
