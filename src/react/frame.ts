/** How long a call waits for a frame, in ms. A tab in the background draws none. */
const LONGEST = 100

const due = new Set<() => void>()

/** Calls `act` once at the next frame, however often it was requested. React renders once for all calls of a frame. */
export function onNextFrame(act: () => void): void {
  const isRequested = due.size > 0
  due.add(act)
  if (isRequested) return
  const run = () => {
    // In a background tab, which draws no frames, the requests would pile up: one for each run of the timer.
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    // Each in a separate microtask: one that throws does not stop the others, and React renders after the last.
    for (const each of due) queueMicrotask(each)
    due.clear()
  }
  const timer = setTimeout(run, LONGEST)
  const frame = requestAnimationFrame(run)
}
