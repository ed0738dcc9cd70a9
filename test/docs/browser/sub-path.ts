import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import type { BrowserContext } from 'playwright'
import { Server } from 'socket.io'
import { build } from 'vite'
import { ALIAS, writeProject } from './project.ts'

/** Builds the worker file of docs/deploys.md and serves it under a sub-path only. */

const PAGE = 'docs/deploys.md'
const BASE = '/dashboard/'
const FILES = {
  'index.html': '<!doctype html><script type="module" src="/src/main.ts"></script>',
  'src/main.ts': `
    import { connect } from 'partyline'
    const line = connect((options) =>
      new SharedWorker(new URL('./dashboard.worker.ts', import.meta.url), { ...options, type: 'module' }),
      { version: 'v1', user: new URLSearchParams(location.search).get('user') })
    line.subscribe('overview', ({ data }) => { document.title = data })`,
}
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }
/** The two ways in which the docs find the app's path: Vite's base, and the code of the worker file. */
const WAYS = {
  'import.meta.env.BASE_URL': { base: BASE, change: (code: string) => code },
  'self.location': {
    base: './',
    change: (code: string) =>
      code.replace('import.meta.env.BASE_URL', "new URL('..', self.location.href).pathname"),
  },
}
export type Way = keyof typeof WAYS

/** Opens the app, waits for its first event, and returns the requests to the server. Asset names are shortened. */
export async function visitSubPath(context: BrowserContext, way: Way): Promise<readonly string[]> {
  const { base, change } = WAYS[way]
  const project = writeProject(PAGE, change)
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(project.folder, name), text)
  const asked = new Set<string>()
  try {
    await build({
      root: project.folder,
      base,
      configFile: false,
      logLevel: 'error',
      resolve: { alias: ALIAS },
    })
    const http = createServer((request, response) => {
      const [path = '/'] = request.url?.split('?') ?? []
      if (path === '/favicon.ico' || path.startsWith(`${BASE}socket.io`)) return
      const answers: Readonly<Record<string, string>> = {
        'version.txt': 'v1',
        'api/token': '{"token":"good"}',
      }
      const name = path.startsWith(BASE) ? path.slice(BASE.length) : undefined
      const type = TYPES[extname(name || 'index.html')]
      asked.add(`${request.method} ${path.replace(/assets\/.*/, 'assets/…')}`)
      try {
        const body =
          answers[name ?? ''] ??
          (name !== undefined && readFileSync(join(project.folder, 'dist', name || 'index.html')))
        if (body === false) throw new Error('outside')
        response.writeHead(200, type === undefined ? {} : { 'content-type': type }).end(body)
      } catch {
        response.writeHead(404).end()
      }
    })
    const io = new Server(http, { path: `${BASE}socket.io` })
    io.on('connection', (socket) => {
      asked.add(`socket ${socket.nsp.name} with token ${socket.handshake.auth['token']}`)
      socket.on('join_room', ({ room }: { room: string }, answer: () => void) => {
        void socket.join(room)
        answer()
        io.to(room).emit(room, { room, data: 'here' })
      })
    })
    await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
    const page = await context.newPage()
    try {
      await page.goto(`http://127.0.0.1:${(http.address() as AddressInfo).port}${BASE}?user=${way}`)
      await page.waitForFunction(() => document.title === 'here', undefined, { polling: 20, timeout: 30_000 })
      // The version is requested after connecting.
      const deadline = Date.now() + 30_000
      while (Date.now() < deadline && ![...asked].some((each) => each.includes('version'))) {
        await new Promise((done) => setTimeout(done, 20))
      }
    } finally {
      await page.close()
      const closed = io.close()
      http.closeAllConnections()
      await closed
    }
  } finally {
    project.remove()
  }
  return [...asked].toSorted()
}
