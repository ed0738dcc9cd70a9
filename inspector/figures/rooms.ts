import type { Snapshot } from '../../shared/snapshot'
import type { RoomState } from '../../shared/status'
import { clock, count } from '../dom/format'
import { createTable, type Table } from '../dom/table'

/** What a room is to us, and how that is marked. */
const STANDING: Readonly<Record<RoomState, readonly [word: string, tone: string]>> = {
  live: ['joined', 'good'],
  joining: ['asked for', 'wait'],
  stale: ['link is down', 'stale'],
  denied: ['denied', 'bad'],
}

/** The rooms that are wanted against those that are joined. */
export function createRooms(): Pick<Table, 'root'> & { update(snapshot: Snapshot): void } {
  const { root, update } = createTable(
    'Rooms',
    [
      { label: 'Room', kind: 'text' },
      { label: 'Tabs', kind: 'number' },
      { label: 'At the server', kind: 'text' },
    ],
    'No room is wanted.',
    'rooms',
  )
  return {
    root,
    update: ({ rooms }) =>
      update(
        [...rooms]
          .sort((a, b) => (a.room < b.room ? -1 : 1))
          .map(({ room, wanted, state, since, reason }) => {
            const [word, tone] = STANDING[state]
            const when = `since ${clock(since)}`
            return {
              key: room,
              cells: [
                room,
                count(wanted),
                { text: word, tone, note: reason === undefined ? when : `${reason}, ${when}` },
              ],
            }
          }),
      ),
  }
}
