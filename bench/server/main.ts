import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setImmediate, setTimeout as wait } from 'node:timers/promises'
import { Server } from 'socket.io'
import { type WebSocket, WebSocketServer } from 'ws'
import { createClock } from '../pages/clock'
import { type Counts, createByteCount } from './counts'
import { createPayloads } from './payload'
import { createSite } from './site'

/** The server: Socket.IO with rooms, and a plain WebSocket, also for the floor. It runs in its own process, and its parent calls it. */

const ROOM = 'feed'
/** How many events of a burst are sent before other work gets a turn, as with events from many sources. */
const SLICE = 50

const now = createClock()
const serve = createSite(process.argv[2] ?? '.')
const bytes = createByteCount()
let handshakes = 0
let joins = 0
let port = 0
let http: HttpServer
let io: Server
let raw: WebSocketServer
let rawMembers: Set<WebSocket>
/** The last event, which is sent after each join, in place of a fetch. */
let snapshot: object | undefined

function welcomeRaw(socket: WebSocket) {
  handshakes += 1
  socket.on('message', (data) => {
    joins += 1
    rawMembers.add(socket)
    // The others send the name of the room alone, and expect no answer.
    const room = `${data}`.startsWith('{') && JSON.parse(`${data}`).room
    if (room) socket.send(JSON.stringify({ type: 'subscribed', room }))
    if (snapshot) socket.send(JSON.stringify(snapshot))
  })
  socket.on('close', () => rawMembers.delete(socket))
}

function listen(): Promise<void> {
  http = createServer(serve)
  http.on('connection', bytes.watch)
  io = new Server(http, { destroyUpgrade: false })
  raw = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  rawMembers = new Set()
  http.on('upgrade', (request, socket, head) => {
    if (request.url === '/raw') raw.handleUpgrade(request, socket, head, welcomeRaw)
  })
  io.on('connection', (socket) => {
    handshakes += 1
    socket.on('join_room', async ({ room }: { room: string }, acknowledge?: () => void) => {
      joins += 1
      await socket.join(room)
      acknowledge?.()
      socket.emit('room_joined', { room })
      if (snapshot) socket.emit('row', snapshot)
    })
  })
  return new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, '127.0.0.1', () => {
      port = (http.address() as AddressInfo).port
      resolve()
    })
  })
}

async function close() {
  for (const socket of raw.clients) socket.terminate()
  const closed = io.close()
  http.closeAllConnections()
  await closed
}

function emit(payload: object) {
  if (rawMembers.size === 0) return void io.to(ROOM).emit('row', payload)
  const text = JSON.stringify(payload)
  for (const socket of rawMembers) socket.send(text)
}

/** Ends the current stream, and returns how many events it sent. */
let stop: (() => number) | undefined

const calls = {
  port: () => port,

  counts: (): Counts => {
    const { user, system } = process.cpuUsage()
    const sockets = io.engine.clientsCount + raw.clients.size
    return { sockets, handshakes, joins, bytes: bytes.total(), cpu: (user + system) / 1000 }
  },

  /** Sends events as fast as possible. Returns the time of the first. */
  async burst(run: number, count: number, size: number): Promise<number> {
    const payload = createPayloads(ROOM, size)
    const startedAt = now()
    for (let n = 0; n < count; n += 1) {
      emit(payload(run, n, now()))
      if (n % SLICE === SLICE - 1) await setImmediate()
    }
    return startedAt
  },

  /** Sends `rate` events per second, evenly spaced, until `endStream`. */
  startStream(run: number, rate: number, size: number): void {
    const payload = createPayloads(ROOM, size)
    const startedAt = now()
    let timer: ReturnType<typeof setTimeout>
    let n = 0
    const due = () => startedAt + (n * 1000) / rate
    const pump = () => {
      while (due() <= now()) {
        snapshot = payload(run, n, now())
        emit(snapshot)
        n += 1
      }
      timer = setTimeout(pump, due() - now())
    }
    pump()
    stop = () => {
      clearTimeout(timer)
      snapshot = undefined
      return n
    }
  },

  /** Closes every connection. A client that polled when its tab closed would otherwise stay for a while. */
  hangUp(): void {
    io.disconnectSockets(true)
    for (const socket of raw.clients) socket.terminate()
  },

  endStream(): number {
    const sent = stop?.() ?? 0
    stop = undefined
    return sent
  },

  /** Stops the server and starts it again after this many ms. Returns when it listens again. */
  async restart(away: number): Promise<number> {
    await close()
    await wait(away)
    await listen()
    return now()
  },
}

export type Calls = typeof calls

/** A call from the parent process. */
export interface Question {
  readonly id: number
  readonly name: keyof Calls
  readonly args: readonly unknown[]
}
export type Answer = { readonly id: number } & ({ readonly value: unknown } | { readonly error: string })

async function answer({ id, name, args }: Question): Promise<Answer> {
  try {
    return { id, value: await (calls[name] as (...args: readonly unknown[]) => unknown)(...args) }
  } catch (error) {
    return { id, error: String(error) }
  }
}

process.on('message', async (question: Question) => process.send?.(await answer(question)))
// This process ends when its parent does.
process.on('disconnect', () => process.exit())
await listen()
process.send?.({ id: 0, value: undefined } satisfies Answer)
