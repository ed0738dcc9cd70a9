import { createServer, type IncomingMessage } from 'node:http'
import { Server } from 'socket.io'

/** Socket.IO on Node, with connection state recovery. What a test sets on it, and what it has seen, are as in desk.py. */

const fresh = () => ({
  version: 'v1',
  tokens: null as readonly string[] | null,
  denied: [] as readonly string[],
  keepalive: null as number | null,
  keepalives: 0,
  handshakes: [] as (string | null)[],
  issued: 0,
  asked: [] as string[],
  messages: [] as [name: string, payload: unknown][],
  ids: new Set<string>(),
  repeats: 0,
  answers: true,
})
const desk = fresh()

async function bodyOf(request: IncomingMessage) {
  let text = ''
  for await (const chunk of request) text += chunk
  return JSON.parse(text)
}

interface Frame {
  readonly type: string
  readonly room?: string
}

const ORDERS = {
  set: (settings: object) => Object.assign(desk, settings),
  reset: () => Object.assign(desk, fresh()),
  emit: (event: Frame) => io.to(event.room ?? '').emit(event.type, event),
  broadcast: (frame: Frame) => io.emit(frame.type, frame),
  /** A user whose token expires is disconnected; otherwise the connection breaks, and its session can be recovered. */
  close({ code }: { readonly code: number }) {
    for (const socket of io.sockets.sockets.values()) {
      if (code === 4401) socket.disconnect(true)
      else socket.conn.close()
    }
  },
  state: () => {},
}

const state = () => ({
  rooms: [...io.sockets.sockets.values()].map(({ id, rooms }) =>
    [...rooms].filter((room) => room !== id).sort(),
  ),
  handshakes: desk.handshakes,
  issued: desk.issued,
  asked: desk.asked,
  keepalives: desk.keepalives,
  messages: desk.messages,
  repeats: desk.repeats,
})

function issue() {
  desk.issued += 1
  return { token: `token-${desk.issued}` }
}

const http = createServer(async (request, response) => {
  const { url = '' } = request
  if (url.startsWith('/socket.io')) return
  const answer = (body: unknown) =>
    response
      .writeHead(200, { 'access-control-allow-origin': '*', 'content-type': 'application/json' })
      .end(JSON.stringify(body))
  if (url === '/version') return answer({ version: desk.version })
  if (url === '/token') return answer(issue())
  const [, order = ''] = /^\/control\/(\w+)$/.exec(url) ?? []
  ORDERS[order as keyof typeof ORDERS](await bodyOf(request))
  return answer(state())
})
const io = new Server(http, { cors: { origin: true }, connectionStateRecovery: {} })

io.use((socket, next) => {
  const { token = null } = socket.handshake.auth as { token?: string }
  desk.handshakes.push(token)
  const isUser = desk.tokens === null || (token !== null && desk.tokens.includes(token))
  next(isUser ? undefined : new Error('unauthorized'))
})

io.on('connection', (socket) => {
  socket.on('join_room', ({ room }: { room: string }, acknowledge: (answer?: unknown) => void) => {
    desk.asked.push(`join ${room}`)
    if (desk.denied.includes(room)) return acknowledge({ error: 'forbidden' })
    void socket.join(room)
    acknowledge()
  })
  socket.on('leave_room', ({ room }: { room: string }) => {
    desk.asked.push(`leave ${room}`)
    void socket.leave(room)
  })
})

/** Notes a message of a page, if its id is new. Returns the answer, or `undefined` where there is none. */
function take(name: string, payload: unknown, id?: string) {
  if (id !== undefined && desk.ids.has(id)) desk.repeats += 1
  else desk.messages.push([name, payload])
  if (id !== undefined) desk.ids.add(id)
  if (name === 'ignore' || !desk.answers) return undefined
  return name === 'refuse' ? { error: 'not allowed' } : payload
}

io.on('connection', (socket) => {
  for (const name of ['echo', 'refuse', 'ignore'])
    socket.on(name, (payload: unknown, ...rest: unknown[]) => {
      const acknowledge = rest.pop() as (answer: unknown) => void
      const answer = take(name, payload, rest[0] as string | undefined)
      if (answer !== undefined) acknowledge(answer)
    })
})

function sendKeepalives() {
  if (desk.keepalive !== null) {
    desk.keepalives += 1
    io.emit('keepalive', { type: 'keepalive', data: null })
  }
  setTimeout(sendKeepalives, (desk.keepalive ?? 0.05) * 1000)
}
sendKeepalives()

http.listen(Number(process.argv[2]), '127.0.0.1')
