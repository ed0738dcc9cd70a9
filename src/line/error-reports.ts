import type { PartylineError } from '../../shared/errors'

/** How many different messages are remembered. After that, `once` reports nothing more. */
const MAX_REMEMBERED = 100

/** Reports errors that no call can report. */
export interface ErrorReports {
  /** Emits the error, or logs it to the console if there is no listener. */
  report(error: PartylineError): void
  /**
   * Reports an error in the app's code after the current call, so that a listener added right after that call gets it.
   * With `once`, only if no error with this message was reported that way before.
   */
  reportLater(error: PartylineError, once?: boolean): void
}

/** @param emit Returns whether there was a listener. */
export function createErrorReports(emit: (error: PartylineError) => boolean): ErrorReports {
  const messages = new Set<string>()

  function report(error: PartylineError) {
    if (!emit(error)) console.error('[partyline]', error)
  }

  return {
    report,
    reportLater(error, once) {
      const isNew = messages.size < MAX_REMEMBERED && !messages.has(error.message)
      if (isNew) messages.add(error.message)
      if (isNew || !once) queueMicrotask(() => report(error))
    },
  }
}
