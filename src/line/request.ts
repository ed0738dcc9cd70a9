import type { PartylineError } from '../../shared/errors'
import type { Host } from '../host/host'

/** Calls the worker for the app. If the worker has forgotten this page, says hello and repeats the call. */
export const createRequest =
  (host: Host): Host['call'] =>
  (name, ...args) =>
    host.call(name, ...args).catch((error: PartylineError) => {
      if (error.reason !== 'unregistered') throw error
      host.register()
      return host.call(name, ...args)
    })
