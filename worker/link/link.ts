import type { Message, Rejection } from '../dialect/dialect'

/** A message as it came from the server. */
export interface Arrival extends Message {
  /** Its place in the session, where the server numbers what it sends. */
  readonly position?: string
  /** Its length on the wire. */
  readonly size: number
  /** The payload as JSON text, where it came as such. */
  readonly text?: string
}

/** Why a connection was lost, or an attempt failed. */
export interface Loss {
  readonly reason: string
  /** Set when the server answered the handshake and rejected it. */
  readonly rejection?: Rejection
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
}

/** The result of a handshake. */
export interface Opening {
  /** Whether the server recovered the session. */
  readonly recovered: boolean
  /** The session's id, where the server can recover it later. */
  readonly session?: string
  /** What the server sent while there was no connection. */
  readonly missed: readonly Arrival[]
}

/** What a link calls. After `dial`, exactly one of `opened` and `lost` is called; after `opened`, `lost` once. */
export interface LinkEvents {
  opened(opening: Opening): void
  lost(loss: Loss): void
  message(message: Arrival): void
  /** The server gave a sign of life that is not a message. */
  alive(): void
}

/** One connection to a server. It never redials by itself, and no type of the library underneath is part of it. */
export interface Link {
  dial(credentials: Credentials): void
  /** Ends the connection or attempt without telling the server, so that the session can be recovered. */
  drop(): void
  /**
   * Ends the connection or attempt like `drop`. Resolves once the server has seen the end, or after a while, to whether
   * another link can recover the session.
   */
  release(): Promise<boolean>
  /** Ends the connection or attempt, and tells the server, which forgets the session. */
  hangUp(): void
  /** Only while open. */
  send(message: Message, acknowledged?: (answer: unknown) => void): void
  /** Only while open: makes the server answer, without any other effect. */
  probe(answered: () => void): void
}
