import { io as connect } from 'socket.io-client'
import { expect, onTestFinished, test, vi } from 'vitest'
import { listening } from '../servers/listening'
import { keepBySession, renew } from './sessions'

/** The server of docs/auth.md that keeps a connection for as long as its session is renewed. */
test('a connection outlives its token while its session is renewed, and ends with the session', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'Date'] })
  onTestFinished(() => void vi.useRealTimers())
  const { io, url, stop } = await listening()
  onTestFinished(stop)
  onTestFinished(keepBySession(io, (token) => (token === 'good' ? 'ada' : undefined)))
  renew('ada', 60_000)
  const ended = vi.fn()
  const dial = (token: string) => {
    const socket = connect(url, {
      auth: { token },
      transports: ['websocket'],
      reconnection: false,
      forceNew: true,
    })
    onTestFinished(() => void socket.disconnect())
    socket.once('disconnect', ended)
    return new Promise<string>((said) => {
      socket.once('connect', () => said('in'))
      socket.once('connect_error', ({ message }) => said(message))
    })
  }
  expect(await dial('bad')).toBe('unauthorized')
  expect(await dial('good')).toBe('in')
  for (let minute = 0; minute < 10; minute += 1) {
    vi.advanceTimersByTime(50_000)
    renew('ada', 60_000)
  }
  // By the time a second connection is accepted, an end of the first would have been seen.
  expect(await dial('good')).toBe('in')
  expect(ended).not.toHaveBeenCalled()
  vi.advanceTimersByTime(61_000)
  await expect.poll(() => ended.mock.calls.length).toBe(2)
  expect(await dial('good')).toBe('unauthorized')
})
