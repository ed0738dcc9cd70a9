import type { Snapshot } from '../../shared/snapshot'
import type { RoomState } from '../../shared/status'
import { createTable, type Table } from '../dom/table'
import { formatNumber, formatTime } from '../format'
import { STATES as CONNECTION_STATES, describeConnection } from './connection'

const STATES: Readonly<Record<RoomState, readonly [label: string, tone: string]>> = {
  live: ['joined', 'good'],
  joining: ['joining', 'wait'],
  stale: ['stale', 'stale'],
  denied: ['denied', 'bad'],
}

type Room = Snapshot['rooms'][number]

/** The state of the room's own connection, and its last error unless the room was denied for it. */
function notesOn({ connection, reason }: Room, now: number): string[] {
  if (!connection) return []
  const { state, error } = connection
  return [
    `connection ${CONNECTION_STATES[state].toLowerCase()} ${describeConnection(connection, now)}`,
    ...(error && error.message !== reason ? [error.message] : []),
  ]
}

/** The rooms, how many tabs want each, its state at the server, and its own connection where each has one. */
export function createRooms(): Pick<Table, 'root'> & { update(snapshot: Snapshot, now: number): void } {
  const { root, update } = createTable(
    'Rooms',
    [
      { label: 'Room', kind: 'text' },
      { label: 'Tabs', kind: 'number' },
      { label: 'At the server', kind: 'text' },
    ],
    'No rooms.',
    'rooms',
  )
  return {
    root,
    update: ({ rooms }, now) =>
      update(
        [...rooms]
          .sort((a, b) => (a.room < b.room ? -1 : 1))
          .map((each) => {
            const { room, wanted, state, since, reason } = each
            const [text, tone] = STATES[state]
            const sinceText = `since ${formatTime(since)}`
            return {
              key: room,
              cells: [
                room,
                formatNumber(wanted),
                {
                  text,
                  tone,
                  notes: [
                    reason === undefined ? sinceText : `${sinceText}: ${reason}`,
                    ...notesOn(each, now),
                  ],
                },
              ],
            }
          }),
      ),
  }
}
