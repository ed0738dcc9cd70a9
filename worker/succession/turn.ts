/** The right to serve, which one worker of a user has at a time: a Web Lock. */
export interface Turn {
  /** Takes the turn if nobody has it. Resolves to `undefined` where there are no locks, or the browser refuses them. */
  tryTake(): Promise<boolean | undefined>
  /** Resolves once the turn is free, and takes it. Without locks, or if it is called off, it never resolves. */
  wait(signal: AbortSignal): Promise<void>
  /** Takes the turn from the worker that has it. */
  steal(): void
}

/** @param lost Another worker has taken the turn. */
export function createTurn(locks: LockManager | undefined, name: string, lost: () => void): Turn {
  /** How often this worker has stolen the turn, from itself perhaps: then it has not lost what it took before. */
  let steals = 0

  /** Resolves to whether the turn is taken; to `undefined` if the request fails. */
  const take = (options: LockOptions) =>
    new Promise<boolean | undefined>((resolve) => {
      const before = steals
      let isOurs = false
      const hold = (lock: Lock | null) => {
        isOurs = lock !== null
        resolve(isOurs)
        return isOurs ? new Promise(() => {}) : undefined
      }
      const failed = () => {
        if (isOurs && before === steals) lost()
        resolve(undefined)
      }
      if (locks) locks.request(name, options, hold).catch(failed)
      else failed()
    })

  return {
    tryTake: () => take({ ifAvailable: true }),
    wait: (signal) => new Promise((granted) => take({ signal }).then((isOurs) => isOurs && granted())),
    steal() {
      steals += 1
      void take({ steal: true })
    },
  }
}
