import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { afterEach, expect, onTestFinished, test, vi } from 'vitest'
import { createLink } from '../../../../../worker/link/socket-io/link'

test.each([
  ['and a message is sent before the connection is known to be lost - it does not leave', 0, false],
  ['just while a message is sent - it counts as sent', 1, true],
])('the machine has slept, %s; it does not leave over the next connection', async (_, looks, hasLeft) => {
  const http = createServer()
  const server = new Server(http)
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  onTestFinished(async () => void (await server.close()))
  const told: string[] = []
  server.on('connection', (peer) => peer.onAny((name) => told.push(name)))
  const events = { opened: vi.fn(), lost: vi.fn(), message() {}, alive() {}, unreadable() {} }
  const link = createLink(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`, {}, events as never)
  onTestFinished(() => link.hangUp())
  link.dial({ rooms: [] })
  await expect.poll(() => events.opened).toHaveBeenCalledTimes(1)
  // How often the client looks at the clock before that.
  const clock = vi.spyOn(Date, 'now')
  const before = Date.now()
  for (let look = 0; look < looks; look += 1) clock.mockReturnValueOnce(before)
  clock.mockReturnValueOnce(before + 3_600_000)
  expect(link.send({ name: 'pay', payload: 100 }, () => {})).toBe(hasLeft)
  await expect.poll(() => events.lost).toHaveBeenCalledWith({ reason: 'ping timeout' })
  link.dial({ rooms: [] })
  await expect.poll(() => events.opened).toHaveBeenCalledTimes(2)
  expect(link.send({ name: 'last', payload: 1 })).not.toBe(false)
  await expect.poll(() => told).toContain('last')
  expect(told).toEqual(['last'])
})

afterEach(() => void vi.unstubAllGlobals())

/** A server that can go away and come back at its address, and a link to it that has lost it three times. */
async function lostLink(connected: (transport: string) => void = () => {}) {
  const lost = vi.fn()
  const opened = vi.fn()
  const asked: string[] = []
  const { fetch: ask } = globalThis
  vi.stubGlobal('fetch', (url: URL) => {
    asked.push(url.pathname)
    return ask(url)
  })
  let server = new Server()
  let port = 0
  async function start() {
    const http = createServer()
    server = new Server(http)
    server.engine.on('connection', ({ transport }) => connected(transport.name))
    await new Promise<void>((listening) => http.listen(port, '127.0.0.1', listening))
    port = (http.address() as AddressInfo).port
  }
  await start()
  onTestFinished(async () => void (await server.close()))
  const events = { opened, lost, message() {}, alive() {}, unreadable() {} }
  const link = createLink(`http://127.0.0.1:${port}/`, {}, events as never)
  onTestFinished(() => link.hangUp())
  /** Dials, and returns what the link has reported. */
  async function dial() {
    const before = lost.mock.calls.length + opened.mock.calls.length
    link.dial({ rooms: [] })
    await expect.poll(() => lost.mock.calls.length + opened.mock.calls.length).toBe(before + 1)
    return lost.mock.lastCall?.[0].reason
  }
  await dial()
  await server.close()
  await expect.poll(() => lost).toHaveBeenCalledTimes(1)
  for (let n = 0; n < 3; n += 1) await dial()
  expect(asked).toEqual([])
  return { link, dial, start, asked, lost, opened, events }
}

test('the server is away - it is asked over HTTP after three failures, and dialled over a WebSocket once it answers', async () => {
  const transports: string[] = []
  const { dial, start, asked, opened } = await lostLink((transport) => transports.push(transport))
  for (let n = 0; n < 12; n += 1) expect(await dial()).toBe('The server does not answer over HTTP.')
  expect(asked).toEqual(Array(12).fill('/socket.io/'))
  await start()
  await dial()
  expect(opened).toHaveBeenCalledTimes(2)
  expect(transports).toEqual(['websocket', 'websocket'])
})

test('the server is away for ten minutes, and a WebSocket is tried once a minute - it is back over a WebSocket, not over long polling', async () => {
  const transports: string[] = []
  const { dial, start } = await lostLink((transport) => transports.push(transport))
  const now = performance.now.bind(performance)
  let minutes = 0
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => now() + minutes * 66_000)
  onTestFinished(() => clock.mockRestore())
  for (minutes = 1; minutes <= 10; minutes += 1) {
    expect(await dial()).toBe('websocket error')
    expect(await dial()).toBe('The server does not answer over HTTP.')
  }
  await start()
  await dial()
  expect(transports).toEqual(['websocket', 'websocket'])
})

test('a proxy on another origin answers, and nobody can read what - three more attempts, then none for a minute', async () => {
  const { dial } = await lostLink()
  vi.stubGlobal('location', { origin: 'http://app.example' })
  vi.stubGlobal('fetch', async (_: URL, { mode }: RequestInit) => {
    if (mode === 'cors') throw new TypeError('Failed to fetch')
    return { status: 0 }
  })
  for (let n = 0; n < 3; n += 1) expect(await dial()).toBe('websocket error')
  for (let n = 0; n < 9; n += 1)
    expect(await dial()).toBe('The server answers over HTTP, but opens no WebSocket.')
})

test.each(['hangUp', 'drop', 'release'] as const)(
  '%s while the server is asked - nothing is dialled',
  async (end) => {
    const { link, start, opened, lost } = await lostLink()
    await start()
    let answer = (_: Response) => {}
    vi.stubGlobal('fetch', () => new Promise<Response>((resolve) => (answer = resolve)))
    const before = lost.mock.calls.length
    link.dial({ rooms: [] })
    await link[end]()
    answer(new Response('', { status: 400 }))
    await new Promise((done) => setTimeout(done, 200))
    expect([opened.mock.calls.length, lost.mock.calls.length]).toEqual([1, before])
  },
)

test('the worker stands still while the server is asked, so that it drops the link - the server is not dialled', async () => {
  const { link, start, asked, opened, events } = await lostLink()
  await start()
  Object.assign(events, {
    isStale() {
      link.drop()
      return true
    },
  })
  link.dial({ rooms: [] })
  await expect.poll(() => asked).toHaveLength(1)
  await new Promise((done) => setTimeout(done, 200))
  expect(opened).toHaveBeenCalledTimes(1)
})

test('a server that rejects each handshake is there - it is never asked', async () => {
  const http = createServer()
  const server = new Server(http)
  server.use((_, next) => next(new Error('too many users')))
  await new Promise<void>((listening) => http.listen(0, '127.0.0.1', listening))
  onTestFinished(async () => void (await server.close()))
  const lost = vi.fn()
  const ask = vi.fn()
  vi.stubGlobal('fetch', ask)
  const link = createLink(`http://127.0.0.1:${(http.address() as AddressInfo).port}/`, {}, { lost } as never)
  onTestFinished(() => link.hangUp())
  for (let n = 1; n <= 6; n += 1) {
    link.dial({ rooms: [] })
    await expect.poll(() => lost).toHaveBeenCalledTimes(n)
    expect(lost.mock.lastCall?.[0].reason).toBe('too many users')
  }
  expect(ask).not.toHaveBeenCalled()
})

test('a transport that does not exist - the attempt is lost, and says so', async () => {
  const lost = vi.fn()
  const link = createLink('http://127.0.0.1:1/', { transports: ['webscket' as never] }, { lost } as never)
  link.dial({ rooms: [] })
  await expect.poll(() => lost).toHaveBeenCalledTimes(1)
  expect(lost.mock.lastCall?.[0].reason).toMatch(/constructor/)
})
