/** Anything sent to or received from the server: an event's name and its one payload. */
export interface Message {
  readonly name: string
  readonly payload: unknown
}

/** Why a server turned a handshake down: its words, and the data it sent along. */
export interface Rejection {
  readonly message: string
  readonly data?: unknown
}

/**
 * - `data`: for the tabs that want its room
 * - `system`: a sign of life, nothing for a tab
 * - `joined`, `denied`: the server's answer about a room
 * - `reload`: an order for every tab
 */
export type Kind = 'data' | 'system' | 'joined' | 'denied' | 'reload'

/**
 * How a server is spoken to. Every part may be replaced on its own:
 * `serve({ dialect: { ...roomDialect, join: (room) => ({ name: 'subscribe', payload: { channel: room } }) } })`.
 * The functions are pure, and none of them uses `this`.
 */
export interface Dialect {
  /** The message that asks for a room. It is sent with a request for an acknowledgement. */
  readonly join: (room: string) => Message
  /** The message that leaves a room. */
  readonly leave: (room: string) => Message
  /** Reads the acknowledgement of a join: the reason when it is a denial, `undefined` when the room is joined. */
  readonly denial: (acknowledgement: unknown) => string | undefined
  /** What a message is. */
  readonly kind: (name: string, payload: unknown) => Kind
  /** The room that a `joined` or `denied` message speaks of, and the reason it gives. */
  readonly verdict: (payload: unknown) => { readonly room: string; readonly reason: string } | undefined
  /** The rooms an event belongs to; `undefined` when it does not say (then `route` is asked). */
  readonly room: (
    name: string,
    payload: unknown,
    isJoined: (room: string) => boolean,
  ) => string | readonly string[] | undefined
  /** An event as listeners get it: envelopes opened. */
  readonly event: (name: string, payload: unknown) => { readonly name: string; readonly data: unknown }
  /** What a `reload` message orders. */
  readonly order: (payload: unknown) => { readonly version?: string; readonly message?: string }
  /** Whether a turned-down handshake is about who we are, so that only another token can help. */
  readonly refusal: (rejection: Rejection) => boolean
  /**
   * The number of an event among those of its room, where the server counts them: 1 more than the one before. Then
   * duplicates are dropped, and a hole is a gap even if the server claims to have recovered everything.
   */
  readonly seq?: (name: string, payload: unknown, room: string) => number | undefined
  /** The version in the body of a successful answer of the version endpoint; `undefined` for anything else. */
  readonly version: (body: string) => string | undefined
}

export type Route = (name: string, payload: unknown) => string | readonly string[] | undefined
