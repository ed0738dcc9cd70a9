import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import type { Report, Settings } from './server/order.ts'

export interface SupervisorParts {
  readonly site: string
  readonly port: number
  readonly say: (what: string) => void
  /** The server cannot be started, or has ended by a fault of its own. */
  readonly failed: (why: string) => void
}

/** How many ports are tried, from the first one on. */
const PORTS = 20
/** How long a server may take to end by itself. */
const PATIENCE = 5000

/** Runs the server as a process: starts it, stops it, kills it, deploys it anew. */
export function createSupervisor({ site, port: first, say, failed }: SupervisorParts) {
  const secret = randomBytes(24).toString('hex')
  const main = fileURLToPath(new URL('./server/main.ts', import.meta.url))
  let version = 1
  let child: ChildProcess | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let over = false

  /** Starts a server; resolves with the port it listens on. */
  function start(port: number): Promise<number> {
    return new Promise((resolve) => {
      const settings: Settings = { port, version: `v${version}`, secret, site }
      const started = fork(main, { env: { ...process.env, DEMO: JSON.stringify(settings) } })
      child = started
      let taken = false
      started.on('message', (message: Report) => {
        switch (message.type) {
          case 'listening':
            return resolve(message.port)
          case 'in-use':
            taken = true
            if (port - first >= PORTS) return failed(`Ports ${first} to ${port} are all in use.`)
            say(`Port ${port} is in use; trying ${port + 1}.`)
            return void start(port + 1).then(resolve)
          case 'failed':
            taken = true
            return failed(message.why)
          default:
            // A server that is on its way out gives no orders.
            return started === child ? void obey(message) : undefined
        }
      })
      started.once('exit', (code, signal) => {
        if (started !== child || over || taken) return
        failed(`The server ended by itself (${signal ?? `code ${code}`}).`)
      })
    })
  }

  /** Ends the server that runs, and resolves when it is gone. */
  function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      const late = setTimeout(() => ending.kill('SIGKILL'), PATIENCE)
      ending.once('exit', () => {
        clearTimeout(late)
        resolve()
      })
      ending.kill(signal)
    })
  }

  let listens = Promise.resolve(0)

  async function obey(order: Extract<Report, { type: 'stop' | 'kill' | 'deploy' }>) {
    if (order.type === 'deploy') version += 1
    await end(order.type === 'kill' ? 'SIGKILL' : 'SIGTERM')
    const port = await listens
    if (over) return
    const pause = order.type === 'deploy' ? 0 : order.seconds * 1000
    again = setTimeout(() => void start(port), pause)
  }

  return {
    start: () => {
      listens = start(first)
      return listens
    },
    async close() {
      over = true
      clearTimeout(again)
      await end('SIGTERM')
    },
  }
}
