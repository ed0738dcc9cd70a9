import type { Gap, GapCause } from '../shared/status'

/** Gaps, merged to one per cause. */
export interface Gaps {
  readonly all: readonly Gap[]
  add(rooms: Iterable<string>, from: number, to: number, cause: GapCause): void
}

export function createGaps(): Gaps {
  const gaps = new Map<GapCause, { readonly rooms: Set<string>; from: number; to: number }>()
  return {
    get all() {
      return [...gaps].map(([cause, { rooms, from, to }]) => ({ rooms: [...rooms], from, to, cause }))
    },
    add(rooms, from, to, cause) {
      const gap = gaps.get(cause) ?? { rooms: new Set(), from, to }
      gaps.set(cause, gap)
      gap.from = Math.min(gap.from, from)
      gap.to = Math.max(gap.to, to)
      for (const room of rooms) gap.rooms.add(room)
    },
  }
}
