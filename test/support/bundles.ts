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
 * Serves every worker, and every script asked for with `?bundle`, as one file that is made once. The dev server would
 * send its 30 to 60 modules one by one, instrumented, for each page, reload and worker: half of the time of the tests.
 */
export const bundles: Plugin = {
  name: 'bundles',
  configureServer(server) {
    const made = new Map<string, Promise<string>>()
    server.watcher.on('all', () => made.clear())
    server.middlewares.use((request, response, next) => {
      // As it is in its file: Vite would add its client, which loads again what has changed.
      const [, page] = /^(\/test\/support\/\w+[.]html)/.exec(request.url ?? '') ?? []
      if (page) return send(request, response, readFileSync(server.config.root + page), 'html', {})
      // What follows in a worker's address is for the worker.
      const [, worker, script] =
        /^(.+[?]worker_file&type=module)|^(.+)[?&]bundle$/.exec(request.url ?? '') ?? []
      const address = worker ?? script
      if (address === undefined) return next()
      const code = made.get(address) ?? bundle(server, address)
      made.set(address, code)
      code.then(
        // A map without mappings: without one, Vite would add one of its own.
        (text) => send(request, response, text, 'js', { map: { mappings: '' } as never }),
        (error) => {
          made.delete(address)
          next(error)
        },
      )
    })
  },
}
