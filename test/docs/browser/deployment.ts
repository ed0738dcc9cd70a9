import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { extname, join } from 'node:path'
import { build, type Rolldown } from 'vite'
import { ROOT } from '../pages.ts'
import { ALIAS } from './project.ts'

/** Builds of one app, and the static server that they are deployed to. */

/** Build `two` has a panel more. */
export type BuildName = 'one' | 'two'

export interface DeploymentOptions {
  /** The address of the Socket.IO server. */
  readonly server: string
  /** `false`: assets have the same name in each build, and the worker's file may be cached for an hour. */
  readonly hashed: boolean
  /** What the server answers when a file of another build is requested: this file, 404, or 200 with `index.html`. */
  readonly others: 'kept' | 'missing' | 'page'
}

export interface Deployment {
  readonly url: string
  /** Serves this build from now on. */
  deploy(build: BuildName): void
  stop(): Promise<void>
}

/** Stands in the worker file for the address of the Socket.IO server, which differs from test to test. */
const SERVER = 'http://localhost:3000'

const PANELS: Readonly<Record<BuildName, object>> = {
  one: { overview: ['stats', 'errors'] },
  two: { overview: ['stats', 'errors'], alarms: ['alarms'] },
}

const filesOf = (name: BuildName): Readonly<Record<string, string>> => ({
  'index.html':
    '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/src/main.ts"></script>',
  'src/dashboard.worker.ts': `
    import { serve } from 'partyline/worker'
    serve({ url: '${SERVER}', panels: ${JSON.stringify(PANELS[name])} })`,
  'src/main.ts': `
    import { connect } from 'partyline'
    import { createRecord } from 'record'
    const line = connect((options) =>
      new SharedWorker(new URL('./dashboard.worker.ts', import.meta.url), { ...options, type: 'module' }),
      { user: location.search.slice(1) })
    Object.assign(window, { tab: createRecord(line, ${JSON.stringify(Object.keys(PANELS[name]))}, 0) })`,
})

const RECORD = { find: 'record', replacement: join(ROOT, 'test/support/record.ts') }
const WITHOUT_HASH = { output: { entryFileNames: 'assets/[name].js' } }
const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript' }

/** The files of a build, by their paths. */
type Files = ReadonlyMap<string, string>

async function buildApp(name: BuildName, hashed: boolean): Promise<Files> {
  const folder = mkdtempSync(join(tmpdir(), 'partyline-deployment-'))
  try {
    mkdirSync(join(folder, 'src'))
    for (const [path, text] of Object.entries(filesOf(name))) writeFileSync(join(folder, path), text)
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'junction')
    const options = hashed ? {} : { rolldownOptions: WITHOUT_HASH }
    const result = await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      resolve: { alias: [...ALIAS, RECORD] },
      build: { write: false, ...options },
      worker: options,
    })
    const { output } = result as Rolldown.RolldownOutput
    return new Map(
      output.map((file) => [file.fileName, file.type === 'chunk' ? file.code : String(file.source)]),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

const built = new Map<string, Promise<Files>>()

/** Makes each build once. */
function filesIn(name: BuildName, hashed: boolean): Promise<Files> {
  const key = `${name} ${hashed}`
  const files = built.get(key) ?? buildApp(name, hashed)
  built.set(key, files)
  return files
}

export async function startDeployment({ server, hashed, others }: DeploymentOptions): Promise<Deployment> {
  const builds = { one: await filesIn('one', hashed), two: await filesIn('two', hashed) }
  let current = builds.one

  function find(path: string): string | undefined {
    if (others !== 'kept') return current.get(path)
    return current.get(path) ?? builds.one.get(path) ?? builds.two.get(path)
  }

  function cacheControl(path: string): string {
    if (path === 'index.html') return 'no-cache'
    if (hashed) return 'public, max-age=31536000, immutable'
    return path.includes('worker') ? 'max-age=3600' : 'no-cache'
  }

  const http = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '', SERVER)
    const asked = pathname.slice(1) || 'index.html'
    const path = find(asked) === undefined && others === 'page' ? 'index.html' : asked
    const text = find(path)
    if (text === undefined) return response.writeHead(404).end()
    const headers = { 'content-type': TYPES[extname(path)] ?? '', 'cache-control': cacheControl(path) }
    return response.writeHead(200, headers).end(text.replaceAll(SERVER, server))
  })
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done))

  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    deploy(name) {
      current = builds[name]
    },
    async stop() {
      const closed = new Promise((done) => http.close(done))
      http.closeAllConnections()
      await closed
    },
  }
}
