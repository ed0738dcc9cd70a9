import type { Failure } from './errors'

/**
 * - `connecting`: the first attempt, or one asked for by hand, is under way; or the worker has ended and another starts
 * - `online`: the server has accepted the handshake
 * - `offline`: lost; retrying for ever, and polling the version meanwhile. Or no worker can be started: see `error`
 * - `unauthorized`: the server refused the token twice; re-checked quietly
 * - `paused`: hung up by hand, until `connect()`
 * - `closed`: this line is over
 */
export type State = 'connecting' | 'online' | 'offline' | 'unauthorized' | 'paused' | 'closed'

export interface Status {
  readonly state: State
  /** When this state began, in ms, by the worker's clock. */
  readonly since: number
  /** Attempts since the link was last up; 0 while it is. */
  readonly attempt: number
  /** When the next attempt is due, in ms, by the wall clock. Only while one is. */
  readonly nextTryAt?: number
  /**
   * What went wrong last. Cleared by the next success. Of the link: `link-lost`, `refused`, `token-failed`. Of the worker,
   * without which nobody knows how the link is: `worker-died` while another is started, `worker-failed` while none can be,
   * and `bad-option` or `wrong-worker`, which only a change of the app can end.
   */
  readonly error?: Failure
  /** `true` when the server gave the last session back, missed events included. */
  readonly recovered?: boolean
  /** The last measured round trip to the server, in ms. */
  readonly rtt?: number
  /** The version this page was ordered to reload for, and came back without. */
  readonly outdated?: string
  /** `false` where each tab has to run a worker of its own. */
  readonly shared: boolean
  /** `false` where rooms cannot be kept in the database and live in memory alone. */
  readonly persistent: boolean
}

/**
 * - `joining`: asked for, not confirmed yet; or confirmed a moment ago, with a gap still to be told
 * - `live`: confirmed by the server, on the connection that is up now
 * - `stale`: was live; the connection is down, or the worker is not there
 * - `denied`: the server said no; asked again at the next handshake
 */
export type RoomState = 'joining' | 'live' | 'stale' | 'denied'

export interface PanelStatus {
  /** The worst state of its rooms: `denied`, `stale`, `joining`, `live`. */
  readonly state: RoomState
  readonly rooms: Readonly<Record<string, RoomState>>
  /** When the state began, in ms, by the worker's clock; 0 for a panel nobody here has subscribed to. */
  readonly since: number
  /** When the last event of the panel came, in ms, by the worker's clock. */
  readonly lastAt?: number
}

export interface ReloadOrder {
  readonly reason: 'broadcast' | 'version' | 'stuck'
  readonly version?: string
  readonly message?: string
}

/**
 * Events of these rooms may be missing between the two times: fetch what you show. Told once per cause, with all rooms of
 * this tab that miss something for that cause at the moment.
 */
export interface Gap {
  readonly rooms: readonly string[]
  readonly from: number
  readonly to: number
  readonly cause: GapCause
}
/**
 * - `link`: the connection was down, and the server did not give the session back
 * - `worker`: the worker died, and what came meanwhile is not to be had
 * - `queue`: the worker could not give events to this tab: too many waited, or one was too long, could not be read by the
 *   dialect, or could not be posted
 * - `away`: the tab was away too long, or more came than is kept for a tab that is away
 * - `sequence`: the server's own numbers have a hole
 */
export type GapCause = 'link' | 'worker' | 'queue' | 'away' | 'sequence'

export interface Denial {
  readonly room: string
  readonly reason: string
  /** The panels of this tab that want the room. */
  readonly panels: readonly (string | readonly string[])[]
}
