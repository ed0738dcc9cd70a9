import { createServer } from 'node:http'
import { fileURLToPath } from 'node:url'
import { createServer as createVite } from 'vite'
import { control } from './server/control.ts'
import { createDashboard } from './server/dashboard.ts'

/** `npm run demo`: the dashboard, its server and its page at one address. */

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const FIRST_PORT = Number(process.env['PORT'] ?? 4173)
const PORTS = 20

const http = createServer()

const vite = await createVite({
  configFile: false,
  root: here('./page'),
  appType: 'mpa',
  logLevel: 'warn',
  server: { middlewareMode: true, hmr: { server: http }, fs: { allow: [here('..')] } },
  optimizeDeps: { include: ['comlink', 'socket.io-client', 'idb-keyval'] },
  resolve: {
    alias: [
      { find: /^partyline\/worker$/, replacement: here('../worker/index.ts') },
      { find: /^partyline$/, replacement: here('../src/index.ts') },
    ],
  },
})

http.on('request', (request, response) => {
  if (request.url?.startsWith('/socket.io/')) return
  if (!control(dashboard, request, response)) vite.middlewares(request, response)
})
const dashboard = createDashboard(http)

function listen(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' || port >= FIRST_PORT + PORTS) return reject(error)
      console.log(`Port ${port} is in use; trying ${port + 1}.`)
      listen(port + 1).then(resolve, reject)
    })
    http.listen(port, '127.0.0.1', () => resolve(port))
  })
}

const port = await listen(FIRST_PORT)
console.log(
  `\n  Partyline demo: http://localhost:${port}/\n\n  Open it in several tabs, and break it. Ctrl-C stops it.\n`,
)

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await Promise.all([dashboard.close(), vite.close()])
    http.closeAllConnections()
    process.exit(0)
  })
}
