import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { Server } from 'socket.io'
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import {
  afterUpgrade,
  type ConnectError,
  closed,
  cut,
  dialOver,
  forgetOldest,
  forgetUnsent,
  isOverdue,
  mayHavePosition,
  onPacket,
  probe,
  type Raw,
  rememberingParser,
  resumption,
  transportOf,
} from '../../../../../worker/link/socket-io/internals'

/**
 * What `worker/link/socket-io/internals.ts` uses of Socket.IO beyond its documentation: one test each, against a real server.
 * The message of a failure says what an upgrade has changed.
 */

async function serve(recovers = true) {
  const http = createServer()
  const server = new Server(http, {
    ...(recovers && {
      connectionStateRecovery: { maxDisconnectionDuration: 60_000, skipMiddlewares: false },
    }),
  })
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  onTestFinished(async () => {
    await server.close()
  })
  return { server, http, url: `http://127.0.0.1:${(http.address() as AddressInfo).port}` }
}

/** A client as `worker/link/socket-io/link.ts` makes it. */
function clientOf(url: string, options: Partial<ManagerOptions & SocketOptions> = {}): Socket {
  const socket = io(url, {
    transports: ['websocket'],
    parser: rememberingParser,
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    ...options,
  })
  onTestFinished(() => void socket.disconnect())
  return socket
}

/** Waits for a condition. Where it is not met, the test fails with this sentence. */
const until = (sentence: string, condition: () => unknown) =>
  vi.waitFor(() => expect(condition(), sentence).toBeTruthy(), { interval: 5, timeout: 15_000 })

async function opened(socket: Socket, sentence = 'A client must connect.') {
  socket.connect()
  await until(sentence, () => socket.connected)
}

const EARLY =
  'The manager must emit "packet" for each packet, to those who listened before `connect()` first: before "connect" and before the event.'
const NAMED =
  'The CONNECT packet must carry `pid`, a text, from a server with recovery, and none from a server without.'
const NUMBERED =
  'A server with recovery must add one argument, the position, a text, to all events but volatile ones and those with an id.'
const UNSAID =
  'After `engine.close()`, `disconnect()` must not send the DISCONNECT packet any more, which would end the session.'
const DECODED =
  'The Decoder must be a class that is given the parts of a packet one by one, and emits "decoded" within `add`.'
const FOLLOWED =
  'The engine must emit "upgrade" while `auth` holds its answer back, name its transport, and be "open" then.'
const FOLLOWS_NOT =
  'The engine must emit "upgradeError" when a WebSocket cannot follow a poll, and stay "open".'
const CLOSED =
  'The transport must have its WebSocket as `ws` while it is open, and `engine.close()` must send what waits, and close it, without delay.'
const TURNED_DOWN =
  'A server must turn an unknown namespace down without ending the connection, and the manager must outlive its socket.'

/** A client that was connected to a session, had one event, and lost its transport. */
async function droppedSession() {
  const { server, url } = await serve()
  const socket = clientOf(url)
  const had = { session: '', position: '' }
  onPacket(socket.io, '/', {
    connected: (session) => Object.assign(had, { session }),
    event: ({ data }) => Object.assign(had, { position: data.at(-1) }),
  })
  await opened(socket)
  server.emit('before')
  await until(NAMED, () => had.session)
  await until(NUMBERED, () => had.position)
  cut(socket.io)
  await until(UNSAID, () => server.sockets.sockets.size === 0)
  server.emit('missed', 1)
  return { server, url, socket, key: { id: had.session, position: had.position } }
}

test('onPacket: the manager reports a packet before the socket handles it', async () => {
  const { server, url } = await serve()
  const socket = clientOf(url)
  const told: string[] = []
  onPacket(socket.io, '/', {
    connected: () => told.push(`packet, connected: ${socket.connected}`),
    event: ({ data }) => told.push(`packet of ${data[0]}`),
  })
  socket.on('connect', () => told.push('connect'))
  socket.on('row', () => told.push('row'))
  await opened(socket)
  server.emit('row', 1)
  await until(EARLY, () => told.includes('row'))
  expect(told, EARLY).toEqual(['packet, connected: false', 'connect', 'packet of row', 'row'])
})

