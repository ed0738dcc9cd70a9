/** The right to serve, which one worker of a user has at a time: a Web Lock. */
export interface Turn {
  /** Takes the turn if nobody has it. Resolves to `undefined` where there are no locks, or the browser refuses them. */
  tryTake(): Promise<boolean | undefined>
  /** Resolves once the turn is free, and takes it. */
  wait(signal: AbortSignal): Promise<void>
  /** Takes the turn from the worker that has it. */
  steal(): Promise<void>
}

/** @param lost Another worker has taken the turn. */
export function createTurn(locks: LockManager | undefined, name: string, lost: () => void): Turn {
  /** How often this worker has stolen the turn, from itself perhaps: then it has not lost what it took before. */
  let steals = 0

  function take(options: LockOptions): Promise<boolean> {
    const taken = steals
    return new Promise((resolve, reject) => {
      if (!locks) return reject(new Error('This browser has no locks.'))
      let isOurs = false
      const hold = (lock: Lock | null) => {
        isOurs = lock !== null
        resolve(isOurs)
        return isOurs ? new Promise(() => {}) : undefined
      }
      locks.request(name, options, hold).catch((error) => {
        if (isOurs && taken === steals) lost()
        reject(error)
      })
    })
  }
  const settle = (taken: Promise<unknown>) => taken.then(() => {}).catch(() => {})
  return {
    tryTake: () => take({ ifAvailable: true }).catch(() => undefined),
    // Without locks, or if it is called off, it is never granted.
    wait: (signal) =>
      new Promise((granted) =>
        take({ signal }).then(
          () => granted(),
          () => {},
        ),
      ),
    steal() {
      steals += 1
      return settle(take({ steal: true }))
    },
  }
}
