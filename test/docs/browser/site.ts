import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import type { BrowserContext } from 'playwright'
import { Server } from 'socket.io'
import { build } from 'vite'
import { ROOT } from '../pages.ts'
import { ALIAS } from './project.ts'

/** Serves a built app and its Socket.IO server from one origin, with given headers. */

export type Headers = Readonly<Record<string, string>>
export interface Visit {
  readonly page?: Headers
  readonly worker?: Headers
  /** `trust`: the page sets a default Trusted Types policy. `reload`: it runs a reloader instead of connecting. */
  readonly does?: 'trust' | 'reload'
}

const FILES = {
  'index.html': '<!doctype html><script type="module" src="/main.ts"></script>',
  'dashboard.worker.ts': `
    import { serve } from 'partyline/worker'
    serve({ panels: { overview: ['stats'] } })`,
  'main.ts': `
    import { connect, reloader } from 'partyline'
    if (location.search === '?trust') trustedTypes.createPolicy('default', {
      createScriptURL(url) {
        if (new URL(url, location.href).origin === location.origin) return url
        throw new TypeError('not ours')
      },
    })
    const heard = { states: [], errors: [] }
    Object.assign(window, { heard })
    if (location.search === '?reload') {
      document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) =>
        heard.errors.push('blocked: ' + effectiveDirective))
      reloader({ spread: 0, reload: () => heard.states.push('reloaded') })({ reason: 'broadcast' })
    } else {
      const line = connect((options) =>
        new SharedWorker(new URL('./dashboard.worker.ts', import.meta.url), { ...options, type: 'module' }))
      line.on('status', ({ state }) => heard.states.push(state))
      line.on('error', ({ reason, message }) => heard.errors.push(reason + ': ' + message))
    }`,
}
const TYPES: Headers = { '.html': 'text/html', '.js': 'text/javascript' }

async function buildApp(): Promise<{ readonly folder: string; readonly remove: () => void }> {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-site-'))
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text)
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
  await build({ root: folder, configFile: false, logLevel: 'error', resolve: { alias: ALIAS } })
  return { folder: join(folder, 'dist'), remove: () => rmSync(folder, { recursive: true, force: true }) }
}

/** Visits the app with each set of headers. Returns `online`, `offline`, `reloaded`, or an error for each. */
export async function visitSite(
  context: BrowserContext,
  visits: readonly Visit[],
): Promise<readonly string[]> {
  const app = await buildApp()
  const outcomes: string[] = []
  try {
    for (const visit of visits) outcomes.push(await visitOnce(context, app.folder, visit))
  } finally {
    app.remove()
  }
  return outcomes
}

async function visitOnce(
  context: BrowserContext,
  folder: string,
  { page: pageHeaders = {}, worker: workerHeaders = {}, does }: Visit,
): Promise<string> {
  const http = createServer((request, response) => {
    const [path = '/'] = request.url?.split('?') ?? []
    if (path.startsWith('/socket.io') || path === '/favicon.ico') return
    const name = path === '/' ? '/index.html' : path
    const own = name.includes('worker') ? workerHeaders : name === '/index.html' ? pageHeaders : {}
    response.writeHead(200, { 'content-type': TYPES[extname(name)] ?? '', ...own })
    response.end(readFileSync(join(folder, name)))
  })
  const io = new Server(http)
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  const page = await context.newPage()
  try {
    await page.goto(`http://127.0.0.1:${(http.address() as AddressInfo).port}/${does ? `?${does}` : ''}`)
    const outcome = await page.waitForFunction(
      () => {
        const { heard } = window as unknown as { heard?: { states: string[]; errors: string[] } }
        const state = heard?.states.find((each) => each !== 'connecting')
        return heard?.errors[0] ?? state
      },
      undefined,
      { polling: 20, timeout: 30_000 },
    )
    return String(await outcome.jsonValue())
  } finally {
    await page.close()
    const closed = io.close()
    http.closeAllConnections()
    await closed
  }
}
