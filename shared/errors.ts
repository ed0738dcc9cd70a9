/** Why something failed: `reason` of a `PartylineError`. A closed union, so a `switch` over it can be exhaustive. */
export type Reason =
  /** An option of `serve` or `connect` is missing, unknown or malformed. */
  | 'bad-option'
  /** A call or message has the wrong shape. */
  | 'bad-argument'
  /** The worker's table has no such panel; or its parameters are too few, are not strings, or are given to a panel that takes none. */
  | 'unknown-panel'
  /** A Comlink message asks for something other than a call of the `Switchboard`. */
  | 'forbidden-call'
  /** The worker does not know this tab, which has to call `hello` (again). */
  | 'unregistered'
  /** The worker that the factory started speaks another protocol, or serves another user. */
  | 'wrong-worker'
  /** The worker's script did not load, or threw before it could answer. */
  | 'worker-failed'
  /** The worker died while the call was under way. */
  | 'worker-died'
  /** The worker did not answer in time. */
  | 'timeout'
  /** The line is closed, by `close()` or by a sign-out. */
  | 'closed'
  /** A limit was reached; the message names it. */
  | 'limit'
  /** The connection to the server was lost or could not be made. */
  | 'link-lost'
  /** The server's address is a local one, and the browser may block it: the user has not let this site reach the local network. */
  | 'local-network'
  /** The server refused the handshake, because the token is missing, wrong or expired; or it refused a message that a page sent. */
  | 'refused'
  /** The token could not be fetched. */
  | 'token-failed'
  /** The server did not answer a join in time. The message names the room. The worker sends the join again. */
  | 'join-unanswered'
  /** A page reloaded as ordered, and still runs the version it had before. */
  | 'reload-ineffective'
  /** The version endpoint answers, but its answer has no version. */
  | 'version-unreadable'
  /** The message did not leave this browser, so it is safe to send it again. */
  | 'not-sent'
  /** The message left, and no answer came: nobody knows whether the server, or the browser's database, has carried it out. */
  | 'unanswered'
  /** Pages may not send a message of this name. */
  | 'unknown-message'
  /** The call's `signal` was aborted. A message may have left before. */
  | 'aborted'
  /** A payload does not fit its schema. */
  | 'invalid'

/** An error as plain data: the form in which it is sent between worker and page, and the type of `status.error`. */
export interface Failure {
  readonly name: 'PartylineError'
  readonly reason: Reason
  readonly message: string
}

/** The only class of error that Partyline throws, rejects with and emits. `reason` is for code, `message` for people. */
export class PartylineError extends Error {
  override readonly name = 'PartylineError'
  readonly reason: Reason

  constructor(reason: Reason, message: string, options?: ErrorOptions) {
    super(message, options)
    this.reason = reason
  }

  /** Returns the error as data. Comlink sends only name, message and stack of an `Error`, so the reason would be lost. */
  toJSON(): Failure {
    const { name, reason, message } = this
    return { name, reason, message }
  }
}
