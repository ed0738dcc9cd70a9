import type { Desk } from './desk.ts'
import { fetchPast } from './past.ts'
import type { Source } from './source.ts'

export interface GapParts {
  readonly source: Source
  readonly desk: Desk
  readonly changed: () => void
  readonly filled: (count: number) => void
}

/** Events are stamped where they happen, and gaps where they are noticed: a little more on both sides does no harm. */
const MARGIN = 3000

/** Fetches what a gap has swallowed; a gap that cannot be filled now is filled once the line is up again. */
export function fillGaps({ source, desk, changed, filled }: GapParts): void {
  const open = new Set<() => Promise<void>>()

  source.on('gap', (gap) => {
    const holes = gap.rooms.map((room) => ({ room, hole: desk.any(room).open(gap.from, gap.to) }))
    const fill = async () => {
      try {
        const past = await fetchPast(gap.rooms, gap.from - MARGIN, gap.to + MARGIN)
        let count = 0
        for (const { room, hole } of holes) {
          hole.filled = desk.any(room).add(past[room] ?? [], true)
          count += hole.filled
        }
        open.delete(fill)
        filled(count)
        changed()
      } catch {
        // The server is away again: `status` will tell when it is back.
      }
    }
    open.add(fill)
    changed()
    void fill()
  })
  source.on('status', ({ state }) => {
    if (state === 'online') for (const fill of open) void fill()
  })
}
