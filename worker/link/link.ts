import type { Message, Rejection } from '../dialect/dialect'

/** A message as it came from the server. */
export interface Arrival extends Message {
  /** Its position in the session, if the server can recover sessions. */
  readonly position?: string
  /** Its length on the wire. */
  readonly size: number
  /** The payload as JSON text, if it came as such. */
  readonly text?: string
  /** The room whose own connection it came over. Then the dialect's `room` is not called. */
  readonly room?: string
}

/** A message to the server. */
export interface Outgoing extends Message {
  /** The id by which the server can drop repeats of a message that a page keeps until it has arrived. */
  readonly id?: string | undefined
  /** The room over which it goes, with the option `sendTo`. */
  readonly room?: string | undefined
}

/** Why a connection was lost, or an attempt failed. */
export interface Loss {
  readonly reason: string
  /** Set when the server answered the handshake and rejected it. */
  readonly rejection?: Rejection
  /** The server wants no further attempt. The worker tries nothing until `line.retry()`. */
  readonly isFinal?: boolean
}

/** What a server needs to recover a session: its id, and the position of the last event received. */
export interface SessionKey {
  readonly id: string
  readonly position: string
}

/** What a handshake carries. */
export interface Credentials {
  readonly token?: string
  readonly session?: SessionKey
  /** The rooms that tabs want now. They are joined once the link is open. */
  readonly rooms: readonly string[]
}

/** The result of a handshake. */
export interface Opening {
  /** Whether the server recovered the session. */
  readonly recovered: boolean
  /** The session's id, if the server can recover it later. */
  readonly session?: string
  /** What the server sent while there was no connection. */
  readonly missed: readonly Arrival[]
}

/** What a link reports about rooms that are joined by other means than a message. */
export interface RoomEvents {
  /** The room is joined, perhaps again. `recovered`: nothing was missed meanwhile. */
  up(room: string, recovered?: boolean): void
  /** The room is lost while the link is open. Nothing was heard of it since `heardAt`, in ms since 1970. */
  down(room: string, heardAt: number): void
}

/** What a link calls. After `dial`, exactly one of `opened` and `lost` is called; after `opened`, `lost` once. */
export interface LinkEvents {
  opened(opening: Opening): void
  lost(loss: Loss): void
  message(message: Arrival): void
  /** Something came that is not a message, but shows that the server is there. */
  alive(): void
  /** Something came that cannot be read. The worker counts it, and warns in its console. */
  unreadable(why: string): void
  readonly rooms: RoomEvents
  /**
   * Whether the worker stood still, so that messages may be lost. If so, it drops the link, and the link must forget what has just
   * come. A link asks this before it notes by itself what it has received, and before it connects if it has waited.
   */
  readonly isStale?: () => boolean
}

/** One connection to a server. It never redials by itself, and its interface has no type of the library that it uses. */
export interface Link {
  /** Connects, also again once the connection or attempt has ended. Does not throw: an attempt that cannot be made is lost. */
  dial(credentials: Credentials): void
  /** Ends the connection or attempt without telling the server, so that the session can be recovered. */
  drop(): void
  /**
   * Ends the connection or attempt like `drop`. Resolves once the server has seen the end, or after a while: to `true` if another
   * link can recover the session.
   */
  release(): Promise<boolean>
  /** Ends the connection or attempt, if there is one, and tells the server, which forgets the session. So does the link: the next user may be another one. */
  hangUp(): void
  /**
   * Sends a message, only while open: nothing is kept for the next connection. `acknowledged` gets the server's answer, if the
   * protocol has acknowledgements. Returns `false` where the message has not left, and may
   * return anything else. Throws what the app's own encoding throws.
   */
  send(message: Outgoing, acknowledged?: (answer: unknown) => void): unknown
  /**
   * Only while open: makes the server answer, without any other effect. If the server cannot be asked and its silence is usual,
   * the link calls `answered` before it returns.
   */
  probe(answered: () => void): void
  /**
   * Whether it is open without a connection, because it changes the connection or no room is wanted. The worker expects no
   * keepalive then.
   */
  isUnconnected?(): boolean
  /**
   * Joins a room by other means than a message. The worker does not call the dialect's `join` and `leave` then. Called only while
   * open, also for the rooms of `dial`. The link answers with an event of `rooms`.
   */
  join?(room: string): void
  leave?(room: string): void
}
