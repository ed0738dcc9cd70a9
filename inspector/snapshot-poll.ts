/** How long after an answer the next look follows, in ms. */
const EVERY = 1000

export interface Lookout {
  /** Looks at once, if anybody can see it; else when somebody can. */
  look(): void
  stop(): void
}

/**
 * Looks about once a second, and only while the element can be seen: it is within sight and its page in front. One look
 * at a time, and none after `stop`.
 */
export function createLookout(element: Element, look: () => Promise<void>): Lookout {
  // Those of the window it is in: that may be in front while the line's page is not.
  const page = element.ownerDocument
  const view = page.defaultView ?? window
  let timer: number | undefined
  let isInSight = false
  let isLooking = false
  let isAskedAgain = false
  let isOver = false

  const isSeen = () => !isOver && isInSight && page.visibilityState === 'visible'

  async function run() {
    view.clearTimeout(timer)
    if (!isSeen()) return
    isAskedAgain = isLooking
    if (isLooking) return
    isLooking = true
    await look()
    isLooking = false
    if (!isSeen()) return
    if (isAskedAgain) void run()
    else timer = view.setTimeout(run, EVERY)
  }

  const observer = new view.IntersectionObserver((entries) => {
    const inSight = entries.at(-1)?.isIntersecting ?? false
    if (inSight === isInSight) return
    isInSight = inSight
    void run()
  })
  observer.observe(element)
  page.addEventListener('visibilitychange', run)

  return {
    look: () => void run(),
    stop() {
      isOver = true
      view.clearTimeout(timer)
      observer.disconnect()
      page.removeEventListener('visibilitychange', run)
    },
  }
}
