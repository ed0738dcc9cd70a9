import type { PanelRef } from './names'
import type { GapCause, ReloadOrder, RoomState, State, Status } from './status'

/**
 * The worker's state at one moment, as `inspect()` returns it. Plain data, for people and for the inspector: it has no
 * token and no payload.
 */
export interface Snapshot {
  /** The worker's id; a replacement has another. */
  readonly incarnation: string
  /** The worker's name. */
  readonly worker: string
  /** Since when the worker serves, in ms, by its clock. */
  readonly startedAt: number
  /** The build that serves. Absent for a dedicated worker. */
  readonly build?: {
    /** The address of the worker's script. */
    readonly address: string
    /** Tells builds at one address apart: changes with the script's text. Absent until it was read. */
    readonly text?: string | undefined
    /** When this browser first saw the build, in ms. Absent until it is known. */
    readonly firstSeenAt?: number
    /** Whether this worker serves only its own pages, because another build's worker serves the others. */
    readonly alone: boolean
  }
  readonly status: Status
  /** The tabs. Several lines of one page count as several tabs. */
  readonly tabs: readonly {
    /** The beginning of the tab's id: enough to tell tabs apart, too little to register in that tab's place. */
    readonly id: string
    /** `false` while the tab's page is gone and may still come back. */
    readonly here: boolean
    /** Whether the tab is in front. */
    readonly visible: boolean
    readonly panels: readonly PanelRef[]
    /** How many events wait in the tab's mailbox. */
    readonly waiting: number
    /** How many messages the tab has received and not acknowledged. */
    readonly unanswered: number
  }[]
  readonly rooms: readonly {
    readonly room: string
    /** How many tabs want the room. */
    readonly wanted: number
    readonly state: RoomState
    /** When the state began, in ms, by the worker's clock. */
    readonly since: number
    /** Why the server denied the room. */
    readonly reason?: string
    /** The room's own connection, where each room has one. */
    readonly connection?: Pick<Status, 'state' | 'since' | 'attempt' | 'nextTryAt' | 'error'>
  }[]
  /** The connection to the server. */
  readonly link: {
    /** Since when the connection is up; absent while it is down. */
    readonly upSince?: number
    /** For how long it was down in total, in ms, since it was first up. */
    readonly downtime: number
    /** The last 50 outages: when, why, for how long, and whether the server restored the session. */
    readonly outages: readonly {
      readonly at: number
      readonly reason: string
      /** Present if the connection was closed on purpose: by `disconnect()`, or because no tab was left. */
      readonly hungUp?: 'paused' | 'idle'
      /** In ms; absent while the outage lasts. */
      readonly for?: number
      readonly recovered?: boolean
    }[]
    /** The last 60 round trips to the server. */
    readonly roundTrips: readonly { readonly at: number; readonly ms: number }[]
  }
  /** The last answer of the version endpoint. */
  readonly version?: { readonly at: number; readonly version?: string; readonly error?: string }
  /** How often each thing has happened since the worker started. */
  readonly counters: Readonly<Record<Counter, number>>
  /** The last 200 entries, the oldest first. */
  readonly timeline: readonly TimelineEntry[]
}

/**
 * One thing that happened, and when, in ms, by the worker's wall clock. Texts are cut after 300 characters, lists after
 * 300 items. No entry has a token or a payload. A worker of a later version may send other names: give a `switch` over
 * `what` a `default`.
 */
export type TimelineEntry = { readonly at: number } & Happening

