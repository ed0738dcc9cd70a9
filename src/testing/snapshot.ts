import type { Counter, PanelRef, Snapshot, Status } from '../protocol'

const NONE: Record<Counter, number> = {
  received: 0,
  system: 0,
  data: 0,
  unrouted: 0,
  malformed: 0,
  unwanted: 0,
  duplicates: 0,
  oversized: 0,
  delivered: 0,
  replayed: 0,
  conflated: 0,
  dropped: 0,
  evicted: 0,
  gaps: 0,
  refused: 0,
  joins: 0,
  leaves: 0,
  polls: 0,
  reloads: 0,
  connects: 0,
  drops: 0,
  unrecorded: 0,
}

/** What `inspect()` answers where there is one tab, and nothing was counted. */
export const snapshotOf = (
  startedAt: number,
  status: Status,
  panels: readonly PanelRef[],
  rooms: Snapshot['rooms'],
): Snapshot => ({
  incarnation: 'fake',
  worker: 'fake',
  startedAt,
  status,
  tabs: [{ id: 'fake', here: true, visible: true, panels, waiting: 0, unanswered: 0 }],
  rooms,
  link: { downtime: 0, outages: [], roundTrips: [] },
  counters: NONE,
  timeline: [],
})
