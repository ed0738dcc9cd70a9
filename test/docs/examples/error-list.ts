import type { Line } from 'partyline'
import type { Dashboard } from './dashboard.worker'

/** Keeps the messages of errors, and says when the list may have a hole. */
export function createErrorList(line: Line<Dashboard>) {
  const messages: string[] = []
  let isWhole = true
  const stops = [
    line.subscribe('errors', (event) => {
      if (event.room === 'errors') messages.push(event.data.message)
    }),
    line.on('gap', ({ rooms }) => {
      if (rooms.includes('errors')) isWhole = false
    }),
  ]
  return {
    messages,
    isWhole: () => isWhole,
    stop() {
      for (const stop of stops) stop()
    },
  }
}
