import type { Server } from 'socket.io'

/** Until when each session lasts, by the id that its tokens carry. Yours are in a database. */
const sessions = new Map<string, number>()
const lasts = (id: string) => (sessions.get(id) ?? 0) > Date.now()

/** Signing in begins a session, and a request that renews it, `POST /api/renew` say, makes it last longer. */
export const renew = (id: string, life: number) => sessions.set(id, Date.now() + life)

/** A connection is let in by a token, and stays for as long as the session lasts, however old the token is by then. */
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
