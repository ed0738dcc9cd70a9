import { afterEach, expect, test } from 'vitest'
import type { LinkEvents } from '../../../../../worker/link/link'
import { createLink, type StreamSettings } from '../../../../../worker/link/sse/link'
import { createStreamServer, type StreamTestServer } from '../../../../support/stream-server'

let stop = async () => {}
afterEach(() => stop())

/** A link to a real server, and what it calls, as text. Once it is open, these rooms are joined. */
async function setUp(
  settings: Partial<StreamSettings> = {},
  joined: readonly string[] = [],
): Promise<{ link: ReturnType<typeof createLink>; calls: string[]; server: StreamTestServer }> {
  const server = createStreamServer({ greeting: '' })
  const address = await server.start()
  const calls: string[] = []
  const events: LinkEvents = {
    opened({ recovered }) {
      calls.push(recovered ? 'opened, recovered' : 'opened')
      for (const room of joined) link.join?.(room)
    },
    lost: ({ reason, rejection, isFinal }) =>
      calls.push(`lost${rejection ? ', rejected' : ''}${isFinal ? ', final' : ''}: ${reason}`),
    message: ({ name, position }) => calls.push(`${name} at ${position}`),
    alive: () => calls.push('alive'),
    unreadable: (why) => calls.push(why),
    rooms: {
      up: (room) => calls.push(`up ${room}`),
      down: (room) => calls.push(`down ${room}`),
    },
  }
  const link = createLink(
    {
      url: (rooms) => new URL(`${address}/events?rooms=${rooms.join()}`),
      headers: () => ({}),
      credentials: 'omit',
      resumes: false,
      lastIdIn: undefined,
      ...settings,
    },
    events,
  )
  stop = async () => {
    link.drop()
    await server.stop()
  }
  return { link, calls, server }
}

test.each([
  [401, 'lost, rejected: The server answered 401.'],
  [403, 'lost, rejected: The server answered 403.'],
  [204, 'lost, final: The server answered 204.'],
  [404, 'lost: The server answered 404.'],
  [503, 'lost: The server answered 503.'],
])('the server answers %d - %s', async (status, call) => {
  const { link, calls, server } = await setUp()
  server.answer({ status })
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual([call])
  server.answer(undefined)
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual([call, 'opened'])
})

test('the address cannot be made - lost', async () => {
  const { link, calls } = await setUp({
    url() {
      throw new Error('no address')
    },
  })
  link.dial({ rooms: ['a'] })
  expect(calls).toEqual(['lost: no address'])
})

test('no room is wanted - opened without a stream, and the first room opens one', async () => {
  const { link, calls, server } = await setUp()
  link.dial({ rooms: [] })
  await expect.poll(() => calls).toEqual(['opened'])
  expect(link.isUnconnected?.()).toBe(true)
  expect(server.state().requests).toEqual([])
  link.join?.('a')
  await expect.poll(() => calls).toEqual(['opened', 'alive', 'up a'])
  expect(link.isUnconnected?.()).toBe(false)
})

test('rooms are joined and left while the stream is opened anew - one more request, with the rooms of then', async () => {
  const { link, calls, server } = await setUp()
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened'])
  link.join?.('a')
  link.join?.('b')
  await expect.poll(() => server.state().requests.length).toBe(2)
  link.join?.('c')
  link.leave?.('b')
  await expect.poll(() => calls.at(-1)).toBe('up c')
  expect(server.state().requests.map(({ rooms }) => rooms.join())).toEqual(['a', 'a,b', 'a,c'])
})

test('only the rooms that are still wanted when the stream is open are streamed', async () => {
  const { link, server } = await setUp({ resumes: true }, ['a'])
  link.dial({ rooms: ['a', 'b'] })
  await expect.poll(() => server.state().rooms).toEqual([['a']])
})

test('positions are those of events with an id of their own', async () => {
  const { link, calls, server } = await setUp({ resumes: true })
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened'])
  link.join?.('a')
  await server.sendRaw(['id: 7\nevent: x\ndata: 1\n\nevent: y\ndata: 2\n\n', 'id: 8\n\n'])
  await expect.poll(() => calls).toEqual(['opened', 'up a', 'x at 7', 'y at undefined', 'alive'])
  server.end()
  await expect.poll(() => calls.at(-1)).toBe('lost: The server ended the stream.')
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls.at(-1)).toBe('opened, recovered')
  expect(server.state().requests.at(-1)?.lastId).toBe('8')
})

test('a server that does not resume is told no id', async () => {
  const { link, calls, server } = await setUp()
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened'])
  server.emit('a', 1)
  await expect.poll(() => calls).toEqual(['opened', 'row at undefined'])
  server.end()
  await expect.poll(() => calls.at(-1)).toBe('lost: The server ended the stream.')
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls.at(-1)).toBe('opened')
  expect(server.state().requests.at(-1)?.lastId).toBeUndefined()
})

test('the link is hung up - the next dial does not resume', async () => {
  const { link, calls, server } = await setUp({ resumes: true })
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened'])
  server.emit('a', 1)
  await expect.poll(() => calls.at(-1)).toBe('row at 1')
  link.hangUp()
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls.at(-1)).toBe('opened')
})

test('the server says that it has forgotten what came after the id - the rooms are down before they are up', async () => {
  const { link, calls, server } = await setUp({ resumes: true })
  link.dial({ rooms: ['a'], session: { id: 'stream', position: '3' } })
  await expect.poll(() => calls).toEqual(['opened, recovered'])
  link.join?.('b')
  await expect.poll(() => calls).toEqual(['opened, recovered', 'alive', 'up a', 'up b'])
  server.forget()
  link.join?.('c')
  await expect.poll(() => calls.slice(4)).toEqual(['alive', 'down a', 'down b', 'up a', 'up b', 'up c'])
})
