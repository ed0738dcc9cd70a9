import { PartylineError } from '../shared/errors'

/** The error for what the user's sign-out has ended. */
export const signedOut = () => new PartylineError('closed', 'The user has signed out.')

/** The error for what a page asks before it has said hello, or after its tab is gone or has another page. */
export const notRegistered = () =>
  new PartylineError('unregistered', 'The worker does not know this page. Say hello first.')

/** The error for what a page asks of a worker that does not serve it, or not any more. The page says hello again. */
export const notServing = () => new PartylineError('unregistered', 'Another worker serves this page.')
