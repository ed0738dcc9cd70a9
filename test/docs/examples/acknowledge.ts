import { type Line, PartylineError } from 'partyline'
import type { Dashboard } from './dashboard.worker'

/** Acknowledges an alarm. Returns a text for the user. */
export async function acknowledge(line: Line<Dashboard>, id: number): Promise<string> {
  try {
    const { by } = await line.send('alarm:ack', { id })
    return `Acknowledged by ${by}.`
  } catch (error) {
    if (!(error instanceof PartylineError)) throw error
    switch (error.reason) {
      case 'not-sent':
        return 'You are offline. Nothing was sent.'
      case 'unanswered':
        return 'No answer came. The list shows whether it is acknowledged.'
      default:
        return error.message // of `refused`, the server's words
    }
  }
}
