import type { EventId } from '../../shared/wire'
import { now } from '../clock'
import type { Unsettled } from '../delivery/unsettled'
import type { SessionKey } from '../link/link'
import type { SessionRecord } from './records'

/** How many events that some tab still has to handle are remembered. A tab further behind gets a gap. */
const MOST = 1000

/** The session with the server, and the last event that every tab has handled: a later worker can continue from there. */
export interface Progress {
  /** What the next handshake may ask the server to recover. */
  session(): SessionKey | undefined
  /** Continues the session of an earlier worker. */
  restore(record: SessionRecord): void
  /** A handshake succeeded. `session` is the session's id, where the server can recover it. */
  opened(session: string | undefined, recovered: boolean): void
  received(id: EventId, at: number): void
  /** The session was ended, so it cannot be recovered. */
  ended(): void
  /** Whether every tab had handled this event when the last record was made. */
  isHandled(id: EventId): boolean
  record(
    rooms: { readonly rooms: readonly string[]; readonly missedSince: number },
    tabs: readonly string[],
    pending: readonly (Unsettled & { readonly tab: string })[],
  ): SessionRecord
}

interface Entry {
  readonly id: EventId
  readonly at: number
  /** The event's position, or that of the last event before it that has one. */
  readonly position: string | undefined
}

export function createProgress(worker: string, lock: string | undefined): Progress {
  let session: string | undefined
  let position: string | undefined
  /** The last event that every tab has handled. */
  let mark: Entry = { id: 0, at: now(), position }
  /** The events after it. */
  let entries: Entry[] = []

  return {
    session: () => (session !== undefined && position !== undefined ? { id: session, position } : undefined),
    restore(record) {
      session = record.id
      position = record.position
      mark = { id: position ?? 0, at: record.at, position }
    },
    opened(id, recovered) {
      session = id
      if (recovered) return
      position = undefined
      entries = []
      mark = { id: 0, at: now(), position }
    },
    received(id, at) {
      if (typeof id === 'string') position = id
      entries.push({ id, at, position })
      if (entries.length > MOST) mark = entries.shift() ?? mark
    },
    ended() {
      session = undefined
      position = undefined
    },
    isHandled: (id) => !entries.some((entry) => entry.id === id),
    record({ rooms, missedSince }, tabs, pending) {
      const places = new Map(entries.map(({ id }, place) => [id, place]))
      const isLagging = ({ oldest, isBehind }: Unsettled) => isBehind || oldest.some((id) => !places.has(id))
      const lagging = new Map(pending.filter(isLagging).map(({ tab, since }) => [tab, since]))
      const needed = pending.filter((each) => !isLagging(each))
      const handled = Math.min(
        entries.length,
        ...needed.flatMap(({ oldest }) => oldest.map((id) => places.get(id) ?? 0)),
      )
      mark = entries[handled - 1] ?? mark
      entries = entries.slice(handled)
      return {
        worker,
        ...(lock !== undefined && { lock }),
        ...(session !== undefined && mark.position !== undefined && { id: session, position: mark.position }),
        rooms,
        at: Math.min(mark.at, missedSince),
        tabs: tabs.map((tab) => {
          const since = lagging.get(tab)
          return since === undefined ? [tab] : [tab, since]
        }),
      }
    },
  }
}
