import { isObject } from '../checks'
import type { Dialect, Kind } from './dialect'
import { roomDialect } from './room-dialect'

/** The kinds of frames that `roomDialect` does not have. */
const KINDS = new Map<string, Kind>([
  ['subscribed', 'joined'],
  ['unsubscribed', 'system'],
])

/**
 * The default dialect of plain WebSocket servers: JSON frames that are named by their `type`. A message `{ name, payload }` is
 * sent as `{ type: name, …payload }`, and one of a page as `{ type: name, data: payload, id }`; a frame with that `id` and
 * without a `room` answers it. The rest is as in `roomDialect`.
 */
export const jsonDialect: Dialect = {
  ...roomDialect,

  join: (room) => ({ name: 'subscribe', payload: { room } }),

  leave: (room) => ({ name: 'unsubscribe', payload: { room } }),

  kind(name, payload) {
    const isDenial = name === 'error' && isObject(payload) && typeof payload['room'] === 'string'
    return isDenial ? 'denied' : (KINDS.get(name) ?? roomDialect.kind(name, payload))
  },

  verdict(payload) {
    const verdict = roomDialect.verdict(payload)
    const { message, recovered } = isObject(payload) ? payload : {}
    return (
      verdict && {
        ...verdict,
        ...(verdict.reason === 'denied' && typeof message === 'string' && { reason: message }),
        ...(recovered === true && { recovered }),
      }
    )
  },

  send: (name, payload, id) => ({ name, payload: { data: payload, id } }),

  answer(_, payload) {
    const { type, id, ...rest } = isObject(payload) ? payload : {}
    // An event may have an id of the app as well.
    if (typeof id !== 'string' || 'room' in rest) return undefined
    return { id, data: 'data' in rest && !rest['error'] ? rest['data'] : rest }
  },
}
