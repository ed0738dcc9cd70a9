import { type Dialect, roomDialect } from 'partyline/worker'

/** A message of Phoenix channels, sent as the Socket.IO event `phx`. */
interface Message {
  readonly topic: string
  readonly event: string
  readonly payload: { readonly status?: string; readonly response?: { readonly reason?: string } }
  readonly ref?: string | null
}

const open = (message: unknown) => message as Message
const send = (topic: string, event: string) => ({
  name: 'phx',
  // The reply has the same `ref`, which tells the reply to a join from the reply to a leave.
  payload: { topic, event, payload: {}, ref: event },
})

export const phoenixDialect: Dialect = {
  ...roomDialect,
  join: (topic) => send(topic, 'phx_join'),
  leave: (topic) => send(topic, 'phx_leave'),
  kind: (_, message) => {
    const { event, payload, ref } = open(message)
    if (event === 'phx_reply' && ref === 'phx_join') return payload.status === 'ok' ? 'joined' : 'denied'
    return event.startsWith('phx_') || event === 'heartbeat' ? 'system' : 'data'
  },
  verdict: (message) => {
    const { topic, payload } = open(message)
    return { room: topic, reason: payload.response?.reason ?? 'denied' }
  },
  room: (_, message) => open(message).topic,
  event: (_, message) => ({ name: open(message).event, data: open(message).payload }),
}
