import { readFileSync } from 'node:fs'
import { build, type Plugin, type Rolldown, send, type ViteDevServer } from 'vite'

/** What the script of a test's worker begins with, as a deployment under the same name makes it. */
export const edits = new Map<string, string>()

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
      return module && { code: module.code, moduleType: 'js' }
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
