import type { ToTab } from '../../shared/wire'

/** How many batches of text are acknowledged together: an acknowledgement costs both sides as much as a message. */
const BATCHES = 4
/** How much text may be unacknowledged, in characters. It holds fewer events than a page remembers. */
const MOST = 64_000
/** How long an acknowledgement may wait, in ms. */
const DELAY = 50

/** The messages that a page has handled and not yet acknowledged. */
export interface Receipts {
  /** Counts a message that was handled. */
  add(message: ToTab): void
  /** Acknowledges all of them now. */
  settle(): void
}

export function createReceipts(acknowledge: (count: number) => void): Receipts {
  let count = 0
  let size = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function settle() {
    clearTimeout(timer)
    timer = undefined
    if (count > 0) acknowledge(count)
    count = 0
    size = 0
  }

  return {
    add(message) {
      count += 1
      const text = message.type === 'events' && message.events
      size += typeof text === 'string' ? text.length : MOST
      if (count >= BATCHES || size >= MOST) settle()
      else timer ??= setTimeout(settle, DELAY)
    },
    settle,
  }
}
