import type { PanelStatus, ReloadOrder, Snapshot, Status } from 'partyline'
import type { Census } from '../../server/census.ts'

/** What can be read at a moment. */
export interface Reading {
  readonly status: Status
  readonly panel: PanelStatus
  /** The address' hash. */
  readonly hash: string
  /** The version this page was served as. */
  readonly version: string
  /** When this page was loaded. */
  readonly loadedAt: number
  /** The server's own count; absent while it does not answer. */
  readonly census?: Census
  /** The worker's; absent while it does not. */
  readonly snapshot?: Snapshot
  /** Partyline's databases. */
  readonly databases: readonly string[]
}

/** Something the page was told. */
export type Note =
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'gap' }
  | { readonly type: 'filled'; readonly count: number }
  | { readonly type: 'order'; readonly order: ReloadOrder }
  | { readonly type: 'event'; readonly id: string; readonly happenedAt: number; readonly lag: number }

/** All that was seen since a fault was done. */
export interface Evidence {
  readonly since: number
  readonly before: Reading
  now: Reading
  readonly statuses: Status[]
  readonly orders: ReloadOrder[]
  gaps: number
  filled: number
  /** Events that were missing, and fetched. */
  fetched: number
  events: number
  /** Live events of a burst. */
  bursts: number
  lag: number
  /** How long the page stood still, and events that happened meanwhile. */
  readonly still: { from: number; to: number; events: number }
  /** How long the fault lasts, and how many events it makes. */
  readonly seconds: number
  readonly count: number
}

export const freshEvidence = (since: number, before: Reading, seconds: number, count: number): Evidence => ({
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
  still: { from: 0, to: 0, events: 0 },
  seconds,
  count,
})

/** The most of one kind that is kept. */
const MOST = 100

export function addNote(evidence: Evidence, note: Note): void {
  switch (note.type) {
    case 'status':
      if (evidence.statuses.push(note.status) > MOST) evidence.statuses.shift()
      break
    case 'gap':
      evidence.gaps += 1
      break
    case 'filled':
      evidence.filled += 1
      evidence.fetched += note.count
      break
    case 'order':
      evidence.orders.push(note.order)
      break
    case 'event': {
      evidence.events += 1
      evidence.lag = note.lag
      if (note.id.startsWith('burst:') && note.happenedAt >= evidence.since - 1000) evidence.bursts += 1
      const { still } = evidence
      if (note.happenedAt > still.from && note.happenedAt < still.to) still.events += 1
      break
    }
  }
}
