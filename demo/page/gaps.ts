import { fetchHistory } from './history.ts'
import type { RoomLogs } from './room-logs.ts'
import type { Source } from './source.ts'

export interface GapParts {
  readonly source: Source
  readonly logs: RoomLogs
  readonly onChange: () => void
  readonly onFilled: (count: number) => void
}

/** Added to both ends of a gap, in ms: events have the time when they happened, gaps the time when they were noticed. */
const MARGIN = 3000

/** Fetches the events that a gap may have missed. If that fails, it tries again when the line is online. */
export function fillGaps({ source, logs, onChange, onFilled }: GapParts): void {
  const unfilled = new Set<() => Promise<void>>()

  source.on('gap', (gap) => {
    const parts = gap.rooms.map((room) => ({ room, logGap: logs.any(room).addGap(gap.from, gap.to) }))
    const fill = async () => {
      try {
        const history = await fetchHistory(gap.rooms, gap.from - MARGIN, gap.to + MARGIN)
        let count = 0
        for (const { room, logGap } of parts) {
          logGap.filled = logs.any(room).add(history[room] ?? [], true)
          count += logGap.filled
        }
        unfilled.delete(fill)
        onFilled(count)
        onChange()
      } catch {
        // The server is down again: the next `online` tries again.
      }
    }
    unfilled.add(fill)
    onChange()
    void fill()
  })
  source.on('status', ({ state }) => {
    if (state === 'online') for (const fill of unfilled) void fill()
  })
}
