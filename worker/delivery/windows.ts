/** The windows in which events wait for others. They end together: many posts in one task cost less than one task each. */
export interface Windows {
  /**
   * Opens a window. It ends after `ms`, or with those that are open already. Returns a function that cancels it. Pass a new `onEnd` each time, because windows are told apart by it.
   */
  open(ms: number, onEnd: () => void): () => void
}

export function createWindows(): Windows {
  let open = new Set<() => void>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function end() {
    timer = undefined
    const ended = open
    open = new Set()
    for (const onEnd of ended) onEnd()
  }

  return {
    open(ms, onEnd) {
      open.add(onEnd)
      if (timer === undefined) timer = setTimeout(end, ms)
      return () => void open.delete(onEnd)
    },
  }
}
