import type { ToTab } from '../../shared/wire'
import type { Inbox, Seat } from './inbox'

/**
 * The most characters of events for other workers' pages that a worker is sent before it posts something itself. A frozen worker keeps
 * them all in memory.
 */
const MAX_UNHEARD = 1_000_000

/** Posts messages to the pages of other workers. Where one task posts the same events to several in a row, they are sent once for all. */
export interface Group {
  /** Throws if the message cannot be copied. */
  post(worker: string, seat: Seat, message: ToTab): void
  /** That worker is not frozen, or has ended. */
  heard(worker: string): void
}

/** @param workers The workers that relay to this one. Each of them receives what is sent to all. */
export function createGroup(inbox: Inbox, workers: () => readonly string[]): Group {
  /** By worker: the characters of such events since it last posted. */
  const sentUnheard = new Map<string, number>()
  /** The last events that were posted, and the pages that get them, by their worker. */
  let next: { readonly events: string; readonly to: Map<string, readonly Seat[]> } | undefined

  const send = (worker: string, [page, hello]: Seat, message: ToTab) =>
    inbox.send(worker, { type: 'message', page, hello, message })

  function flush() {
    if (!next) return
    const { events, to } = next
    next = undefined
    const others = workers().flatMap((worker) =>
      to.has(worker) ? [] : [[worker, (sentUnheard.get(worker) ?? 0) + events.length] as const],
    )
    if (to.size > 1 && to.size >= others.length && others.every(([, size]) => size <= MAX_UNHEARD)) {
      for (const other of others) sentUnheard.set(...other)
      return inbox.sendAll({ events, to })
    }
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
    heard: (worker) => void sentUnheard.delete(worker),
  }
}
