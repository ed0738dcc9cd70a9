import { type ChildProcess, fork } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { ACKNOWLEDGEMENTS } from './server/acknowledgements.ts'
import type { RestartRequest, ServerMessage, ServerSettings } from './server/messages.ts'
import type { Acknowledgement } from './server/rooms.ts'

export interface SupervisorParts {
  readonly site: string
  readonly port: number
  readonly log: (line: string) => void
  /** The server could not be started, or has ended without being asked to. */
  readonly onFailed: (reason: string) => void
}

/** How many ports to try, counted from the first one. */
const PORTS = 20
/** How long the server may take to end on SIGTERM, in ms. */
const EXIT_TIMEOUT = 5000

/** Runs the server as a child process: starts, stops, kills and redeploys it. It also is the server's database. */
export function createSupervisor({ site, port: first, log, onFailed }: SupervisorParts) {
  const secret = randomBytes(24).toString('hex')
  const main = fileURLToPath(new URL('./server/main.ts', import.meta.url))
  let version = 1
  let child: ChildProcess | undefined
  let restartTimer: ReturnType<typeof setTimeout> | undefined
  let isClosed = false
  const acknowledged: Acknowledgement[] = []

  /** Starts a server; resolves with the port it listens on. */
  function start(port: number): Promise<number> {
    return new Promise((resolve) => {
      const settings: ServerSettings = { port, version: `v${version}`, secret, site, acknowledged }
      const started = fork(main, { env: { ...process.env, DEMO: JSON.stringify(settings) } })
      child = started
      let isReported = false
      started.on('message', (message: ServerMessage) => {
        switch (message.type) {
          case 'listening':
            return resolve(message.port)
          case 'in-use':
            isReported = true
            if (port - first >= PORTS) return onFailed(`Ports ${first} to ${port} are all in use.`)
            log(`Port ${port} is in use; trying ${port + 1}.`)
            return void start(port + 1).then(resolve)
          case 'failed':
            isReported = true
            return onFailed(message.reason)
          case 'acknowledged':
            if (acknowledged.push(message.acknowledgement) > ACKNOWLEDGEMENTS) acknowledged.shift()
            return
          default:
            // A server that is being ended may not ask for a restart.
            return started === child ? void restart(message) : undefined
        }
      })
      started.once('exit', (code, signal) => {
        if (started !== child || isClosed || isReported) return
        onFailed(`The server ended by itself (${signal ?? `code ${code}`}).`)
      })
    })
  }

  /** Ends the running server; resolves when its process has exited. */
  function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child
    child = undefined
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(() => ending.kill('SIGKILL'), EXIT_TIMEOUT)
      ending.once('exit', () => {
        clearTimeout(timer)
        resolve()
      })
      ending.kill(signal)
    })
  }

  let listening = Promise.resolve(0)

  async function restart(request: RestartRequest) {
    if (request.type === 'deploy') version += 1
    await end(request.type === 'kill' ? 'SIGKILL' : 'SIGTERM')
    const port = await listening
    if (isClosed) return
    const pause = request.type === 'deploy' ? 0 : request.seconds * 1000
    restartTimer = setTimeout(() => void start(port), pause)
  }

  return {
    start: () => {
      listening = start(first)
      return listening
    },
    async close() {
      isClosed = true
      clearTimeout(restartTimer)
      await end('SIGTERM')
    },
  }
}
