import type { PanelRef } from './names'
import type { GapCause, ReloadOrder, RoomState, State, Status } from './status'

export interface Snapshot {
  readonly incarnation: string
  readonly worker: string
  readonly startedAt: number
  readonly status: Status
  /** Each line of a page is one. */
  readonly tabs: readonly {
    /** The beginning of the tab's id: it tells tabs apart, and is not enough to say hello in that tab's place. */
    readonly id: string
    readonly here: boolean
    readonly visible: boolean
    readonly panels: readonly PanelRef[]
    /** Events that wait for it. */
    readonly waiting: number
    /** Messages it was given and has not answered. */
    readonly unanswered: number
  }[]
  readonly rooms: readonly {
    readonly room: string
    readonly wanted: number
    readonly state: RoomState
    readonly since: number
    readonly reason?: string
  }[]
  readonly link: {
    /** Since when it is up; absent while it is not. */
    readonly upSince?: number
    /** How long it was down in all, in ms, since it was first up. */
    readonly downtime: number
    /** The last times it was down: when, why, for how long, and whether the server gave the session back. */
    readonly outages: readonly {
      readonly at: number
      readonly reason: string
      /** It was not lost but hung up: by hand, or because no tab was left. */
      readonly hungUp?: 'paused' | 'idle'
      readonly for?: number
      readonly recovered?: boolean
    }[]
    /** The last round trips to the server that were measured. */
    readonly roundTrips: readonly { readonly at: number; readonly ms: number }[]
  }
  /** What the version endpoint said last. */
  readonly version?: { readonly at: number; readonly version?: string; readonly error?: string }
  readonly counters: Readonly<Record<Counter, number>>
  /** The last 200 things that happened, the oldest first. */
  readonly timeline: readonly TimelineEntry[]
}

/**
 * One thing that happened, and when, by the worker's wall clock in ms. Texts are cut after 300 characters, lists after 300
 * parts. No entry has a token or a payload. A worker of a later version may send other names: give a `switch` over `what`
 * a default.
 */
export type TimelineEntry = { readonly at: number } & Happening

/** What happened, without the time. */
export type Happening =
  /** The line has another state; `idle`: hung up, because no tab was left. `reason`: what went wrong last, if anything did. */
  | {
      readonly what: 'state-changed'
      readonly state: Exclude<State, 'closed'> | 'idle'
      readonly reason?: string
    }
  /** An attempt to connect failed, and the state stayed as it was. */
  | { readonly what: 'attempt-failed'; readonly attempt: number; readonly reason: string }
  /** The version endpoint named a version: the first answer of an outage, or another than its last. */
  | { readonly what: 'version-read'; readonly version: string }
  /** The version endpoint gave no version: the first answer of an outage, or its last was a version. */
  | { readonly what: 'version-unavailable'; readonly reason: string }
  /** The rooms are live again, and events of them may have been missed. */
  | { readonly what: 'gap'; readonly rooms: readonly string[]; readonly cause: GapCause }
  /** A page said hello: of a new tab, after a reload, or to a new worker. */
  | { readonly what: 'tab-arrived'; readonly tab: string }
  /** The tab's page is gone. Its rooms are kept for `grace`. */
  | { readonly what: 'tab-left'; readonly tab: string }
  /** The tab did not come back in time, left for good, or signed out: nothing is kept for it. */
  | { readonly what: 'tab-forgotten'; readonly tab: string }
  /** A panel that the tab had is not in the worker's table, or the table's function threw. */
  | {
      readonly what: 'panel-not-restored'
      readonly tab: string
      readonly panel: PanelRef
      readonly reason: string
    }
  /** This worker continues the session of the last one: its first handshake asks the server for what was missed. */
  | { readonly what: 'session-restored' }
  /** The last worker left no session that can be continued: its tabs get gaps. */
  | { readonly what: 'session-not-restored' }
  /** The server ordered all pages to reload. */
  | { readonly what: 'reload-ordered' }
  /** One tab was ordered to reload, and for which version. */
  | ({ readonly what: 'reload-given'; readonly tab: string } & Omit<ReloadOrder, 'message'>)
  /** The worker's clock jumped: the machine was asleep. */
  | { readonly what: 'woke-from-sleep' }
  /** A page signed the user out. */
  | { readonly what: 'signed-out' }

/**
 * - `received`: messages of the server, of which `system` traffic, `data`, `unrouted`, `malformed` (also: what a dialect
 *   could not say, and events that could not be posted to a tab)
 * - `unwanted`: events of rooms nobody wants; `duplicates`: that came before; `oversized`: longer than `largest`
 * - `delivered`: events posted to tabs; `replayed`: last values, beside them; `conflated`: left out for a tab in the background
 * - `dropped`: events that found no room in a queue; `evicted`: last values that found none; `gaps`: told to tabs
 * - `refused`: calls of pages that asked for what there is not, or for too much
 * - `unrecorded`: entries this snapshot has no room for
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
  'delivered',
  'replayed',
  'conflated',
  'dropped',
  'evicted',
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

/** Nothing was counted yet. */
export const noCounts = (): Record<Counter, number> =>
  Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<Counter, number>
