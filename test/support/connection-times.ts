import type { Connection } from './server'

type Times = Pick<Connection, 'openedAt' | 'closedAt'>

/** How long more than one connection was open, and how long none was, in ms, by the server's clock. */
export function overlapsAndHoles(connections: readonly Times[]) {
  const [first, ...others] = [...connections].sort((a, b) => a.openedAt - b.openedAt)
  let end = first?.closedAt ?? Infinity
  const overlaps: number[] = []
  const holes: number[] = []
  for (const { openedAt, closedAt = Infinity } of others) {
    if (openedAt < end) overlaps.push(Math.min(end, closedAt) - openedAt)
    else holes.push(openedAt - end)
    end = Math.max(end, closedAt)
  }
  return { overlaps, holes }
}
