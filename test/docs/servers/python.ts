import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { pythonWith } from '../../servers/programs.ts'
import { freePort } from './port.ts'

/** A Python server of the docs, in another process. */
export interface PythonServer {
  readonly url: string
  stop(): Promise<void>
}

/** What Flask-SocketIO and uvicorn print once they listen. */
const LISTENS = /wsgi starting up|Uvicorn running/

const pythons = new Map<string, string | undefined>()

/** The first Python that has these modules. It is looked for once, because each look starts it. */
export function pythonOf(modules: readonly string[]): string | undefined {
  const key = modules.join()
  if (!pythons.has(key)) pythons.set(key, pythonWith(...modules))
  return pythons.get(key)
}

/** Starts a script of this folder with a Python that has these modules. It gets a free port and `args`. */
export async function startPython(
  script: string,
  modules: readonly string[],
  ...args: readonly string[]
): Promise<PythonServer> {
  const python = pythonOf(modules)
  if (python === undefined) throw new Error(`no Python with ${modules.join(' and ')}`)
  const port = await freePort()
  const path = fileURLToPath(new URL(script, import.meta.url))
  const child = spawn(python, [path, String(port), ...args], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  // Ends the server when the run is interrupted.
  process.once('exit', () => child.kill())
  let said = ''
  await new Promise<void>((done, fail) => {
    child.stderr.on('data', (chunk) => {
      said += chunk
      if (LISTENS.test(said)) done()
    })
    child.once('exit', () => fail(new Error(said)))
  })
  return {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill()
      await ended
    },
  }
}
