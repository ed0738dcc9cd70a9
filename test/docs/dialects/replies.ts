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
  answer: (name, payload) =>
    name === 'reply' ? { id: (payload as Reply).ref, data: payload as Reply } : undefined,
  // What page's code gets is the whole reply, so it reads `body` from it.
  failure: (answer) => {
    const { status, body } = answer as Reply
    return status === 'ok' ? undefined : String(body)
  },
}
