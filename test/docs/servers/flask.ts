import type { DialectServer } from './listening.ts'
import { pythonOf, startPython } from './python.ts'

export const FLASK = ['flask_socketio', 'eventlet'] as const

export const flaskPython = (): string | undefined => pythonOf(FLASK)

/** Starts the Flask-SocketIO server of the docs' dialects. */
export async function flaskServer(): Promise<DialectServer> {
  const { url, stop } = await startPython('./dashboard_server.py', FLASK)
  return {
    url,
    stop,
    asked: () => [],
    publish: (room, data) =>
      fetch(`${url}/publish/${room}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(data),
      }).then(() => {}),
  }
}
