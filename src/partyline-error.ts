import type { Failure, Reason } from './errors'

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
