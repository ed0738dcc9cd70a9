import type { Message } from '../dialect/dialect'
import type { Arrival, Link, LinkEvents } from '../link/link'

/**
 * A link, and a server for the scenarios to control. What is optional leaves out the scenarios that need it. Calls may return a
 * promise, which is awaited.
 */
export interface LinkHarness {
  /** Makes a link to the server. */
  createLink(events: LinkEvents): Link
  /** Makes a link to the server, whose address, or another function of the app's, throws in each attempt. */
  createBrokenLink?(events: LinkEvents): Link
  /** Starts the server. Each scenario begins with it. After `stop`, it starts the server again at the same address. */
  start(): unknown
  /** Ends all connections. The server accepts none until it is started again. Each scenario ends with it. */
  stop(): unknown
  /** Breaks all connections. The server goes on accepting others. */
  cut(): unknown
  /** Has the network swallow everything from now on, handshakes as well, or pass what comes later. Connections stay open. */
  hang?(on: boolean): unknown
  /** The number of open connections, as the server sees it. */
  connected(): number | Promise<number>
  /** The number of attempts to connect that the server has seen since it was created. */
  attempts(): number | Promise<number>
  /** Sends a message for each of these numbers, in this order, on every connection. */
  publish(numbers: readonly number[]): unknown
  /** Returns the number in a message of `publish`; `undefined` for any other message. */
  numberIn(message: Arrival): number | undefined
  /** Sends something that the link cannot read, on every connection. */
  publishUnreadable?(): unknown
  /** A message that links can send, where they can send any. */
  readonly sent?: {
    readonly message: Message
    /** How many of it the server has received. */
    received(): number | Promise<number>
    /** Whether the server acknowledges it. */
    readonly isAcknowledged?: boolean
  }
  /** Whether a probe really asks the server, so that it is not answered while the network hangs. It needs `hang`. */
  readonly asksByProbe?: boolean
  /** A token that the server accepts, which each scenario dials with, and one by which it refuses the user. */
  readonly tokens?: { readonly accepted: string; readonly refused: string }
  /** Two rooms, where the link has `join` and `leave`. */
  readonly rooms?: readonly [string, string]
  /** Whether the server recovers a session, also for another link. */
  readonly recovers?: boolean
  /** How long scenarios wait for a call that must not come, in ms. For a link that redials, they wait five times as long. @default 300 */
  readonly quiet?: number
}
