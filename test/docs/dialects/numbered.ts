import { type Dialect, roomDialect } from 'partyline/worker'

/** The default, of a server that counts the events of each room: `{ room, seq, data }`. */
export const numberedDialect: Dialect = {
  ...roomDialect,
  seq: (_, payload) => (payload as { readonly seq?: number } | null)?.seq,
}
