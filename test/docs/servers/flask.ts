import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { pythonWith } from '../../servers/programs.ts'
import type { DialectServer } from './listening.ts'
import { freePort } from './port.ts'

export const flaskPython = (): string | undefined => pythonWith('flask_socketio', 'eventlet')

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
