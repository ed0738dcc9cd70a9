/** Why something failed. A closed union: a `switch` over it can be exhaustive. */
export type Reason =
  /** An option of `serve` or `connect` is missing, unknown or malformed. */
  | 'bad-option'
  /** A call or message has the wrong shape. */
  | 'bad-argument'
  /** A panel, or the parameters given for it, that the worker's table does not have, or that are no strings. */
  | 'unknown-panel'
  /** A Comlink message that names something other than the switchboard's calls. */
  | 'forbidden-call'
  /** The worker does not know this tab: it has to say hello (again). */
  | 'unregistered'
  /** The factory started a worker that speaks another protocol, or serves another user. */
  | 'wrong-worker'
  /** The worker's script did not load, or threw before it could answer. */
  | 'worker-failed'
  /** The worker died while the call was under way. */
  | 'worker-died'
  /** The worker did not answer in time. */
  | 'timeout'
  /** The line was closed, by `close()` or by a sign-out. */
  | 'closed'
  /** A limit was reached; the message names it. */
  | 'limit'
  /** The connection to the server was lost or could not be made. */
  | 'link-lost'
  /** The server refused the handshake: the token is missing, wrong or expired. */
  | 'refused'
  /** The token could not be fetched. */
  | 'token-failed'
  /** The server has not answered a join in time. The message names the room; its join is asked for again. */
  | 'join-unanswered'
  /** A page ordered to reload came back with the version it had before. */
  | 'reload-ineffective'
  /** The version endpoint answers, but with something that is no version. */
  | 'version-unreadable'

/** An error as plain data: what crosses the worker's border, and what `status.error` holds. */
export interface Failure {
  readonly name: 'PartylineError'
  readonly reason: Reason
  readonly message: string
}

/** The one class of error Partyline throws, rejects with and emits. */
export class PartylineError extends Error {
  override readonly name = 'PartylineError'
  readonly reason: Reason

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }

  /** Comlink carries only name, message and stack of an `Error`, so errors cross the border as data. */
  toJSON(): Failure {
    const { name, reason, message } = this
    return { name, reason, message }
  }
}
