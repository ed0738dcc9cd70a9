/** How long a change may wait where no frame is drawn: a tab in the background draws none. In ms. */
const LONGEST = 100

const due = new Set<() => void>()

/** Calls `act` once with the next frame, however often it is asked to. All that is due is shown in one rendering. */
export function withNextFrame(act: () => void): void {
  const isAsked = due.size > 0
  due.add(act)
  if (isAsked) return
  const run = () => {
    // A request that is never served would be kept, one for each change while the tab is in the background.
    cancelAnimationFrame(frame)
    clearTimeout(timer)
    // Each in a microtask of its own: one that throws disturbs no other, and React renders after the last.
    for (const each of due) queueMicrotask(each)
    due.clear()
  }
  const timer = setTimeout(run, LONGEST)
  const frame = requestAnimationFrame(run)
}
