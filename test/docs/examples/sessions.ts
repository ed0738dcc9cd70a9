import type { Server } from 'socket.io'

/** When each session expires, by the id in its tokens. A real server keeps this in a database. */
const sessions = new Map<string, number>()
const lasts = (id: string) => (sessions.get(id) ?? 0) > Date.now()

/** Starts a session at sign-in, and prolongs it on each renewal, for example `POST /api/renew`. */
export const renew = (id: string, life: number) => sessions.set(id, Date.now() + life)

/** Accepts a connection by its token, and keeps it until the session expires, even if the token has expired before. */
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
