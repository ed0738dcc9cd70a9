import { type Dialect, roomDialect } from 'partyline/worker'

/** What a denied join is answered with: `emit('error', { room, message })`. */
interface Refused {
  readonly room?: unknown
  readonly message?: unknown
}

const open = (payload: unknown) => (payload ?? {}) as Refused

/** The default, of a server that answers a join it denies with an event `error`. */
export const errorDialect: Dialect = {
  ...roomDialect,
  // An error that names a room is a denial of that room. Any other is an event like all others.
  kind: (name, payload) =>
    name === 'error' && typeof open(payload).room === 'string' ? 'denied' : roomDialect.kind(name, payload),
  // Asked for what was joined as well, and that has no message.
  verdict: (payload) => {
    const verdict = roomDialect.verdict(payload)
    const { message } = open(payload)
    return verdict && typeof message === 'string' ? { ...verdict, reason: message } : verdict
  },
}
