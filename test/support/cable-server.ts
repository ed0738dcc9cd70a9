import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type WebSocket, WebSocketServer } from 'ws'

export interface CableServerOptions {
  /** The protocol that it picks: that of Rails, or AnyCable's with sessions and a history. @default 'actioncable-v1-json' */
  readonly protocol?: 'actioncable-v1-json' | 'actioncable-v1-ext-json'
  /** ms between two pings. @default 3000 */
  readonly every?: number
  /** Channels whose subscriptions are rejected. */
  readonly forbidden?: readonly string[]
  /** Accepts only these tokens. Others are told `unauthorized`, and the connection is closed with 1000. */
  readonly tokens?: readonly string[]
  /** How many messages of a stream the history keeps. @default 100 */
  readonly limit?: number
}

export interface CableConnection {
  readonly token: string | undefined
  /** The session that it asked to restore. */
  readonly sid: string | undefined
  /** The protocols that it offered. */
  readonly offered: readonly string[]
  /** `subscribe ID`, `unsubscribe ID`, `history ID`, in the order they came. */
  readonly commands: string[]
  /** The history requests that came with them. */
  readonly histories: unknown[]
  readonly identifiers: Set<string>
  /** The data of the messages of pages, with their identifiers. */
  readonly messages: (readonly [identifier: string, data: unknown])[]
  readonly openedAt: number
  pongs: number
  closedAt?: number
}

interface Command {
  readonly command: string
  readonly identifier: string
  readonly data?: string
  readonly history?: {
    readonly since: number
    readonly streams: Readonly<Record<string, { readonly epoch: string; readonly offset: number }>>
  }
}

/** A message of a stream. Each identifier has a stream. */
interface Entry {
  readonly offset: number
  readonly at: number
  readonly message: unknown
}

const seconds = () => Math.floor(Date.now() / 1000)
const streamOf = (identifier: string) => `stream of ${identifier}`

