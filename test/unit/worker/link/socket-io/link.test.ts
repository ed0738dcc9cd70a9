import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { expect, onTestFinished, test, vi } from 'vitest'
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
  await vi.waitFor(() => expect(events.opened).toHaveBeenCalledTimes(1))
  // How often the client looks at the clock before that.
  const clock = vi.spyOn(Date, 'now')
  const before = Date.now()
  for (let look = 0; look < looks; look += 1) clock.mockReturnValueOnce(before)
  clock.mockReturnValueOnce(before + 3_600_000)
  expect(link.send({ name: 'pay', payload: 100 }, () => {})).toBe(hasLeft)
  await vi.waitFor(() => expect(events.lost).toHaveBeenCalledWith({ reason: 'ping timeout' }))
  link.dial({ rooms: [] })
  await vi.waitFor(() => expect(events.opened).toHaveBeenCalledTimes(2))
  expect(link.send({ name: 'last', payload: 1 })).not.toBe(false)
  await vi.waitFor(() => expect(told).toContain('last'))
  expect(told).toEqual(['last'])
})
