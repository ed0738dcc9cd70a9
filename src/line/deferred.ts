import type { PartylineError } from '../../shared/errors'

/** A promise that is settled from outside. Its rejection does not have to be handled. */
export function createDeferred<T>() {
  let resolve!: (value: T) => void
  let reject!: (error: PartylineError) => void
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}
