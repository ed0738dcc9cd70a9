import type { Message, Rejection } from '../dialect/dialect'

/** A message as it came. */
export interface Arrival extends Message {
  /** Its place in the session, where the server numbers what it sends. */
  readonly position?: string
  /** Its length on the wire. */
  readonly size: number
  /** The payload as the JSON it came as, where it did. */
  readonly text?: string
}

/** What a lost or failed connection is known by. */
export interface Loss {
  readonly reason: string
  /** Set when the server answered the handshake, and said no. */
  readonly rejection?: Rejection
}

/** What a server needs to go on with a session: its name, and the last event that was had of it. */
export interface SessionKey {
  readonly id: string
  readonly position: string
}

/** What a handshake carries. */
export interface Credentials {
  readonly token?: string
  readonly session?: SessionKey
}

/** What a handshake led to: the session's name where the server can go on with it later, and whether it just did. */
export interface Opening {
  readonly recovered: boolean
  readonly session?: string
  /** What came while there was no connection. */
  readonly missed: readonly Arrival[]
}

/** What a link tells. After `dial`, exactly one of `opened` and `lost` comes; after `opened`, one `lost`. */
export interface LinkEvents {
  opened(opening: Opening): void
  lost(loss: Loss): void
  message(message: Arrival): void
  /** Any sign of life below messages. */
  alive(): void
}

/**
 * One connection to a server, dialled by hand: it never redials by itself. Nothing of the library underneath shows,
 * so that another kind of link can take its place.
 */
export interface Link {
  dial(credentials: Credentials): void
  /** Ends a connection or an attempt without a farewell, so that the server keeps the session for recovery. */
  drop(): void
  /** Says goodbye: the server forgets the session. */
  hangUp(): void
  /** Only while open. */
  send(message: Message, acknowledged?: (answer: unknown) => void): void
  /** Only while open: asks the server for an answer that changes nothing. */
  probe(answered: () => void): void
}
