import { PartylineError } from '../../shared/errors'

/** Returns the `PartylineError` that a function throws. */
export function failureOf(act: () => unknown): PartylineError {
  try {
    act()
  } catch (error) {
    if (error instanceof PartylineError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}
