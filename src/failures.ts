import { type Failure, PartylineError } from '../shared/errors'

/** The error that calls on a closed line reject with. */
export const lineClosed = () =>
  new PartylineError('closed', 'This line is closed. Call connect() for a new one.')

/** Makes an error of a failure that the worker sent. */
export function revive(failure: Partial<Failure>): PartylineError {
  const { reason = 'worker-failed', message = `${failure}` } = failure
  return new PartylineError(reason, message, { cause: failure })
}
