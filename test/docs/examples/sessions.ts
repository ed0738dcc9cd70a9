import type { Server } from 'socket.io'

/** When each session ends, by the id that its tokens contain. Keep yours in a database. */
const sessions = new Map<string, number>()
const lasts = (id: string) => (sessions.get(id) ?? 0) > Date.now()

/** Starts a session when the user signs in; later requests, such as `POST /api/renew`, prolong it. */
export const renew = (id: string, life: number) => sessions.set(id, Date.now() + life)

/** Accepts a connection whose token names a session, and closes it when the session ends, however old the token is by then. */
export function keepBySession(io: Server, sessionOf: (token: unknown) => string | undefined) {
  io.use((socket, next) => {
    const id = sessionOf(socket.handshake.auth['token'])
    if (id === undefined || !lasts(id)) {
      return next(Object.assign(new Error('unauthorized'), { data: { status: 401 } }))
    }
    socket.data.session = id
    next()
  })
  const timer = setInterval(() => {
    for (const socket of io.sockets.sockets.values()) {
      if (!lasts(socket.data.session)) socket.conn.close()
    }
  }, 1000)
  return () => clearInterval(timer)
}
