import type { PanelStatus, ReloadOrder, Snapshot, Status } from 'partyline'
import type { ServerCounts } from '../../server/counts.ts'

/** The state of everything at one moment. */
export interface Reading {
  readonly status: Status
  readonly panel: PanelStatus
  /** `location.hash`. */
  readonly hash: string
  /** The version of this page. */
  readonly version: string
  /** When this page was loaded. */
  readonly loadedAt: number
  /** The server's counts; absent while it does not answer. */
  readonly counts?: ServerCounts
  /** The worker's snapshot; absent while it does not answer. */
  readonly snapshot?: Snapshot
  /** The names of Partyline's databases. */
  readonly databases: readonly string[]
}

/** An event of the line, or of the page. */
export type PageEvent =
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'gap' }
  | { readonly type: 'filled'; readonly count: number }
  | { readonly type: 'order'; readonly order: ReloadOrder }
  | { readonly type: 'event'; readonly id: string; readonly happenedAt: number; readonly lag: number }

/** Everything that happened since a fault was run. */
export interface Evidence {
  readonly since: number
  readonly before: Reading
  now: Reading
  readonly statuses: Status[]
  readonly orders: ReloadOrder[]
  gaps: number
  filled: number
  /** How many missed events were fetched. */
  fetched: number
  events: number
  /** How many live events came from a burst. */
  bursts: number
  lag: number
  /** When the main thread was blocked, and how many events of that time have come. */
  readonly blocked: { from: number; to: number; events: number }
  /** How long the fault lasts, and how many events it causes. */
  readonly seconds: number
  readonly count: number
}

export const createEvidence = (since: number, before: Reading, seconds: number, count: number): Evidence => ({
  since,
  before,
  now: before,
  statuses: [],
  orders: [],
  gaps: 0,
  filled: 0,
  fetched: 0,
  events: 0,
  bursts: 0,
  lag: 0,
  blocked: { from: 0, to: 0, events: 0 },
  seconds,
  count,
})

const STATUS_LIMIT = 100

export function addPageEvent(evidence: Evidence, event: PageEvent): void {
  switch (event.type) {
    case 'status':
      if (evidence.statuses.push(event.status) > STATUS_LIMIT) evidence.statuses.shift()
      break
    case 'gap':
      evidence.gaps += 1
      break
    case 'filled':
      evidence.filled += 1
      evidence.fetched += event.count
      break
    case 'order':
      evidence.orders.push(event.order)
      break
    case 'event': {
      evidence.events += 1
      evidence.lag = event.lag
      if (event.id.startsWith('burst:') && event.happenedAt >= evidence.since - 1000) evidence.bursts += 1
      const { blocked } = evidence
      if (event.happenedAt > blocked.from && event.happenedAt < blocked.to) blocked.events += 1
      break
    }
  }
}
