import type { PartylineError } from '../../shared/errors'
import type { Host } from '../host/host'

/** How often a call is made at most. The first worker may have forgotten this page, and may hand over before the call is repeated. */
const TRIES = 3

/** Calls the worker for the app. After `unregistered` the page says hello again, and the call is repeated. */
export const createRequest =
  (host: Host): Host['call'] =>
  (name, ...args) => {
    const attempt = (left: number): ReturnType<typeof host.call<typeof name>> =>
      host.call(name, ...args).catch((error: PartylineError) => {
        if (error.reason !== 'unregistered' || left === 1) throw error
        host.register()
        return attempt(left - 1)
      })
    return attempt(TRIES)
  }
