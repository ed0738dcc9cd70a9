import { PartylineError } from '../shared/errors'
import { baseOf } from '../shared/names'
import type { Snapshot } from '../shared/snapshot'
import type { Connect, Started } from '../shared/switchboard'
import type { Settings } from './common-options'
import { type HomeScope, homeIn } from './home'
import { exposeCalls, exposeFailure, type Host } from './pages/api'
import type { CallEndpoint } from './pages/comlink-guard'
import type { Engine } from './pages/engine'
import { createScript, importedScripts } from './succession/script'
import { createSuccession, type Succession } from './succession/succession'
import { createSwitchboard } from './switchboard'

/** A worker's global scope, which answers calls itself in a dedicated worker. */
interface Scope extends HomeScope, CallEndpoint {}

function start(read: (base: string) => Settings, scope: Scope): Host {
  if (!scope.name.startsWith('partyline/')) {
    throw new PartylineError(
      'wrong-worker',
      'This worker was started without its name. Pass the options on: (options) => new SharedWorker(url, { ...options, type: "module" }).',
    )
  }
  const settings = read(scope.location.href)
  const home = homeIn(scope)
  const { incarnation, place } = home
  if (!place) {
    const engine = createSwitchboard(settings, home)
    return { incarnation, engine: () => engine, host: () => engine, looked: async () => {} }
  }
  const succession: Succession<Engine> = createSuccession({
    base: baseOf(home.name),
    incarnation,
    place,
    script: createScript(place.address, importedScripts(scope.location.origin)),
    locks: scope.navigator.locks,
    start: (inheritance, isGranted) =>
      createSwitchboard(settings, home, {
        inheritance,
        isGranted,
        place: () => succession.place(),
        build: () => succession.describe(),
      }),
    close: () => scope.close(),
  })
  return { incarnation, ...succession }
}

/**
 * Runs the switchboard in this worker. `read` checks the app's options, whose relative URLs belong to the worker's address.
 * If it throws, pages hear of it, too.
 */
export function serveWith(read: (base: string) => Settings): { inspect(): Snapshot | undefined } {
  // The compiler knows one kind of worker's scope at a time; this runs in both.
  const scope = globalThis as unknown as Scope
  try {
    const host = start(read, scope)
    listen(scope, (endpoint) => exposeCalls(host, endpoint), {
      type: 'started',
      incarnation: host.incarnation,
    })
    return { inspect: () => host.engine()?.inspect() }
  } catch (error) {
    listen(scope, (endpoint) => exposeFailure(error, endpoint))
    throw error
  }
}

/** Hands over the port of each line. A dedicated worker is posted them, and answers on its scope as well. */
function listen(scope: Scope, answer: (endpoint: CallEndpoint) => void, started?: Started) {
  const take = ({ ports: [port] }: MessageEvent) => {
    if (!port) return
    if (started) port.postMessage(started)
    answer(port)
  }
  if ('onconnect' in scope) return scope.addEventListener('connect', take)
  scope.addEventListener('message', (event) => {
    const { type } = (event.data ?? {}) as Partial<Connect>
    if (type !== 'connect') return
    // It is no call, which would be refused and counted.
    event.stopImmediatePropagation()
    take(event)
  })
  answer(scope)
}
