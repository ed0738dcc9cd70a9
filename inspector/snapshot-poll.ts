/** The time from an answer to the next request, in ms. */
const INTERVAL = 1000

export interface SnapshotPoll {
  /** Asks at once if the element is visible, else as soon as it is. */
  run(): void
  stop(): void
}

/**
 * Calls `ask` about once a second while the element is visible: scrolled into view, on a page in front. It waits for
 * one call to end before it makes the next, and makes none after `stop`.
 */
export function createSnapshotPoll(element: Element, ask: () => Promise<void>): SnapshotPoll {
  // The element may be in another window than the line's page: what counts is whether that window is visible.
  const page = element.ownerDocument
  const view = page.defaultView ?? window
  let timer: number | undefined
  let isInView = false
  let isAsking = false
  let isDueAgain = false
  let isStopped = false

  const isVisible = () => !isStopped && isInView && page.visibilityState === 'visible'

  async function run() {
    view.clearTimeout(timer)
    if (!isVisible()) return
    isDueAgain = isAsking
    if (isAsking) return
    isAsking = true
    await ask()
    isAsking = false
    if (!isVisible()) return
    if (isDueAgain) void run()
    else timer = view.setTimeout(run, INTERVAL)
  }

  const observer = new view.IntersectionObserver((entries) => {
    const inView = entries.at(-1)?.isIntersecting ?? false
    if (inView === isInView) return
    isInView = inView
    void run()
  })
  observer.observe(element)
  page.addEventListener('visibilitychange', run)

  return {
    run: () => void run(),
    stop() {
      isStopped = true
      view.clearTimeout(timer)
      observer.disconnect()
      page.removeEventListener('visibilitychange', run)
    },
  }
}