test('onPacket: the packet of a handshake has the session id, if the server can recover it', async () => {
  const named: unknown[] = []
  for (const recovers of [true, false]) {
    const { url } = await serve(recovers)
    const socket = clientOf(url)
    onPacket(socket.io, '/', { connected: (session) => named.push(session), event: () => {} })
    await opened(socket)
  }
  expect(named, NAMED).toEqual([expect.any(String), undefined])
})

test('onPacket: missed events come before the packet of the handshake', async () => {
  const { url, key } = await droppedSession()
  const next = clientOf(url, { auth: resumption(key) })
  const told: unknown[] = []
  onPacket(next.io, '/', { connected: () => told.push('connected'), event: ({ data }) => told.push(data[0]) })
  await opened(next)
  expect(
    told,
    'A server that recovers a session must send what was missed before its CONNECT packet.',
  ).toEqual(['missed', 'connected'])
})

test('resumption: a handshake asks for a session with `pid` and `offset`', async () => {
  const { server, url, key } = await droppedSession()
  const recovered: boolean[] = []
  server.on('connection', (peer) => recovered.push(peer.recovered))
  await opened(clientOf(url, { auth: resumption(key) }))
  expect(
    recovered,
    'A server must recover the session that a new client names as `pid` and `offset` in `auth`.',
  ).toEqual([true])
})

test('resumption: it overrides what the client itself remembers', async () => {
  const { server, socket } = await droppedSession()
  const asked: Record<string, unknown>[] = []
  server.use(({ handshake }, next) => {
    asked.push(handshake.auth)
    next()
  })
  // This client has had a session, and an event with a position in it.
  socket.auth = resumption(undefined)
  await opened(socket)
  expect(
    asked,
    'A client must let `pid` and `offset` of `auth` go before those it remembers, also where they are undefined.',
  ).toEqual([{}])
})

test('mayHavePosition: a server adds positions to events that are neither volatile nor ask for an acknowledgement', async () => {
  const { server, url } = await serve()
  const socket = clientOf(url)
  const told: unknown[][] = []
  onPacket(socket.io, '/', {
    connected: () => {},
    // Read at once: the socket adds a function to the arguments of an event that asks for an acknowledgement.
    event: (packet) =>
      told.push([...packet.data.map((each: unknown) => typeof each), mayHavePosition(packet)]),
  })
  await opened(socket)
  const [peer] = server.sockets.sockets.values()
  peer?.emit('plain', 1)
  peer?.emit('bare')
  peer?.emit('bytes', Buffer.from([1]))
  peer?.emit('asking', 1, () => {})
  // A volatile event is dropped while others are on their way.
  await until(EARLY, () => told.length === 4)
  peer?.volatile.emit('volatile', 1)
  await until(EARLY, () => told.length === 5)
  expect(told, NUMBERED).toEqual([
    ['string', 'number', 'string', true],
    ['string', 'string', true],
    ['string', 'object', 'string', true],
    ['string', 'number', false],
    ['string', 'number', true],
  ])
})

test('dialOver: the transports of the next connection are read when it begins', async () => {
  const { server, url } = await serve()
  const socket = clientOf(url)
  const used: string[] = []
  server.on('connection', ({ conn }) => used.push(conn.transport.name))
  for (const transports of [['websocket'], ['polling'], ['websocket']]) {
    dialOver(socket.io, transports)
    await opened(socket)
    socket.disconnect()
    await until('A client must disconnect.', () => server.sockets.sockets.size === 0)
  }
  expect(used, 'The manager must read `opts.transports` anew for each connection.').toEqual([
    'websocket',
    'polling',
    'websocket',
  ])
})

