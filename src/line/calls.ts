import type { PartylineError } from '../../shared/errors'
import type { Host } from '../host/host'
import type { CallWorker } from './panels'

/** Calls to the worker, which may have forgotten this page. */
export interface Calls {
  /** For calls that the app waits for. If the worker has forgotten this page, says hello and repeats the call. */
  readonly request: Host['call']
  /** For calls that nobody waits for. If the worker has forgotten this page, only says hello: `up` repeats the call. */
  readonly send: CallWorker
}

/** @param onError Called with the errors of `send` that no later call makes good. */
export function createCalls(host: Host, onError: (error: PartylineError) => void): Calls {
  return {
    request: (name, ...args) =>
      host.call(name, ...args).catch((error: PartylineError) => {
        if (error.reason !== 'unregistered') throw error
        host.register()
        return host.call(name, ...args)
      }),
    send(name, ...args) {
      host.call(name, ...args).catch((error: PartylineError) => {
        if (error.reason === 'unregistered') host.register()
        // After a worker's death all panels are subscribed to again, and after a close none is.
        else if (error.reason !== 'worker-died' && error.reason !== 'closed') onError(error)
      })
    },
  }
}
