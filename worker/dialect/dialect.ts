/** A message to or from the server: an event's name, and its one payload. */
export interface Message {
  readonly name: string
  readonly payload: unknown
}

/** Why a server rejected a handshake: its message, and the data it sent with it. */
export interface Rejection {
  readonly message: string
  readonly data?: unknown
}

/**
 * - `data`: an event for the tabs that want its room
 * - `system`: traffic that only shows that the server is alive, such as a keepalive; no tab gets it
 * - `joined`, `denied`: the server's answer about a room
 * - `reload`: an order to every tab to reload
 */
export type Kind = 'data' | 'system' | 'joined' | 'denied' | 'reload'

/**
 * How to talk to a server: the messages to send, and the meaning of those received. To replace some parts, spread the default:
 * `serve({ dialect: { ...roomDialect, join: (room) => ({ name: 'subscribe', payload: { channel: room } }) } })`.
 *
 * The functions must be pure. They are called without `this`, and may be called more than once for a message. What they return
 * is checked: a part that throws or returns another type fails for that message alone, with a warning on the console.
 */
export interface Dialect {
  /** Returns the message that asks for a room. It is sent with a request for an acknowledgement. */
  readonly join: (room: string) => Message
  /** Returns the message that leaves a room. */
  readonly leave: (room: string) => Message
  /** Reads the acknowledgement of a join. Returns why the room is denied, or `undefined` where it is joined. */
  readonly denial: (acknowledgement: unknown) => string | undefined
  /** Returns what kind of message this is. It is asked first, for every message. */
  readonly kind: (name: string, payload: unknown) => Kind
  /**
   * Reads a message of kind `joined` or `denied`. Returns its room, and the reason of a denial; `undefined` where it names no
   * room. Such a message counts as `system`. `recovered`: the server was asked by `resume`, and sends after this message all
   * events of the room that were missed.
   */
  readonly verdict: (
    payload: unknown,
  ) => { readonly room: string; readonly reason: string; readonly recovered?: boolean } | undefined
  /**
   * Returns the room or rooms that an event belongs to, or `undefined` where the event does not name them. Then the option
   * `route` is asked. `isJoined` says whether a room is joined, for events that are named after their room.
   */
  readonly room: (
    name: string,
    payload: unknown,
    isJoined: (room: string) => boolean,
  ) => string | readonly string[] | undefined
  /** Returns an event's name and data as listeners get them, without an envelope. Data must be what `structuredClone` can copy. */
  readonly event: (name: string, payload: unknown) => { readonly name: string; readonly data: unknown }
  /** Reads a message of kind `reload`. Returns the version and the text to tell the pages, where it has them. */
  readonly order: (payload: unknown) => { readonly version?: string; readonly message?: string }
  /**
   * Returns whether a rejected handshake is a refusal of the user, so that only another token can help. Anything else is
   * retried like a lost connection.
   */
  readonly refusal: (rejection: Rejection) => boolean
  /**
   * Returns an event's number in its room, where the server counts each room's events, one by one. Then duplicates are dropped,
   * and a missing number is reported as a gap, even if the server claims to have recovered the session.
   *
   * @default none
   */
  readonly seq?: (name: string, payload: unknown, room: string) => number | undefined
  /**
   * Returns an event's position in its room, from which the server can send what came later. It is asked only where there is
   * `resume`. @default what `seq` returns
   */
  readonly position?: (name: string, payload: unknown, room: string) => string | number | undefined
  /**
   * Returns the message that asks for what was missed, by the position of the last event of each room. It is sent before the
   * joins of a new connection. A room whose join is not answered with `recovered` gets a gap. @default none
   */
  readonly resume?: (positions: Readonly<Record<string, string | number>>) => Message
  /**
   * Returns the message that a page's `line.send` becomes. `id` is set where the answer is a message, which repeats it.
   * @default name and payload as they are
   */
  readonly send?: (name: string, payload: unknown, id: string | undefined) => Message
  /**
   * Reads a message that may answer one of a page: the id of that one, and the answer. `undefined`: it is none. It is asked only
   * while a page waits for an answer. @default none: the link's acknowledgements are the answers
   */
  readonly answer?: (
    name: string,
    payload: unknown,
  ) => { readonly id: string; readonly data: unknown } | undefined
  /** Returns the server's words where an answer says that it refuses the message, else `undefined`. @default none refuses */
  readonly failure?: (answer: unknown) => string | undefined
  /** Returns the version in the body of a successful answer of the version endpoint; `undefined` where there is none. */
  readonly version: (body: string) => string | undefined
}

/** Returns the room or rooms of an event that does not name them; `undefined` where the app does not know them either. */
export type Route = (name: string, payload: unknown) => string | readonly string[] | undefined
