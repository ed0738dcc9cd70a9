/** Runs actions in the order they were added, each after the delay that applied when it was added. */
export function createDelayQueue(delay: () => number) {
  const waiting: { readonly due: number; readonly act: () => void }[] = []
  let timer: ReturnType<typeof setTimeout> | undefined

  function run() {
    timer = undefined
    while (waiting[0] && waiting[0].due <= Date.now()) waiting.shift()?.act()
    if (waiting[0]) timer = setTimeout(run, waiting[0].due - Date.now())
  }

  return {
    add(act: () => void) {
      const wait = delay()
      if (wait === 0 && waiting.length === 0) {
        act()
        return
      }
      waiting.push({ due: Math.max(Date.now() + wait, waiting.at(-1)?.due ?? 0), act })
      timer ??= setTimeout(run, wait)
    },
    close: () => clearTimeout(timer),
  }
}

export type DelayQueue = ReturnType<typeof createDelayQueue>
