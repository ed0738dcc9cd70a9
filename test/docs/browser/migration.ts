import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, extname, join } from 'node:path'
import type { BrowserContext, Page } from 'playwright'
import { build } from 'vite'
import { type EndpointServer, startEndpoints } from '../servers/endpoints.ts'
import { ALIAS, writeProject } from './project.ts'

/** Builds the apps of docs/migration.md as they are after the migration, and opens each in two tabs. */

const PAGE = 'docs/migration.md'
const TOKEN = 'good'

/** What an app of the page leaves to its surroundings: it renders into the document. */
const call = (file: string, show: string, expression: string) => `
  globalThis.render = (data) => { document.body.textContent = JSON.stringify(data) }
  import('./${file}').then(({ ${show} }) => ${expression})`

const ENTRIES: Readonly<Record<string, string>> = {
  hooks: `
    import { createRoot } from 'react-dom/client'
    import { createElement } from 'react'
    import { Queue } from './queue'
    createRoot(document.body).render(createElement(Queue))`,
  reconnecting: call('errors', 'showErrors', 'showErrors()'),
  party: call('document', 'showDocument', "showDocument('draft-7')"),
  cable: call('stats', 'showStats', 'showStats(42)'),
}
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

export interface MovedApp {
  /** The addresses of the connections of both tabs. */
  readonly connections: readonly string[]
  /** The addresses of their connections after all were cut. */
  readonly connectionsAgain: readonly string[]
  /** The texts of both tabs at the end, without their numbers. */
  readonly texts: readonly string[]
}

async function buildApps() {
  const project = writeProject(PAGE, (code) => code)
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(project.folder, name)), { recursive: true })
    writeFileSync(join(project.folder, name), text)
  }
  for (const [name, entry] of Object.entries(ENTRIES)) {
    write(`${name}/main.ts`, entry)
    write(
      `${name}/index.html`,
      '<!doctype html><link rel="icon" href="data:,"><body><script type="module" src="./main.ts"></script>',
    )
  }
  await build({
    root: project.folder,
    configFile: false,
    logLevel: 'error',
    resolve: { alias: ALIAS },
    worker: { format: 'es' },
    build: {
      rolldownOptions: {
        input: Object.keys(ENTRIES).map((name) => join(project.folder, name, 'index.html')),
      },
    },
  })
  return project
}

/** The number of the last event that the page shows; 0 before the first. */
const shown = (page: Page) => page.evaluate(() => Number(/\d+/.exec(document.body.innerText)?.[0] ?? 0))

/** Waits until the page shows a later event, and a value of each room. Polls by a timer, because a page in the background may draw no frames. */
const later = (page: Page, than: number) =>
  page.waitForFunction(
    (last) => {
      const { innerText } = document.body
      return Number(/\d+/.exec(innerText)?.[0] ?? 0) > last && !innerText.includes('undefined')
    },
    than,
    { polling: 20, timeout: 30_000 },
  )

/** Opens the app in two tabs, and cuts all connections once both tabs have shown events. */
async function visit(context: BrowserContext, address: string, server: EndpointServer): Promise<MovedApp> {
  const pages = [await context.newPage(), await context.newPage()]
  try {
    for (const page of pages) await page.goto(address)
    for (const page of pages) await later(page, 0)
    const connections = server.open()
    server.cut()
    const deadline = Date.now() + 30_000
    while (server.open().length < connections.length && Date.now() < deadline)
      await new Promise((done) => setTimeout(done, 20))
    const last = Math.max(...(await Promise.all(pages.map(shown))))
    for (const page of pages) await later(page, last)
    const texts = await Promise.all(pages.map((page) => page.evaluate(() => document.body.innerText)))
    return {
      connections,
      connectionsAgain: server.open(),
      texts: texts.map((text) => text.replace(/\d+/g, 'N')),
    }
  } finally {
    for (const page of pages) await page.close()
  }
}

/** Visits one app. It has a server, and so an origin, of its own. */
async function visitApp(context: BrowserContext, folder: string, name: string): Promise<MovedApp> {
  const http = createServer(({ url = '/' }, response) => {
    const [path = '/'] = url.split('?')
    if (path === '/api/token') {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ token: TOKEN }))
      return
    }
    response.writeHead(200, { 'content-type': TYPES[extname(path)] ?? 'text/plain' })
    response.end(readFileSync(join(folder, 'dist', path)))
  })
  const server = startEndpoints(http, TOKEN)
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))
  const { port } = http.address() as AddressInfo
  try {
    return await visit(context, `http://127.0.0.1:${port}/${name}/index.html`, server)
  } finally {
    server.stop()
    http.closeAllConnections()
    http.close()
  }
}

/** Visits each app of the page. Returns what its tabs showed and how they were connected. */
export async function followMigration(context: BrowserContext): Promise<Readonly<Record<string, MovedApp>>> {
  const { folder, remove } = await buildApps()
  try {
    const visits = Object.keys(ENTRIES).map(async (name) => [name, await visitApp(context, folder, name)])
    return Object.fromEntries(await Promise.all(visits))
  } finally {
    remove()
  }
}
