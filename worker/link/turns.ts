/**
 * Lets one at a time dial: a browser opens one WebSocket per host at a time, so the others would wait anyway, while their
 * time for the handshake runs out.
 */
export interface Turns {
  /** Resolves when it is this one's turn. One that has the turn gives it up, and waits for another. */
  take(who: object): Promise<void>
  /** This one has dialled, or does not want to any more. */
  end(who: object): void
}

/** How long a turn may last, in ms: a server that does not answer must not hold up the others for long. */
const LONGEST = 2000

export function createTurns(): Turns {
  /** The first one has the turn. */
  const queue: { readonly who: object; readonly go: () => void }[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function start() {
    clearTimeout(timer)
    const [first] = queue
    if (!first) return
    first.go()
    timer = setTimeout(() => end(first.who), LONGEST)
  }

  function end(who: object) {
    const place = queue.findIndex((each) => each.who === who)
    if (place < 0) return
    queue.splice(place, 1)
    if (place === 0) start()
  }

  return {
    take(who) {
      end(who)
      return new Promise((go) => {
        queue.push({ who, go })
        if (queue.length === 1) start()
      })
    },
    end,
  }
}
