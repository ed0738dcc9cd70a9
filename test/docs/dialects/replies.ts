import { type Dialect, roomDialect } from 'partyline/worker'

/** The payload of `reply`, the event that answers a message: it repeats the `ref` of the message. */
interface Reply {
  readonly ref: string
  readonly status: 'ok' | 'error'
  readonly body: unknown
}

/** The default dialect, for a server that answers messages with an event instead of an acknowledgement. */
export const replyDialect: Dialect = {
  ...roomDialect,
  send: (name, payload, id) => ({ name: 'request', payload: { ref: id, action: name, body: payload } }),
  answer: (name, payload) => {
    if (name !== 'reply') return undefined
    const { ref, status, body } = payload as Reply
    // An answer with `error` is a refusal: `failure` of the default dialect reads it.
    return { id: ref, data: status === 'ok' ? body : { error: body } }
  },
}
