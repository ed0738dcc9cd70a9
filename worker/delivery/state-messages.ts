import type { ToTab } from '../../shared/wire'

/** The most messages that are held. Beyond that, outcomes of kept messages are dropped, the oldest first. */
const MOST = 1000
const KEPT = 'kept '

/**
 * Messages about a state, and outcomes of kept messages, for a page that does not answer. Only the latest of each kind
 * is held, so they do not pile up.
 */
export interface StateMessages {
  /** Holds a message. Returns `false` for a message that is not about a state: it cannot be replaced by a later one. */
  hold(message: ToTab): boolean
  /** Returns the messages held, and holds them no longer. */
  take(): readonly ToTab[]
}

export function createStateMessages(): StateMessages {
  const held = new Map<string, ToTab>()
  return {
    hold(message) {
      const kind = kindOf(message)
      if (kind === undefined) return false
      held.set(kind, merge(held.get(kind), message))
      if (held.size > MOST) held.delete([...held.keys()].find((each) => each.startsWith(KEPT)) ?? '')
      return true
    },
    take() {
      const messages = [...held.values()]
      held.clear()
      return messages
    },
  }
}

function kindOf(message: ToTab): string | undefined {
  if (message.type === 'kept') return KEPT + message.outcome.id
  if (message.type === 'denied') return `denied ${message.room}`
  return message.type === 'status' || message.type === 'rooms' ? message.type : undefined
}

/** Each `rooms` message tells only of the rooms that changed, so two are merged room by room. */
function merge(before: ToTab | undefined, message: ToTab): ToTab {
  if (before?.type !== 'rooms' || message.type !== 'rooms') return message
  const latest = new Map([...before.rooms, ...message.rooms].map((report) => [report[0], report]))
  return { type: 'rooms', rooms: [...latest.values()] }
}
