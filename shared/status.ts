import type { Failure } from './errors'

/**
 * The state of the connection, as a line reports it.
 *
 * - `connecting`: the first attempt, or one after `connect()`, is under way; or the worker has ended and another starts
 * - `online`: the server has accepted the handshake
 * - `offline`: the connection is down. The worker retries without end, and polls the version. Or no worker can be
 *   started: see `error`
 * - `unauthorized`: the server refused two tokens in a row, and the worker retries once a minute; or the server wants no further
 *   attempt, and the worker waits for `retry()`
 * - `paused`: disconnected by `disconnect()`, until `connect()`
 * - `closed`: this line was closed, by `close()` or by a sign-out; it never opens again
 */
export type State = 'connecting' | 'online' | 'offline' | 'unauthorized' | 'paused' | 'closed'

/** The status of the connection: `line.status`. A change replaces the object. */
export interface Status {
  readonly state: State
  /** When this state began, in ms, by the worker's clock. */
  readonly since: number
  /** How many attempts to connect were made since the connection was last up; 0 while `online`. */
  readonly attempt: number
  /** When the next attempt is due, in ms, by the wall clock (`Date.now()`). Absent if none is due. */
  readonly nextTryAt?: number
  /**
   * The last error. The next success clears it.
   *
   * - Of the connection: `link-lost`, `local-network`, `refused`, `token-failed`
   * - Of the worker: `worker-died` while a replacement starts, `worker-failed` while none can be started, and `bad-option`
   *   or `wrong-worker`, which last until the app is corrected
   */
  readonly error?: Failure
  /** `true` if the server restored the session at the last connect, missed events included. */
  readonly recovered?: boolean
  /** The last measured round trip to the server, in ms. */
  readonly rtt?: number
  /** The version that this page was reloaded for and still does not run. */
  readonly outdated?: string
  /** How many messages are kept and not acknowledged yet. Absent if there are none. */
  readonly unsent?: number
  /** `false` if this tab has its own connection: its dedicated worker finds no Web Locks, or `share` is `false`. */
  readonly shared: boolean
  /** `false` while the database does not work: panels are kept in memory only. */
  readonly persistent: boolean
}

/**
 * The state of a room, and of a panel.
 *
 * - `joining`: the server has not confirmed the join yet, or has just done so and a gap is still to be reported
 * - `live`: the server confirmed the join on the present connection
 * - `stale`: it was live, and the connection is down or the worker has ended
 * - `denied`: the server denied the join. The worker sends it again after the next handshake
 */
export type RoomState = 'joining' | 'live' | 'stale' | 'denied'

/** The state of a panel and of its rooms: `line.panel(panel)`. */
export interface PanelStatus {
  /** The worst state among its rooms. From worst to best: `denied`, `stale`, `joining`, `live`. */
  readonly state: RoomState
  readonly rooms: Readonly<Record<string, RoomState>>
  /** When the state began, in ms, by the worker's clock; 0 for a panel that this page has not subscribed to. */
  readonly since: number
  /** When the worker received the panel's last event, in ms, by its clock. Absent if there was none. */
  readonly lastAt?: number
}

/** An order to reload the page. The line only emits it: the app decides when to reload, for example with `reloader`. */
export interface ReloadOrder {
  /**
   * - `broadcast`: the server ordered all pages to reload
   * - `version`: a version other than the page's is deployed
   * - `stuck`: the connection stays down although the version endpoint answers
   */
  readonly reason: 'broadcast' | 'version' | 'stuck'
  /** The version to reload for, if it is known. */
  readonly version?: string
  /** The text that the server sent with a broadcast, for the user. */
  readonly message?: string
}

/**
 * A report that events of some rooms may be missing: fetch again what you show of them. One report per cause names all
 * rooms of this tab that it affects at that moment.
 */
export interface Gap {
  readonly rooms: readonly string[]
  /** Since when events may be missing, in ms, by the worker's clock. */
  readonly from: number
  /** Until when events may be missing, in ms, by the worker's clock. */
  readonly to: number
  readonly cause: GapCause
}

/**
 * Why events may be missing.
 *
 * - `link`: the connection was down, and the server did not restore the session
 * - `worker`: the worker ended, and the events that came meanwhile cannot be recovered
 * - `queue`: the worker could not deliver events to this tab: too many waited, or one was too long, could not be read by
 *   the dialect, or could not be posted
 * - `away`: the tab was away for longer than `grace`, or more events came than are kept for an absent tab
 * - `sequence`: a number is missing in the sequence by which the server numbers events
 * - `invalid`: an event did not fit the schema of its room, so nobody got it
 */
export type GapCause = 'link' | 'worker' | 'queue' | 'away' | 'sequence' | 'invalid'

/** A room that the server denied, as the line's event `denied` reports it. */
export interface Denial {
  readonly room: string
  /** The reason that the server gave. */
  readonly reason: string
  /** The panels of this tab that have the room. */
  readonly panels: readonly (string | readonly string[])[]
}