test('forgetOldest: the client keeps the callbacks of acknowledgements by number, and the oldest can be dropped', async () => {
  const { server, url } = await serve()
  const acknowledges: ((answer: number) => void)[] = []
  server.on('connection', (socket) => socket.on('ask', (acknowledge) => acknowledges.push(acknowledge)))
  const socket = clientOf(url)
  socket.connect()
  const answers: number[] = []
  for (const n of [0, 1, 2]) {
    forgetOldest(socket, 2)
    socket.emit('ask', () => answers.push(n))
  }
  await expect.poll(() => acknowledges).toHaveLength(3)
  for (const acknowledge of acknowledges) acknowledge(0)
  await expect.poll(() => answers).toContain(2)
  expect(answers).toEqual([1, 2])
})

test('forgetUnsent: what is sent without a connection waits for the next one, and can be forgotten', async () => {
  const { server, url } = await serve()
  const told: string[] = []
  server.on('connection', (peer) => peer.onAny((name) => told.push(name)))
  const socket = clientOf(url)
  socket.emit('early')
  forgetUnsent(socket)
  socket.emit('late')
  await opened(socket)
  await until('A message sent without a connection must wait in `sendBuffer`.', () => told.length > 0)
  expect(told, '`sendBuffer` must be all that waits for a connection.').toEqual(['late'])
})

test('isOverdue: the client knows that the server is silent for too long, and ends the connection', async () => {
  const { url } = await serve()
  const socket = clientOf(url)
  const reasons: string[] = []
  socket.on('disconnect', (reason) => reasons.push(reason))
  await opened(socket)
  expect(isOverdue(socket.io), 'It must be false while the server is in time.').toBe(false)
  vi.spyOn(Date, 'now').mockReturnValueOnce(Date.now() + 3_600_000)
  expect(isOverdue(socket.io), 'It must be true once no ping has come in time.').toBe(true)
  await until('The connection must end then.', () => reasons.length > 0)
  expect(reasons).toEqual(['ping timeout'])
})

test('transportOf, afterUpgrade: the engine names its transport, and reports the upgrade from polling to a WebSocket', async () => {
  const { server, url } = await serve()
  const told: string[] = []
  const socket: Socket = clientOf(url, {
    transports: ['polling', 'websocket'],
    auth: (send) => {
      told.push(transportOf(socket.io))
      afterUpgrade(socket.io, 10_000, () => {
        told.push(transportOf(socket.io))
        send({})
      })
    },
  })
  await opened(socket, FOLLOWED)
  expect(told, FOLLOWED).toEqual(['polling', 'websocket'])
  expect([...server.sockets.sockets.values()].map(({ conn }) => conn.transport.name)).toEqual(['websocket'])
})

test('afterUpgrade: the engine reports a failed upgrade', async () => {
  const { http, url } = await serve()
  http.prependListener('upgrade', (_, wire) => void wire.destroy())
  const socket: Socket = clientOf(url, {
    transports: ['polling', 'websocket'],
    auth: (send) => afterUpgrade(socket.io, 10_000, () => send({})),
  })
  const start = Date.now()
  await opened(socket, FOLLOWS_NOT)
  expect(Date.now() - start, FOLLOWS_NOT).toBeLessThan(5000)
  expect(transportOf(socket.io)).toBe('polling')
})

test('cut: after the transport is closed, the socket sends no DISCONNECT packet', async () => {
  const { server, url } = await serve()
  const reasons: string[] = []
  server.on('connection', (peer) => void peer.on('disconnect', (reason) => reasons.push(reason)))
  for (const transports of [['websocket'], ['polling']]) {
    const socket = clientOf(url, { transports })
    await opened(socket)
    // Something is on its way still.
    socket.emit('any')
    cut(socket.io)
    socket.disconnect()
    await until(UNSAID, () => server.sockets.sockets.size === 0)
  }
  expect(reasons, UNSAID).toEqual(['transport close', 'transport close'])
})

