import type { Acknowledgements } from './acknowledgements.ts'
import type { KindCounts } from './counts.ts'

/** One kind of server: how it reaches its pages. What it sends them is the same for every kind. */
export interface Wire {
  /** Sends an event to the pages that have the room. */
  send(room: string, type: string, data: unknown): void
  /** Sends a keepalive to everybody. */
  keepAlive(): void
  /** Orders every page to reload. */
  orderReload(): void
  /** The rooms that pages have. */
  rooms(): Iterable<string>
  counts(): KindCounts
  /** Closes every connection, but not its session, if there is one: the client can recover it. */
  cut(): void
  /** Ends every connection, and its session, because tokens have expired. */
  endSessions(): void
  close(): Promise<void>
}

/** Answers what a page sends. */
export type Acknowledge = Acknowledgements['answer']

/** The only message that pages send, other than those for rooms. */
export const ACKNOWLEDGE = 'errors:acknowledge'

export const FORBIDDEN = 'Only the night shift may open the vault.'
export const UNKNOWN = 'There is no such room.'
