import { PartylineError } from '../shared/errors'

/** The error for what the user's sign-out has ended. */
export const signedOut = () => new PartylineError('closed', 'The user has signed out.')
