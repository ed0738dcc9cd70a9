import { type Dialect, roomDialect } from 'partyline/worker'

/** The default dialect, for a server that numbers the events of each room: `{ room, seq, data }`. */
export const numberedDialect: Dialect = {
  ...roomDialect,
  seq: (_, payload) => (payload as { readonly seq?: number } | null)?.seq,
}
