/** The windows in which events wait for others. They end together: many posts in one task cost less than one task each. */
export interface Windows {
  /**
   * Opens a window. It ends after `ms`, or with those that are open already. Returns what closes it without calling `onEnd`,
   * which must be a function of this window alone.
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
