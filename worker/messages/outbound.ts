import { PartylineError } from '../../shared/errors'
import type { Guard } from '../dialect/guard'
import type { Connection } from '../link/connection'
import type { Recorder } from '../recorder'
import { JOIN_PATIENCE } from '../rooms/joins'

export interface OutboundParts {
  readonly guarded: Guard
  /** Whether the dialect has `resume`. */
  readonly canResume: boolean
  readonly connection: Pick<Connection, 'send' | 'join' | 'leave'>
  readonly recorder: Recorder
  /** The server acknowledged a join. */
  readonly onJoined: (room: string) => void
  /** The server denied a join, for this reason. */
  readonly onDenied: (room: string, reason: string) => void
}

/** Joins and leaves rooms in the words of the dialect. Only while the link is open. */
export interface Outbound {
  /** Sends a join. Returns false if the dialect gives no message for it. */
  join(room: string): boolean
  /** `isDenied`: the server has not joined the room, so it is told nothing. */
  leave(room: string, isDenied: boolean): void
  /** Asks for what was missed, where the dialect can. */
  resume(positions: Readonly<Record<string, string | number>>): void
  /** The error for tabs whose room stays `joining` because the server does not answer. */
  unanswered(room: string): PartylineError
}

export function createOutbound({
  guarded,
  canResume,
  connection,
  recorder,
  onJoined,
  onDenied,
}: OutboundParts): Outbound {
  /** The name of the last join. */
  let joinName = 'join'

  return {
    join(room) {
      if (connection.join) {
        recorder.count('joins')
        connection.join(room)
        return true
      }
      const message = guarded('join', room)?.said
      if (!message) return false
      joinName = message.name
      recorder.count('joins')
      connection.send(message, (acknowledgement) => {
        const denial = guarded('denial', acknowledgement)
        if (!denial) return
        if (denial.said === undefined) onJoined(room)
        else onDenied(room, denial.said)
      })
      return true
    },
    leave(room, isDenied) {
      if (connection.leave) {
        recorder.count('leaves')
        return connection.leave(room)
      }
      if (isDenied) return
      const message = guarded('leave', room)?.said
      if (!message) return
      recorder.count('leaves')
      connection.send(message)
    },
    resume(positions) {
      if (!canResume || Object.keys(positions).length === 0) return
      const message = guarded('resume', positions)?.said
      if (message) connection.send(message)
    },
    unanswered(room) {
      if (connection.join)
        return new PartylineError(
          'join-unanswered',
          `Room "${room}" could not be opened within ${JOIN_PATIENCE / 1000} s, so it stays "joining". It is tried again.`,
        )
      return new PartylineError(
        'join-unanswered',
        `The server has not answered "${joinName}" for room "${room}" within ${JOIN_PATIENCE / 1000} s, so the room stays "joining". It is asked again. ` +
          `The server should acknowledge "${joinName}", or emit what its dialect reads as joined or denied: by default ` +
          `"room_joined" or "room_denied" with { room: "${room}" }.`,
      )
    },
  }
}
