import type { Snapshot } from '../../shared/snapshot'
import type { RoomState } from '../../shared/status'
import { createTable, type Table } from '../dom/table'
import { formatNumber, formatTime } from '../format'

const STATES: Readonly<Record<RoomState, readonly [label: string, tone: string]>> = {
  live: ['joined', 'good'],
  joining: ['joining', 'wait'],
  stale: ['stale', 'stale'],
  denied: ['denied', 'bad'],
}

/** The rooms, how many tabs want each, and its state at the server. */
export function createRooms(): Pick<Table, 'root'> & { update(snapshot: Snapshot): void } {
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
    update: ({ rooms }) =>
      update(
        [...rooms]
          .sort((a, b) => (a.room < b.room ? -1 : 1))
          .map(({ room, wanted, state, since, reason }) => {
            const [text, tone] = STATES[state]
            const sinceText = `since ${formatTime(since)}`
            return {
              key: room,
              cells: [
                room,
                formatNumber(wanted),
                { text, tone, note: reason === undefined ? sinceText : `${sinceText}: ${reason}` },
              ],
            }
          }),
      ),
  }
}
