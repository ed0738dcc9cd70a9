import type { Mark } from './marks'

/** One message that has reached the server. */
export interface Receipt {
  readonly id: string
  /** Whether the page has it kept. The server drops repeats of such a message by its id. */
  readonly isKept: boolean
  readonly isRefused: boolean
  /** How often it has come. */
  times: number
}

export interface Inbox {
  /** Takes a message. `keptAs` is the id that came along with it. `answer` sends the server's answer. */
  take(mark: Mark, keptAs: string | undefined, answer: (answer: object) => void): void
  /** All messages, in the order in which they came first. They outlive a restart of the server. */
  readonly receipts: ReadonlyMap<string, Receipt>
  /** What must not happen, whatever is sent. */
  readonly errors: readonly string[]
}

/** What a server does with the messages of pages: as each message asks. It drops kept ones that come again, and answers them. */
export function createInbox(): Inbox {
  const receipts = new Map<string, Receipt>()
  const errors: string[] = []
  return {
    receipts,
    errors,
    take({ id, manner, isKept }, keptAs, answer) {
      if (keptAs !== (isKept ? id : undefined)) errors.push(`message ${id} came with the id ${keptAs}`)
      const reply = () => answer(manner === 'refuse' ? { error: `no ${id}` } : { yes: id })
      const before = receipts.get(id)
      if (before) {
        before.times += 1
        if (!isKept) errors.push(`message ${id} came again`)
        return reply()
      }
      receipts.set(id, { id, isKept, isRefused: manner === 'refuse', times: 1 })
      if (manner === 'late') setTimeout(reply, 100 * (receipts.size % 30))
      else if (manner !== 'never') reply()
    },
  }
}
