/** The windows in which events wait for others. They end together: many posts of one task cost less than one each. */
export interface Windows {
  /** Opens one: it ends in so many ms, or with those that are open already. Returns what closes it unheard. */
  open(ms: number, ended: () => void): () => void
}

export function createWindows(): Windows {
  let open = new Set<() => void>()
  let timer: ReturnType<typeof setTimeout> | undefined

  function end() {
    timer = undefined
    const over = open
    open = new Set()
    for (const ended of over) ended()
  }

  return {
    open(ms, ended) {
      const own = () => ended()
      open.add(own)
      if (timer === undefined) timer = setTimeout(end, ms)
      return () => void open.delete(own)
    },
  }
}
