import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface StreamServerOptions {
  /** What each stream begins with. Firefox gives a stream to `fetch` only once something comes. @default a comment */
  readonly greeting?: string
  /** The query parameter that takes the last id. @default none: the header `Last-Event-ID` */
  readonly lastIdIn?: string
  /** Rooms that are denied by an event. */
  readonly forbidden?: readonly string[]
  /** Accepts only these tokens. Others are refused with 401. */
  readonly tokens?: readonly string[]
  /** Sends a comment to every stream, every so many ms. */
  readonly comments?: number
  /** Allows no other origin's page to send `Last-Event-ID`. */
  readonly hidesLastId?: boolean
}

/** One stream, or one attempt to open it. */
export interface StreamRequest {
  readonly path: string
  readonly rooms: readonly string[]
  readonly token: string | undefined
  readonly lastId: string | undefined
  readonly status: number
  readonly openedAt: number
  closedAt?: number
}

interface Sent {
  readonly id: number
  readonly room: string
  readonly text: string
}

/**
 * A server that sends numbered events over HTTP/1.1, remembers them, and records every request. `/events?rooms=a,b` is a stream
 * of some rooms, and `/events/ROOM` that of one.
 */
export function createStreamServer(options: StreamServerOptions) {
  const { greeting = ': hello\n\n', lastIdIn, forbidden = [], comments } = options
  const requests: StreamRequest[] = []
  const open = new Map<ServerResponse, StreamRequest>()
  let history: Sent[] = []
  /** What answers instead of a stream, everywhere or for one room. */
  const answers = new Map<string | undefined, { readonly status: number; readonly type?: string }>()
  let { tokens } = options
  let lastId = 0
  let issued = 0
  let isSilent = false
  let forgets = false
  let port = 0
  let timer: ReturnType<typeof setInterval> | undefined
  let http = createServer()

  function write(data: string | Uint8Array, room?: string) {
    if (isSilent) return
    for (const [response, { rooms }] of open)
      if (room === undefined || rooms.includes(room)) response.write(data)
  }

  function emit(room: string, data: unknown, event?: string) {
    lastId += 1
    const named = event === undefined ? '' : `event: ${event}\n`
    const text = `id: ${lastId}\n${named}data: ${JSON.stringify(data)}\n\n`
    history.push({ id: lastId, room, text })
    write(text, room)
  }

  const tokenOf = (request: IncomingMessage, query: URLSearchParams) =>
    request.headers.authorization?.replace(/^Bearer /, '') ?? query.get('token') ?? undefined

  const lastIdOf = (request: IncomingMessage, query: URLSearchParams) =>
    (lastIdIn === undefined ? request.headers['last-event-id']?.toString() : query.get(lastIdIn)) ?? undefined

  function stream(request: IncomingMessage, response: ServerResponse, url: URL) {
    const query = url.searchParams
    const own = /^\/events\/(.+)/.exec(url.pathname)?.[1]
    const rooms = own ? [decodeURIComponent(own)] : (query.get('rooms') ?? '').split(',')
    const token = tokenOf(request, query)
    const isGood = tokens === undefined || (token !== undefined && tokens.includes(token))
    const answer = answers.get(own && rooms[0]) ?? answers.get(undefined)
    const status = answer?.status ?? (isGood ? 200 : 401)
    const asked = lastIdOf(request, query)
    const record: StreamRequest = {
      path: url.href,
      rooms,
      token,
      lastId: asked,
      status,
      openedAt: Date.now(),
    }
    requests.push(record)
    if (status !== 200) return void response.writeHead(status).end()
    response.writeHead(200, {
      'content-type': answer?.type ?? 'text/event-stream; charset=utf-8',
      ...(asked !== undefined && forgets && { 'last-event-id': 'earliest' }),
    })
    if (answer?.type) return void response.end('<p>Sign in</p>')
    if (greeting === '') response.flushHeaders()
    else response.write(greeting)
    open.set(response, record)
    response.on('close', () => {
      record.closedAt = Date.now()
      open.delete(response)
    })
    for (const room of rooms.filter((each) => forbidden.includes(each)))
      response.write(`event: room_denied\ndata: ${JSON.stringify({ room, reason: 'forbidden' })}\n\n`)
    if (asked === undefined || forgets) return
    for (const { id, room, text } of history)
      if (id > Number(asked) && rooms.includes(room)) response.write(text)
  }

  async function start() {
    http = createServer((request, response) => {
      const { origin = '*' } = request.headers
      response.setHeader('access-control-allow-origin', origin)
      response.setHeader('access-control-allow-credentials', 'true')
      const allowed = ['authorization', ...(options.hidesLastId ? [] : ['last-event-id'])]
      response.setHeader('access-control-allow-headers', allowed.join())
      response.setHeader('access-control-expose-headers', 'last-event-id')
      if (request.method === 'OPTIONS') return void response.writeHead(204).end()
      const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
      if (url.pathname === '/token') {
        issued += 1
        response.writeHead(200, { 'content-type': 'application/json' }).end(`{"token":"token-${issued}"}`)
      } else if (url.pathname.startsWith('/events')) stream(request, response, url)
      else response.writeHead(200).end('pong')
    })
    clearInterval(timer)
    if (comments) timer = setInterval(() => write(': still here\n\n'), comments)
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject)
      http.listen(port, '127.0.0.1', resolve)
    })
    port = (http.address() as AddressInfo).port
    return `http://127.0.0.1:${port}`
  }

  return {
    start,
    async stop() {
      clearInterval(timer)
      const closed = new Promise((resolve) => http.close(resolve))
      http.closeAllConnections()
      await closed
    },
    /** Sends an event `{ room, type: 'row', data: { n } }`. */
    emit: (room: string, n: number) => emit(room, { room, type: 'row', data: { n } }),
    /** Sends an event with a name of its own, and any data. */
    emitNamed: (room: string, event: string, data: unknown) => emit(room, data, event),
    /** Sends pieces of a stream as they are, each in a packet of its own. */
    async sendRaw(pieces: readonly (readonly number[] | string)[]) {
      for (const piece of pieces) {
        write(typeof piece === 'string' ? piece : Uint8Array.from(piece))
        await new Promise((done) => setTimeout(done, 30))
      }
    },
    /** Ends the streams that have the room, or all. */
    end(room?: string) {
      for (const [response, { rooms }] of open) if (room === undefined || rooms.includes(room)) response.end()
    },
    /** Answers with this status or content type instead of a stream, everywhere or for one room's own; with `undefined`, not any more. */
    answer(answer: { status: number; type?: string } | undefined, room?: string) {
      if (answer) answers.set(room, answer)
      else answers.delete(room)
    },
    /** Sends nothing, on streams that stay open. */
    silence(on: boolean) {
      isSilent = on
    },
    /** Forgets all events, and says so to whoever asks for them. */
    forget() {
      history = []
      forgets = true
    },
    setTokens(next: readonly string[]) {
      tokens = next
    },
    state: () => ({
      connected: open.size,
      rooms: [...open.values()].map(({ rooms }) => rooms),
      requests,
      issued,
    }),
  }
}

export type StreamTestServer = ReturnType<typeof createStreamServer>
