import { type Dialect, roomDialect } from 'partyline/worker'

/** The payload of `message`, the one event that the server sends. */
interface Envelope {
  readonly channel: string
  readonly event: string
  readonly payload: unknown
}

const open = (envelope: unknown) => envelope as Envelope

export const channelDialect: Dialect = {
  ...roomDialect,
  join: (room) => ({ name: 'subscribe', payload: { channel: room } }),
  leave: (room) => ({ name: 'unsubscribe', payload: { channel: room } }),
  // The server acknowledges with { ok: true }, or { ok: false, reason }.
  denial: (answer) => {
    const { ok = true, reason = 'denied' } = (answer ?? {}) as { ok?: boolean; reason?: string }
    return ok ? undefined : reason
  },
  kind: (name, payload) => (name === 'message' ? 'data' : roomDialect.kind(name, payload)),
  room: (_, envelope) => open(envelope).channel,
  event: (_, envelope) => ({ name: open(envelope).event, data: open(envelope).payload }),
}
