import type { PanelRef } from '../../shared/names'
import { noCounts, type Snapshot } from '../../shared/snapshot'
import type { Status } from '../../shared/status'

/** Returns a snapshot of a worker with one tab and with all counters at 0. */
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
  counters: noCounts(),
  timeline: [],
})
