/**
 * A wall clock in fractions of ms that pages and Node share. `performance.timeOrigin` may be wrong by some ms, so the clock is
 * set at the moment when `Date.now()` changes. Interruptions make this moment appear late, so the fastest of five counts.
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
