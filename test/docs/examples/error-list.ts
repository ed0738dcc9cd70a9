import type { Line } from 'partyline'
import type { Dashboard } from './dashboard.worker'

/** Collects the messages of `errors`, and says whether some may be missing. */
export function createErrorList(line: Line<Dashboard>) {
  const messages: string[] = []
  let isComplete = true
  const stops = [
    line.subscribe('errors', (event) => {
      if (event.room === 'errors') messages.push(event.data.message)
    }),
    line.on('gap', ({ rooms }) => {
      if (rooms.includes('errors')) isComplete = false
    }),
  ]
  return {
    messages,
    isComplete: () => isComplete,
    stop() {
      for (const stop of stops) stop()
    },
  }
}
