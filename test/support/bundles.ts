import { readFileSync } from 'node:fs'
import { build, type Plugin, type Rolldown, send, type ViteDevServer } from 'vite'

/** Joins the modules that the dev server would send for an address into one script. */
async function bundle({ environments }: ViteDevServer, address: string): Promise<string> {
  const modules: Plugin = {
    name: 'dev server',
    enforce: 'pre',
    resolveId(source, importer) {
      const { pathname, search } = new URL(source, `http://localhost${importer ?? ''}`)
      return pathname + search
    },
    async load(url) {
      const module = await environments.client.transformRequest(url)
      return module && { code: module.code, moduleSideEffects: true, moduleType: 'js' }
    },
  }
  const result = await build({
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    oxc: false,
    plugins: [modules],
    build: {
      write: false,
      minify: false,
      modulePreload: false,
      target: 'esnext',
      rolldownOptions: {
        input: address,
        treeshake: false,
        output: { codeSplitting: false, keepNames: true },
      },
    },
  })
  return (result as Rolldown.RolldownOutput).output[0].code
}

/**
 * Serves each worker, and each script requested with `?bundle`, as one file that is bundled once. Otherwise the dev server
 * sends 30 to 60 instrumented modules for each page, reload and worker, which takes half of the tests' time.
 */
export const bundles: Plugin = {
  name: 'bundles',
  configureServer(server) {
    const made = new Map<string, Promise<string>>()
    server.watcher.on('all', () => made.clear())
    server.middlewares.use((request, response, next) => {
      // Sent as it is: Vite would add its hot-reload client.
      const [, page] = /^(\/test\/support\/\w+[.]html)/.exec(request.url ?? '') ?? []
      if (page) return send(request, response, readFileSync(server.config.root + page), 'html', {})
      // The rest of a worker's address is options for the worker.
      const [, worker, script] =
        /^(.+[?]worker_file&type=module)|^(.+)[?&]bundle$/.exec(request.url ?? '') ?? []
      const address = worker ?? script
      if (address === undefined) return next()
      const code = made.get(address) ?? bundle(server, address)
      made.set(address, code)
      code.then(
        // An empty source map: without one, Vite would add its own.
        (text) => send(request, response, text, 'js', { map: { mappings: '' } as never }),
        (error) => {
          made.delete(address)
          next(error)
        },
      )
    })
  },
}