test('closed: it is known that the server has answered the end of a WebSocket, also after something was on its way', async () => {
  const { server, url } = await serve()
  const told: string[] = []
  server.on('connection', (peer) => {
    peer.on('last', () => told.push('last'))
    peer.on('disconnect', (reason) => told.push(reason))
  })
  const socket = clientOf(url)
  await opened(socket)
  socket.emit('last')
  const isClosed = closed(socket.io, 5000)
  cut(socket.io)
  socket.disconnect()
  expect(await isClosed, CLOSED).toBe(true)
  await until(CLOSED, () => told.length === 2)
  expect(told, CLOSED).toEqual(['last', 'transport close'])
})

test('closed: a server that does not answer in time, and another transport, count as not closed', async () => {
  const { http, url } = await serve()
  const wires: Duplex[] = []
  http.on('upgrade', (_, wire) => wires.push(wire))
  const answers: boolean[] = []
  for (const transports of [['websocket'], ['polling']]) {
    const socket = clientOf(url, { transports })
    await opened(socket)
    for (const wire of wires) wire.pause()
    const isClosed = closed(socket.io, 50)
    cut(socket.io)
    answers.push(await isClosed)
    for (const wire of wires) wire.resume()
  }
  expect(answers, CLOSED).toEqual([false, false])
})

test('probe: a namespace that does not exist is rejected at once, each time', async () => {
  const { server, url } = await serve()
  const socket = clientOf(url)
  await opened(socket)
  const { id } = socket
  let answers = 0
  for (let n = 1; n <= 3; n += 1) {
    probe(socket.io, () => {
      answers += 1
    })
    await until(TURNED_DOWN, () => answers === n)
  }
  expect([socket.connected, socket.id, server.sockets.sockets.size], TURNED_DOWN).toEqual([true, id, 1])
})

test('rememberingParser: a packet remembers its text and its length', async () => {
  const { url, server } = await serve(false)
  const socket = clientOf(url)
  const packets: Raw[] = []
  onPacket(socket.io, '/', { connected: () => {}, event: (packet) => packets.push(packet) })
  await opened(socket)
  server.emit('row', { n: 1 })
  server.emit('bytes', Buffer.from([1, 2, 3]))
  server.emit('row', { n: 2 })
  await until(DECODED, () => packets.length === 3)
  const [first, bytes, second] = packets
  expect([first?.text, second?.text], DECODED).toEqual(['2["row",{"n":1}]', '2["row",{"n":2}]'])
  expect([first?.size, second?.size], DECODED).toEqual([16, 16])
  expect([bytes?.text, bytes?.size], DECODED).toEqual([
    undefined,
    '51-["bytes",{"_placeholder":true,"num":0}]'.length + 3,
  ])
  expect(bytes?.type, 'A decoded event with bytes must be an EVENT.').toBe(first?.type)
})

test('ConnectError: the server’s own has data, the transport’s may have an HTTP status', async () => {
  const { server, http, url } = await serve()
  const errors: ConnectError[] = []
  async function fail(transports: string[]) {
    const socket = clientOf(url, { transports })
    const before = errors.length
    socket.on('connect_error', (error) => errors.push(error)).connect()
    await until('A handshake that is turned down must be a "connect_error".', () => errors.length > before)
    socket.disconnect()
  }
  server.use((_, next) => next(new Error('unauthorized')))
  await fail(['websocket'])
  http.removeAllListeners('request').on('request', (_, response) => void response.writeHead(403).end())
  await fail(['polling'])
  expect(
    errors.map((error) => [error.message, 'data' in error, error.description]),
    'An error of the server must have a field `data`, even if undefined; one of the transport the HTTP status as `description`.',
  ).toEqual([
    ['unauthorized', true, undefined],
    ['xhr poll error', false, 403],
  ])
})
