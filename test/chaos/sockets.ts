import type { Period } from './judge-sends'

/** How often to count, in ms. */
const EVERY = 50
/** For how long there may be two sockets of one user, in ms. */
const MOMENT = 500

/**
 * Counts the sockets that the server has. `excuse` says for how many ms from now on there may be more than one: a worker that
 * cannot run keeps its own, and the server does not notice that one is half-open.
 */
export function createSocketCount(sockets: () => number) {
  const excuses: Period[] = []
  const found: string[] = []
  let most = 0
  /** Since when there has been more than one without an excuse. */
  let since: number | undefined

  function end(now: number) {
    if (since !== undefined && now - since > MOMENT)
      found.push(`the server had two sockets or more for ${now - since} ms, from ${since} on`)
    since = undefined
  }

  let counted = Date.now()
  const timer = setInterval(() => {
    const now = Date.now()
    // While this process stood still, nobody was counted.
    if (since !== undefined) since += Math.max(0, now - counted - 2 * EVERY)
    counted = now
    const count = sockets()
    most = Math.max(most, count)
    if (count < 2 || excuses.some(([from, to]) => from <= now && now <= to)) end(now)
    else since ??= now
  }, EVERY)

  return {
    excuse(ms: number) {
      const now = Date.now()
      excuses.push([now, now + ms + MOMENT])
    },
    stop() {
      clearInterval(timer)
      end(Date.now())
    },
    most: () => most,
    found: (): readonly string[] => found,
  }
}
