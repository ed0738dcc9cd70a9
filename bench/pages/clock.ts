/**
 * Wall clock in ms with fractions, the same in pages and in Node: `performance.timeOrigin` may be off by some ms, so it
 * is set by the moments at which `Date.now()` moves on. Whatever comes in between makes it slow, so the fastest counts.
 */
export function createClock(): () => number {
  let offset = Number.NEGATIVE_INFINITY
  for (let look = 0; look < 5; look += 1) {
    const before = Date.now()
    let wall = before
    while (wall === before) wall = Date.now()
    offset = Math.max(offset, wall - performance.now())
  }
  return () => performance.now() + offset
}
