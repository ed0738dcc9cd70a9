import { freePort } from '../docs/servers/port.ts'
import { type Guarded, startGuarded } from './guarded.ts'
import { FOLDER, type RealServer, redis, SERVERS, type ServerName } from './programs.ts'

/** What a test sets on a server. */
export interface ServerSettings {
  readonly version?: string
  /** The tokens that are accepted. `null`: every connection is. */
  readonly tokens?: readonly string[] | null
  /** When another token is refused: before the connection is accepted, or after it. */
  readonly refuses?: 'before' | 'after'
  readonly denied?: readonly string[]
  /** The seconds between two keepalives. `null`: none are sent. */
  readonly keepalive?: number | null
  /** Whether messages of pages are answered. */
  readonly answers?: boolean
  /** How long a token is valid, in seconds. Only Django Channels has it. */
  readonly token_life?: number | null
}

/** What a server has seen since it was started or reset. */
export interface ServerState {
  /** The rooms of each open connection. */
  readonly rooms: readonly (readonly string[])[]
  /** The token of each handshake. */
  readonly handshakes: readonly (string | null)[]
  /** How many tokens it has issued. */
  readonly issued: number
  /** `join x`, `leave x`, in the order they came. */
  readonly asked: readonly string[]
  readonly keepalives: number
  /** The messages of pages, each id once. `echo` is answered with its payload, `refuse` is refused, and `ignore` is not answered. */
  readonly messages: readonly (readonly [name: string, payload: unknown])[]
  /** How many messages came again, with an id that was there already. */
  readonly repeats: number
}

/** A real server in another process, with the same face for every kind. */
export interface RunningServer {
  /** Starts it, again on the same port. Resolves once it answers. */
  start(): Promise<void>
  /** Ends it without a word. */
  kill(): Promise<void>
  /** Stops the process. Its connections stay open, and nothing is answered. */
  freeze(): void
  thaw(): void
  set(settings: ServerSettings): Promise<ServerState>
  reset(): Promise<ServerState>
  state(): Promise<ServerState>
  /** Sends an event of a room. */
  emit(room: string, type: string, data: unknown): Promise<ServerState>
  /** Sends a frame to everybody. */
  broadcast(frame: { readonly type: string; readonly [field: string]: unknown }): Promise<ServerState>
  /** Ends all connections with this code, where the wire has codes: 4401 refuses the user. */
  close(code: number): Promise<ServerState>
}

/** How long a server may take to start, in ms. */
const PATIENCE = 20_000

let redisAt: Promise<string> | undefined

/** Starts one Redis for all, and returns its address. */
async function startRedis(): Promise<string> {
  const port = await freePort()
  const command = redis() ?? 'redis-server'
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '']
  await startGuarded({ command, args, cwd: FOLDER })
  return `redis://127.0.0.1:${port}`
}

async function answers(url: string, hasEnded: () => boolean): Promise<void> {
  const until = performance.now() + PATIENCE
  while (!hasEnded()) {
    if (performance.now() > until) throw new Error(`${url} does not answer after ${PATIENCE / 1000} s.`)
    const isThere = await fetch(`${url}/version`).then(
      ({ ok }) => ok,
      () => false,
    )
    if (isThere) return
    await new Promise((done) => setTimeout(done, 30))
  }
}

export async function createRunningServer(
  name: ServerName,
): Promise<RunningServer & { readonly url: string }> {
  const { find, hasRedis }: RealServer = SERVERS[name]
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const launch = find()
  let guarded: Guarded | undefined

  const order = async (what: string, body: object = {}): Promise<ServerState> => {
    const response = await fetch(`${url}/control/${what}`, { method: 'POST', body: JSON.stringify(body) })
    if (!response.ok) throw new Error(`${name} answered ${response.status} to "${what}".`)
    return response.json() as Promise<ServerState>
  }

  return {
    url,
    async start() {
      if (launch === undefined) throw new Error(`${name} is not installed.`)
      if (hasRedis) redisAt ??= startRedis()
      const env = { REDIS_URL: (await redisAt) ?? '' }
      const started = await startGuarded({ ...launch(port), cwd: FOLDER, env })
      guarded = started
      let said: string | undefined
      void started.ended.then((words) => {
        said = words
      })
      await answers(url, () => said !== undefined)
      if (said !== undefined) throw new Error(`${name} ended: ${said}`)
    },
    kill: async () => guarded?.kill(),
    freeze: () => guarded?.freeze(),
    thaw: () => guarded?.thaw(),
    set: (settings) => order('set', settings),
    reset: () => order('reset'),
    state: () => order('state'),
    emit: (room, type, data) => order('emit', { room, type, data }),
    broadcast: (frame) => order('broadcast', frame),
    close: (code) => order('close', { code }),
  }
}
