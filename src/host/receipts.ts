import type { ToTab } from '../../shared/wire'

/** Of batches as text, so many are answered together: an answer costs both sides as much as a message. */
const TOGETHER = 4
/** How much text may be unanswered, in characters: of fewer events than a page remembers. */
const MOST = 64_000
/** How long an answer may wait, in ms. */
const PATIENCE = 50

/** What a page still has to answer. */
export interface Receipts {
  /** A message was handled. */
  add(message: ToTab): void
  /** Answers what is owed. */
  settle(): void
}

export function createReceipts(answer: (count: number) => void): Receipts {
  let count = 0
  let size = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function settle() {
    clearTimeout(timer)
    timer = undefined
    if (count > 0) answer(count)
    count = 0
    size = 0
  }

  return {
    add(message) {
      count += 1
      const text = message.type === 'events' && message.events
      size += typeof text === 'string' ? text.length : MOST
      if (count >= TOGETHER || size >= MOST) settle()
      else timer ??= setTimeout(settle, PATIENCE)
    },
    settle,
  }
}
