import type { ReloadOrder } from '../../shared/status'

type Broadcast = Omit<ReloadOrder, 'reason'>

/** A server sends a broadcast over each connection or subscription. All copies come within this many ms. */
const COPIES = 1000

/** Passes on one of the copies of each broadcast. */
export function createBroadcasts(pass: (order: Broadcast) => void): (order: Broadcast) => void {
  let last = ''
  let passedAt = 0
  return (order) => {
    const text = JSON.stringify(order)
    if (text === last && performance.now() - passedAt < COPIES) return
    last = text
    passedAt = performance.now()
    pass(order)
  }
}
