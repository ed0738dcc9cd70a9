import type { PartylineError } from '../../shared/errors'
import type { Host } from '../host/host'

/** How often a call is made: the worker may have forgotten this page, which says hello again, and may then hand over to another one. */
const TRIES = 3

/** Calls the worker for the app. */
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
