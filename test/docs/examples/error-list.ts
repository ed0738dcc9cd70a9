import type { Line } from 'partyline'
import type { Dashboard } from './dashboard.worker'

/** What this part of the page needs of a line, and no more. */
export type ErrorLine = Pick<Line<Dashboard>, 'subscribe' | 'on'>

/** Keeps the messages of errors, and says when the list may have a hole. */
export function createErrorList(line: ErrorLine) {
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
