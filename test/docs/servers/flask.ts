import { spawn, spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { DialectServer } from './listening.ts'
import { freePort } from './port.ts'

/** A Python that has Flask-SocketIO: `PYTHON`, or that of the system. */
const PYTHONS = [process.env['PYTHON'], '/usr/bin/python3', 'python3'].filter((path) => path !== undefined)

const has = (python: string) => spawnSync(python, ['-c', 'import flask_socketio, eventlet']).status === 0

export const flaskPython = (): string | undefined => PYTHONS.find(has)

/** The Flask-SocketIO server of the docs, in a process of its own. */
export async function flaskServer(): Promise<DialectServer> {
  const python = flaskPython()
  if (python === undefined) throw new Error('no Python with Flask-SocketIO')
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const script = fileURLToPath(new URL('./dashboard_server.py', import.meta.url))
  const child = spawn(python, [script, String(port)], { stdio: ['ignore', 'ignore', 'pipe'] })
  const ended = new Promise<void>((done) => child.once('exit', () => done()))
  // A run that is broken off leaves nothing behind.
  process.once('exit', () => child.kill())
  let said = ''
  child.stderr.on('data', (chunk) => {
    said += chunk
  })
  // It says so once it listens.
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