/** A timeline entry without its time. `what` says which fields it has. */
export type Happening =
  /** The connection's state changed. `idle`: it was closed because no tab was left. `reason`: the last error, if any. */
  | {
      readonly what: 'state-changed'
      readonly state: Exclude<State, 'closed'> | 'idle'
      readonly reason?: string
    }
  /** An attempt to connect failed, and the state did not change. */
  | { readonly what: 'attempt-failed'; readonly attempt: number; readonly reason: string }
  /** The version endpoint gave a version: its first answer in an outage, or one that differs from the last. */
  | { readonly what: 'version-read'; readonly version: string }
  /** The version endpoint gave no version: at the first poll of an outage, or the first time after it gave one. */
  | { readonly what: 'version-unavailable'; readonly reason: string }
  /** A gap: the rooms are live again, and some of their events may have been missed. */
  | { readonly what: 'gap'; readonly rooms: readonly string[]; readonly cause: GapCause }
  /** A page registered: a new tab, a tab after a reload, or a tab that found a new worker. */
  | { readonly what: 'tab-arrived'; readonly tab: string }
  /** The tab's page is gone. The worker keeps its rooms for `grace`. */
  | { readonly what: 'tab-left'; readonly tab: string }
  /** The worker keeps nothing for the tab any more: it did not come back in time, its line was closed, or it signed out. */
  | { readonly what: 'tab-forgotten'; readonly tab: string }
  /** A panel of the tab was not restored: the worker's table has no such panel, or the panel's function threw. */
  | {
      readonly what: 'panel-not-restored'
      readonly tab: string
      readonly panel: PanelRef
      readonly reason: string
    }
  /** The worker continues the session of the last worker: its first handshake asks the server for the missed events. */
  | { readonly what: 'session-restored' }
  /** The last worker left no session to continue: its tabs get gaps. */
  | { readonly what: 'session-not-restored' }
  /** A worker of another build handed over its tabs and rooms. `session`: the server can send what comes meanwhile. */
  | {
      readonly what: 'took-over'
      readonly address: string
      readonly tabs: number
      readonly rooms: number
      readonly session: boolean
    }
  /** A worker of another build wanted to serve, and this one goes on. */
  | { readonly what: 'kept-serving'; readonly address: string; readonly why: KeptReason }
  /** The server ordered all pages to reload. */
  | { readonly what: 'reload-ordered' }
  /** One tab was ordered to reload. */
  | ({ readonly what: 'reload-given'; readonly tab: string } & Omit<ReloadOrder, 'message'>)
  /** The worker's clock jumped: the machine was asleep. */
  | { readonly what: 'woke-from-sleep' }
  /** A page signed the user out. */
  | { readonly what: 'signed-out' }

/**
 * Why a worker goes on serving:
 * - `older`: this browser saw the other build before this one, and pages of this one are open
 * - `too-often`: earlier builds took over three times within the last minute
 * - `page-cannot-move`: a page could not open the other worker
 */
export type KeptReason = 'older' | 'too-often' | 'page-cannot-move'

/**
 * The name of a counter.
 *
 * - `received`: messages from the server, divided into `system`, `data`, `unrouted` (no room could be found) and
 *   `malformed`, which also counts messages that a dialect could not write and events that could not be posted to a tab
 * - `unwanted`: events of rooms that no tab wants
 * - `duplicates`: events that had come before
 * - `oversized`: events longer than `largest`
 * - `invalid`: events that did not fit the schema of their room, once for each of their rooms
 * - `delivered`: events posted to tabs; `replayed`: last values posted, which `delivered` does not count
 * - `conflated`: events replaced by a later one for a tab in the background
 * - `dropped`: events for which a queue had no space
 * - `evicted`: last values for which there was no space
 * - `kept`: messages stored until the server has acknowledged them; `expired`: those that it has not acknowledged in time
 * - `gaps`: gaps reported to tabs
 * - `refused`: calls of pages that were invalid or over a limit
 * - `unrecorded`: entries removed from timeline, outages and round trips because these were full
 */
export type Counter = (typeof COUNTERS)[number]
const COUNTERS = [
  'received',
  'system',
  'data',
  'unrouted',
  'malformed',
  'unwanted',
  'duplicates',
  'oversized',
  'invalid',
  'delivered',
  'replayed',
  'conflated',
  'dropped',
  'evicted',
  'kept',
  'expired',
  'gaps',
  'refused',
  'joins',
  'leaves',
  'polls',
  'reloads',
  'connects',
  'drops',
  'unrecorded',
] as const

/** Returns all counters at 0. */
export const noCounts = (): Record<Counter, number> =>
  Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<Counter, number>
