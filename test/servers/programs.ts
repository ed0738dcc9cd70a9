import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The programs that tests of real servers start, and the Debian packages that they need. */

export const FOLDER = fileURLToPath(new URL('.', import.meta.url))

/** Where a Python with a server's modules is looked for. */
const PYTHONS = [process.env['PYTHON'], '/usr/bin/python3', 'python3'].filter((path) => path !== undefined)

/** The first Python that has these modules. */
export const pythonWith = (...modules: readonly string[]): string | undefined =>
  PYTHONS.find((python) => spawnSync(python, ['-c', `import ${modules.join()}`]).status === 0)

const binary = (name: string) =>
  ['/usr/bin', '/usr/local/bin', '/opt/homebrew/bin'].map((place) => `${place}/${name}`).find(existsSync)

interface Start {
  readonly command: string
  readonly args: readonly string[]
}

export interface RealServer {
  /** The Debian packages that it needs. */
  readonly packages: readonly string[]
  /** How to start it on a port; `undefined` where something is missing. */
  readonly find: () => ((port: number) => Start) | undefined
  /** It needs a Redis, whose address is in `REDIS_URL`. */
  readonly hasRedis?: boolean
}

const python =
  (modules: readonly string[], args: (port: number) => readonly string[]): RealServer['find'] =>
  () => {
    const command = pythonWith(...modules)
    return command === undefined ? undefined : (port) => ({ command, args: args(port) })
  }

export const redis = (): string | undefined => binary('redis-server')

const channels = python(['channels', 'channels_redis', 'daphne'], (port) => [
  ...['-m', 'daphne', '-b', '127.0.0.1', '-p', String(port), '-v', '0'],
  'channels_server:application',
])

export const SERVERS = {
  'Socket.IO': {
    packages: [],
    find: () => (port) => ({
      command: process.execPath,
      args: ['--import', 'tsx', `${FOLDER}socket-io.ts`, String(port)],
    }),
  },
  'Flask-SocketIO': {
    packages: ['python3-flask-socketio', 'python3-eventlet'],
    find: python(['flask_socketio', 'eventlet'], (port) => ['flask_server.py', String(port)]),
  },
  FastAPI: {
    packages: ['python3-fastapi', 'uvicorn', 'python3-websockets'],
    find: python(['fastapi', 'uvicorn', 'websockets'], (port) => ['fastapi_server.py', String(port)]),
  },
  'Django Channels': {
    packages: ['daphne', 'python3-django-channels', 'python3-channels-redis', 'redis-server'],
    find: () => (redis() === undefined ? undefined : channels()),
    hasRedis: true,
  },
  'Action Cable': {
    packages: ['ruby-actioncable', 'puma'],
    find() {
      const command = binary('puma')
      const hasCable = spawnSync('ruby', ['-e', 'require "action_cable"']).status === 0
      if (command === undefined || !hasCable) return undefined
      return (port) => ({
        command,
        args: ['-q', '-b', `tcp://127.0.0.1:${port}`, '-t', '1:8', '-w', '0', '-e', 'production', 'cable.ru'],
      })
    },
  },
} as const satisfies Record<string, RealServer>

export type ServerName = keyof typeof SERVERS

/** The servers that cannot run here, each with the packages that it needs. */
export const missingServers = (): Partial<Record<ServerName, readonly string[]>> =>
  Object.fromEntries(
    Object.entries<RealServer>(SERVERS)
      .filter(([, { find }]) => find() === undefined)
      .map(([name, { packages }]) => [name, packages]),
  )
