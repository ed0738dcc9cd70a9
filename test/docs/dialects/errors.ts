import { type Dialect, roomDialect } from 'partyline/worker'

/** The payload with which the server denies a join: `emit('error', { room, message })`. */
interface Refused {
  readonly room?: unknown
  readonly message?: unknown
}

const open = (payload: unknown) => (payload ?? {}) as Refused

/** The default dialect, for a server that denies a join with an event `error`. */
export const errorDialect: Dialect = {
  ...roomDialect,
  // An `error` that names a room denies that room. Any other `error` is an event like all others.
  kind: (name, payload) =>
    name === 'error' && typeof open(payload).room === 'string' ? 'denied' : roomDialect.kind(name, payload),
  // Called for `joined` as well, whose payload has no message.
  verdict: (payload) => {
    const verdict = roomDialect.verdict(payload)
    const { message } = open(payload)
    return verdict && typeof message === 'string' ? { ...verdict, reason: message } : verdict
  },
}
