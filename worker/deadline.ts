/** Settles as `work` does, or rejects with `error` after `ms`. */
export function withDeadline<T>(ms: number, work: Promise<T>, error: Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(error), ms)
    work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}

/** Settles as `work` does, or resolves after `ms`. */
export const atMost = (ms: number, work: Promise<unknown>): Promise<unknown> =>
  Promise.race([work, new Promise((late) => setTimeout(late, ms))])
