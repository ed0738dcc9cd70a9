import { type Failure, PartylineError } from '../shared/errors'

/** What calls of a line that is over fail of. */
export const lineClosed = () => new PartylineError('closed', 'This line is closed.')

/** An error again, on the far side of the border. */
export function revive(failure: Partial<Failure>): PartylineError {
  const { reason = 'worker-failed', message = `${failure}` } = failure
  return new PartylineError(reason, message, { cause: failure })
}
