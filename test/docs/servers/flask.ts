import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { DialectServer } from './listening.ts'
import { freePort } from './port.ts'

/** Where a Python with Flask-SocketIO is looked for. */
const PYTHONS = [process.env['PYTHON'], '/usr/bin/python3', 'python3'].filter((path) => path !== undefined)

const has = (python: string) => spawnSync(python, ['-c', 'import flask_socketio, eventlet']).status === 0

export const flaskPython = (): string | undefined => PYTHONS.find(has)

/** Starts the Flask-SocketIO server of the docs in another process. */
export async function flaskServer(): Promise<DialectServer> {
  const python = flaskPython()
  if (python === undefined) throw new Error('no Python with Flask-SocketIO')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const script = fileURLToPath(new URL('./dashboard_server.py', import.meta.url))
  const child = spawn(python, [script, String(port)], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  // Ends the server when the run is interrupted.
  process.once('exit', () => child.kill())
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  // The server prints this once it listens.
  await new Promise<void>((done, fail) => {
    child.stderr.on('data', () => said.includes('wsgi starting up') && done())
    child.once('exit', () => fail(new Error(said)))
  })
  return {
    url,
    asked: () => [],
    publish: (room, data) =>
      fetch(`${url}/publish/${room}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(data),
      }).then(() => {}),
    async stop() {
      child.kill()
      await ended
    },
  }
}
