import type { ToTab } from '../../shared/wire'
import type { Inbox, Seat } from './inbox'

/** Posts messages to the pages of other workers. Where one task posts the same events to several in a row, they are sent once for all. */
export interface Group {
  /** Throws if the message cannot be copied. */
  post(worker: string, seat: Seat, message: ToTab): void
}

/** @param workers How many workers relay to this one. Each of them receives what is sent to all. */
export function createGroup(inbox: Inbox, workers: () => number): Group {
  /** The last events that were posted, and the pages that get them, by their worker. */
  let next: { readonly events: string; readonly to: Map<string, readonly Seat[]> } | undefined

  const send = (worker: string, [page, hello]: Seat, message: ToTab) =>
    inbox.send(worker, { type: 'message', page, hello, message })

  function flush() {
    if (!next) return
    const { events, to } = next
    next = undefined
    // The other workers receive it in vain, so at least half of all must be meant.
    if (to.size > 1 && to.size * 2 >= workers()) return inbox.sendAll({ events, to })
    for (const [worker, seats] of to) for (const seat of seats) send(worker, seat, { type: 'events', events })
  }

  return {
    post(worker, seat, message) {
      const events = message.type === 'events' && message.events
      // First, because a page gets its messages in order.
      if (events !== next?.events) flush()
      // Only text can be posted later: it can always be copied.
      if (typeof events !== 'string') return send(worker, seat, message)
      if (!next) queueMicrotask(flush)
      next ??= { events, to: new Map() }
      next.to.set(worker, [...(next.to.get(worker) ?? []), seat])
    },
  }
}
