import { afterEach, expect, test } from 'vitest'
import type { LinkEvents } from '../../../../../worker/link/link'
import { createLink, type StreamSettings } from '../../../../../worker/link/sse/link'
import { createStreamServer, type StreamTestServer } from '../../../../support/stream-server'

let stop = async () => {}
afterEach(() => stop())

const query = (rooms: readonly string[]) => `?rooms=${rooms.join()}`

/** A link to a real server, and what it calls, as text. Once it is open, these rooms are joined, as the worker does. */
async function setUp(
  settings: Partial<StreamSettings> = {},
  joined: readonly string[] = ['a'],
  queryOf = query,
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
      url: (rooms) => new URL(`${address}/events${queryOf(rooms)}`),
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
  await expect.poll(() => calls).toEqual([call, 'opened', 'up a'])
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
  const { link, calls, server } = await setUp({}, [])
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
  await expect.poll(() => calls).toEqual(['opened', 'up a'])
  link.join?.('b')
  await expect.poll(() => server.state().requests.length).toBe(2)
  link.join?.('c')
  link.leave?.('b')
  await expect.poll(() => calls.at(-1)).toBe('up c')
  expect(server.state().requests.map(({ rooms }) => rooms.join())).toEqual(['a', 'a,b', 'a,c'])
})

test('only the rooms that are still wanted when the stream is open are streamed', async () => {
  const { link, server } = await setUp({ resumes: true })
  link.dial({ rooms: ['a', 'b'] })
  await expect.poll(() => server.state().rooms).toEqual([['a']])
})

test('positions are those of events with an id of their own', async () => {
  const { link, calls, server } = await setUp({ resumes: true })
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened', 'up a'])
  await server.sendRaw(['id: 7\nevent: x\ndata: 1\n\nevent: y\ndata: 2\n\n', 'id: 8\n\n'])
  await expect.poll(() => calls).toEqual(['opened', 'up a', 'x at 7', 'y at undefined', 'alive'])
  server.end()
  await expect.poll(() => calls.at(-1)).toBe('lost: The server ended the stream.')
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls.slice(-2)).toEqual(['opened, recovered', 'up a'])
  expect(server.state().requests.at(-1)?.lastId).toBe('8')
})

test('a server that does not resume is told no id', async () => {
  const { link, calls, server } = await setUp()
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened', 'up a'])
  server.emit('a', 1)
  await expect.poll(() => calls.at(-1)).toBe('row at undefined')
  server.end()
  await expect.poll(() => calls.at(-1)).toBe('lost: The server ended the stream.')
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls.slice(-2)).toEqual(['opened', 'up a'])
  expect(server.state().requests.at(-1)?.lastId).toBeUndefined()
})

test.each([
  ['hung up', async () => {}],
  [
    'lost, and then hung up, perhaps twice',
    async ({ link, calls, server }: Awaited<ReturnType<typeof setUp>>) => {
      server.end()
      await expect.poll(() => calls.at(-1)).toBe('lost: The server ended the stream.')
      link.hangUp()
    },
  ],
])('the link is %s - the next dial does not resume', async (_, before) => {
  const all = await setUp({ resumes: true })
  const { link, calls, server } = all
  link.hangUp()
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened', 'up a'])
  server.emit('a', 1)
  await expect.poll(() => calls.at(-1)).toBe('row at 1')
  await before(all)
  link.hangUp()
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls.slice(-2)).toEqual(['opened', 'up a'])
  expect(server.state().requests.at(-1)?.lastId).toBeUndefined()
})

test('the server says that it has forgotten what came after the id - the rooms are down before they are up', async () => {
  const { link, calls, server } = await setUp({ resumes: true }, ['b'])
  link.dial({ rooms: ['a'], session: { id: 'stream', position: '3' } })
  await expect.poll(() => calls).toEqual(['opened, recovered', 'alive', 'up b'])
  server.forget()
  link.join?.('c')
  await expect.poll(() => calls.slice(3)).toEqual(['alive', 'down a', 'down b', 'up a', 'up b', 'up c'])
})

test('a line does not end - the stream is lost, and the reason says so', async () => {
  const { link, calls, server } = await setUp()
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened', 'up a'])
  await server.sendRaw(['x'.repeat(17_000_000)])
  await expect
    .poll(() => calls.at(-1), { timeout: 10_000 })
    .toBe('lost: The server sent an event of more than 16000000 characters.')
  await expect.poll(() => server.state().connected).toBe(0)
})

test('the address is the same for all rooms - a room is added, and the others stay as they are', async () => {
  const { link, calls, server } = await setUp({}, ['a'], () => '')
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened', 'up a'])
  link.join?.('b')
  await expect.poll(() => calls).toEqual(['opened', 'up a', 'up b'])
  expect(server.state().requests).toHaveLength(1)
})

test('the server resumes - a room is added, and one that was left and is wanted again meanwhile is joined, too', async () => {
  const { link, calls } = await setUp({ resumes: true }, ['a', 'b'], (rooms) => {
    if (rooms.includes('c'))
      queueMicrotask(() => {
        link.leave?.('b')
        link.join?.('b')
      })
    return query(rooms)
  })
  link.dial({ rooms: ['a', 'b'], session: { id: 'stream', position: '3' } })
  await expect.poll(() => calls).toEqual(['opened, recovered', 'up a', 'up b'])
  link.join?.('c')
  await expect.poll(() => calls.slice(3)).toEqual(['alive', 'up b', 'up c'])
})

test('all rooms are left while the stream is opened anew - it ends', async () => {
  const { link, calls, server } = await setUp({}, ['a'], (rooms) => {
    if (rooms.includes('b'))
      queueMicrotask(() => {
        for (const room of rooms) link.leave?.(room)
      })
    return query(rooms)
  })
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened', 'up a'])
  link.join?.('b')
  await expect.poll(() => server.state().requests.length).toBe(2)
  await expect.poll(() => server.state().connected).toBe(0)
  expect(link.isUnconnected?.()).toBe(true)
})

test('no room is wanted any more when the stream is open - it ends', async () => {
  const { link, calls, server } = await setUp({}, [])
  link.dial({ rooms: ['a'] })
  await expect.poll(() => calls).toEqual(['opened'])
  await expect.poll(() => server.state().connected).toBe(0)
})
