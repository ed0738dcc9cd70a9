import type { GapCause, RoomState } from '../../shared/status'
import type { RoomReport } from '../../shared/wire'
import { now } from '../clock'

/** A room that some tab wants, or wanted a moment ago. */
export interface Room {
  /** The tabs that want it. */
  readonly holders: Set<string>
  state: RoomState
  since: number
  /** Why the server denied it. */
  reason?: string
  /** Since when its events may be missing. Cleared when a session is recovered; else reported as a gap once it is live. */
  missed?: { readonly from: number; readonly cause: GapCause }
  /**
   * Set where an earlier worker had joined the room: `perhaps` until the handshake, then `yes` if the server recovered that
   * worker's session, so that nothing is missing.
   */
  carried?: 'perhaps' | 'yes'
  /** Set until the room is joined, if no panel of the earlier build had it. No page had its events, so no gap is reported. */
  isNew?: boolean
  /**
   * Set where the server was told to leave the room before it is joined again. Until then an event may have been sent before the leave,
   * so that the next ones are missing: only the server's answer shows that it has joined.
   */
  unsureUntil?: number
  /** Whether its tabs were told that the join is not answered. They are told again only after an answer. */
  isLate?: boolean
  /** Runs while nobody wants the room and its leave is delayed. */
  lingering?: ReturnType<typeof setTimeout>
}

export function setState(room: Room, state: RoomState, reason?: string): void {
  if (room.state !== state) room.since = now()
  room.state = state
  if (reason === undefined) delete room.reason
  else room.reason = reason
}

export const reportOf = (name: string, { state, since }: Room): RoomReport => [name, state, since]