/** A server that speaks Action Cable at `/cable`, as Rails or AnyCable do, and records every command. */
export function createCableServer(options: CableServerOptions) {
  const { protocol = 'actioncable-v1-json', every = 3000, forbidden = [], limit = 100 } = options
  const isExtended = protocol === 'actioncable-v1-ext-json'
  const connections: CableConnection[] = []
  const open = new Map<WebSocket, CableConnection>()
  /** The identifiers of each session. */
  const sessions = new Map<string, ReadonlySet<string>>()
  const streams = new Map<string, { next: number; entries: Entry[] }>()
  /** Broadcasts that come between a subscription and the answer about its history. */
  const racing: (() => void)[] = []
  let { tokens } = options
  let epoch = 1
  let issued = 0
  let port = 0
  let isSilent = false
  let pings: ReturnType<typeof setInterval> | undefined
  let http = createServer()

  const send = (socket: WebSocket, frame: unknown) => socket.send(JSON.stringify(frame))

  const frameOf = (identifier: string, { offset, message }: Entry) => ({
    identifier,
    message,
    ...(isExtended && { stream_id: streamOf(identifier), epoch: `epoch ${epoch}`, offset }),
  })

  /** Sends to every subscriber of the identifier, and keeps it. */
  function broadcast(identifier: string, message: unknown) {
    const stream = streams.get(identifier) ?? { next: 1, entries: [] }
    streams.set(identifier, stream)
    const entry = { offset: stream.next, at: seconds(), message }
    stream.next += 1
    stream.entries = [...stream.entries, entry].slice(-limit)
    for (const [socket, { identifiers }] of open)
      if (identifiers.has(identifier)) send(socket, frameOf(identifier, entry))
  }

  /** The missed messages, or `undefined` where the history does not reach back that far. */
  function missed({ identifier, history }: Command): readonly Entry[] | undefined {
    const { since = 0, streams: positions = {} } = history ?? {}
    const entries = streams.get(identifier)?.entries ?? []
    const position = positions[streamOf(identifier)]
    if (!position) return since > 0 ? entries.filter(({ at }) => at >= since) : []
    const [oldest] = entries
    if (position.epoch !== `epoch ${epoch}` || !oldest || oldest.offset > position.offset) return undefined
    return entries.filter(({ offset }) => offset > position.offset)
  }

  function answerHistory(socket: WebSocket, command: Command) {
    const { identifier } = command
    for (const race of racing.splice(0)) race()
    const entries = missed(command)
    for (const entry of entries ?? []) send(socket, frameOf(identifier, entry))
    send(socket, { type: entries ? 'confirm_history' : 'reject_history', identifier })
  }

  function hear(socket: WebSocket, connection: CableConnection, command: Command) {
    const { identifier, history } = command
    if (command.command === 'pong') {
      connection.pongs += 1
      return
    }
    if (command.command === 'message') {
      connection.messages.push([identifier, JSON.parse(command.data ?? '')])
      return
    }
    connection.commands.push(`${command.command} ${identifier}`)
    if (history) connection.histories.push(history)
    const { identifiers } = connection
    if (command.command === 'unsubscribe') identifiers.delete(identifier)
    if (command.command === 'history' && identifiers.has(identifier)) answerHistory(socket, command)
    // Like the real ones, it does not answer a second time.
    if (command.command !== 'subscribe' || identifiers.has(identifier)) return
    if (forbidden.includes(JSON.parse(identifier).channel))
      return send(socket, { type: 'reject_subscription', identifier })
    identifiers.add(identifier)
    send(socket, { type: 'confirm_subscription', identifier })
    if (history && isExtended) answerHistory(socket, command)
  }

  function disconnect(socket: WebSocket, reason: string, reconnect: boolean) {
    send(socket, { type: 'disconnect', reason, reconnect })
    socket.close(1000)
  }

  function accept(socket: WebSocket, { url = '/', headers }: IncomingMessage) {
    const query = new URL(url, 'http://localhost').searchParams
    const token = query.get('token') ?? undefined
    const sid = query.get('sid') ?? undefined
    const restored = isExtended && sid !== undefined ? sessions.get(sid) : undefined
    const connection: CableConnection = {
      token,
      sid,
      offered: headers['sec-websocket-protocol']?.split(/,\s*/) ?? [],
      commands: [],
      histories: [],
      identifiers: new Set(restored),
      messages: [],
      openedAt: Date.now(),
      pongs: 0,
    }
    connections.push(connection)
    if (!restored && tokens && !tokens.includes(token ?? '')) return disconnect(socket, 'unauthorized', false)
    open.set(socket, connection)
    const id = `session ${connections.length}`
    if (isExtended) sessions.set(id, connection.identifiers)
    send(socket, {
      type: 'welcome',
      ...(isExtended && { sid: id }),
      ...(restored && { restored: true, restored_ids: [...restored] }),
    })
    socket.on('message', (data) => hear(socket, connection, JSON.parse(String(data)) as Command))
    socket.on('close', () => {
      connection.closedAt = Date.now()
      open.delete(socket)
    })
  }

  async function start() {
    http = createServer((request, response) => {
      response.setHeader('access-control-allow-origin', request.headers.origin ?? '*')
      issued += 1
      response.writeHead(200, { 'content-type': 'application/json' }).end(`{"token":"token-${issued}"}`)
    })
    const server = new WebSocketServer({
      noServer: true,
      handleProtocols: (offered) => (offered.has(protocol) ? protocol : false),
    })
    http.on('upgrade', (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (accepted) => accept(accepted, request)),
    )
    clearInterval(pings)
    pings = setInterval(() => {
      if (isSilent) return
      for (const socket of open.keys()) send(socket, { type: 'ping', message: seconds() })
    }, every)
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
      clearInterval(pings)
      for (const socket of open.keys()) socket.terminate()
      const closed = new Promise((resolve) => http.close(resolve))
      http.closeAllConnections()
      await closed
    },
    broadcast,
    /** The next time that a history is asked for, this is broadcast first. */
    race(identifier: string, message: unknown) {
      racing.push(() => broadcast(identifier, message))
    },
    /** Sends a frame to every connection, as it is. */
    send(frame: unknown) {
      for (const socket of open.keys()) send(socket, frame)
    },
    disconnect(reason: string, reconnect: boolean) {
      for (const socket of open.keys()) disconnect(socket, reason, reconnect)
    },
    /** Ends all connections without a word. */
    cut() {
      for (const socket of open.keys()) socket.terminate()
    },
    /** Sends no pings. */
    silence(on: boolean) {
      isSilent = on
    },
    /** Loses what a server has in its memory. */
    forget(what: 'history' | 'sessions') {
      if (what === 'sessions') return sessions.clear()
      epoch += 1
      streams.clear()
    },
    setTokens(next: readonly string[]) {
      tokens = next
    },
    state: () => ({
      connected: open.size,
      issued,
      identifiers: [...open.values()].map(({ identifiers }) => [...identifiers].sort()),
      connections: connections.map(({ identifiers: _, ...connection }) => connection),
    }),
  }
}

export type CableTestServer = ReturnType<typeof createCableServer>
