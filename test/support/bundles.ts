import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { build, type Plugin, type Rolldown, send, type ViteDevServer } from 'vite'

/** What the script of a test's worker begins with, as a deployment under the same name makes it. */
export const edits = new Map<string, string>()

/** What Istanbul writes into each file: its counters, and what each of them counts. */
const COVERAGE = /(?<=\bvar coverageData = ){\n.+?\n {2}}(?=;\n {2}var coverage = )/s

const readCoverage = (text: string) => runInNewContext(`(${text})`)

/** Leaves out what the counters count: it makes a worker's script ten times as long, so that it starts 0.5 s later. */
const withoutMap = (code: string) =>
  code.replace(COVERAGE, (text) => {
    const { path, hash, s, f, b } = readCoverage(text)
    return JSON.stringify({ path, hash, s, f, b })
  })

/** What the counters of a file count, as JSON. */
async function mapOf({ config, environments }: ViteDevServer, file: string): Promise<string> {
  const module = await environments.client.transformRequest(file.replace(config.root, ''))
  const [text] = COVERAGE.exec(module?.code ?? '') ?? []
  if (text === undefined)
    throw new Error(`Istanbul has written no coverage into ${file}, or in another form.`)
  return JSON.stringify(readCoverage(text))
}

/** Joins the modules of an address into one script, each as the dev server would send it, so that coverage counts the same. */
async function bundle({ environments }: ViteDevServer, address: string): Promise<string> {
  const sent: Plugin = {
    name: 'sent',
    enforce: 'pre',
    resolveId(source, importer) {
      const { pathname, search } = new URL(source, `http://localhost${importer ?? ''}`)
      return pathname + search
    },
    async load(url) {
      const module = await environments.client.transformRequest(url)
      return module && { code: withoutMap(module.code), moduleType: 'js' }
    },
  }
  const result = await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    oxc: false,
    plugins: [sent],
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      target: 'esnext',
      rolldownOptions: {
        input: address,
        treeshake: false,
        output: { codeSplitting: false },
      },
    },
  })
  return (result as Rolldown.RolldownOutput).output[0].code
}

/**
 * Serves each worker, and each script asked for with `?bundle`, as one file that is made once per run. The dev server
 * would send 30 to 60 instrumented modules instead for each page, reload and worker: a quarter of the tests' time.
 */
export const bundles: Plugin = {
  name: 'bundles',
  configureServer(server) {
    const made = new Map<string, Promise<string>>()
    server.watcher.on('all', () => made.clear())
    server.middlewares.use((request, response, next) => {
      const { url = '' } = request
      // Sent as the file is: Vite would add its own client, which these pages do not need.
      const [page] = /^\/test\/support\/\w+[.]html/.exec(url) ?? []
      if (page) return send(request, response, readFileSync(server.config.root + page), 'html', {})
      const [, file] = /^\/coverage-map[?](.+)$/.exec(url) ?? []
      if (file !== undefined) {
        mapOf(server, decodeURIComponent(file)).then((map) => send(request, response, map, 'json', {}), next)
        return
      }
      // The rest of a worker's address is read by the worker.
      const [, worker, script] = /^(.+[?]worker_file&type=module)|^(.+)[?]bundle$/.exec(url) ?? []
      const address = worker ?? script
      if (address === undefined) return next()
      const code = made.get(address) ?? bundle(server, address)
      made.set(address, code)
      code.then(
        // A map without mappings: without one, Vite would add one of its own.
        (text) => {
          const [, test = ''] = /[?&]test=([^&]*)/.exec(url) ?? []
          send(request, response, `${edits.get(test) ?? ''}${text}`, 'js', { map: { mappings: '' } as never })
        },
        (error) => {
          made.delete(address)
          next(error)
        },
      )
    })
  },
}
