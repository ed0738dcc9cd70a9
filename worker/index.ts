import { PartylineError } from '../shared/errors'
import { baseOf } from '../shared/names'
import type { PanelTable, Served } from '../shared/panel-types'
import type { Connect } from '../shared/switchboard'
import { type HomeScope, homeIn } from './home'
import { readOptions, type ServeOptions } from './options'
import { exposeCalls, exposeFailure, type Host } from './pages/api'
import type { CallEndpoint } from './pages/comlink-guard'
import type { Engine } from './pages/engine'
import { createScript, importedScripts } from './succession/script'
import { createSuccession, type Succession } from './succession/succession'
import { createSwitchboard } from './switchboard'

export { PartylineError } from '../shared/errors'
export type { Served } from '../shared/panel-types'
export type { TokenAnswer, TokenSource } from '../shared/token'
export type { Dialect, Kind, Message, Rejection, Route } from './dialect/dialect'
export { roomDialect } from './dialect/room-dialect'
export { backoff, type RetryPolicy, type RetryTiming } from './link/retry'
export type { ServeOptions, VersionOptions } from './options'

/** A worker's global scope, which answers calls itself in a dedicated worker. */
interface Scope extends HomeScope, CallEndpoint {}

function start(options: unknown, scope: Scope): Host {
  if (!scope.name.startsWith('partyline/')) {
    throw new PartylineError(
      'wrong-worker',
      'This worker was started without its name. Pass the options on: (options) => new SharedWorker(url, { ...options, type: "module" }).',
    )
  }
  const settings = readOptions(options, scope.location.href)
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
    start: (inheritance) =>
      createSwitchboard(settings, home, {
        inheritance,
        place: () => succession.place(),
        build: () => succession.describe(),
      }),
    close: () => scope.close(),
  })
  return { incarnation, ...succession }
}

/** The rooms a table may name. Without `rooms`, any. */
type RoomNameOf<Rooms> = [keyof Rooms] extends [never] ? string : keyof Rooms & string

/**
 * Runs the switchboard in a worker: one connection, shared by every tab that connects to it. Called once, in the
 * dashboard's own worker file, at its top level.
 *
 * Throws `bad-option` when an option is missing, unknown or malformed; pages hear of it through `line.ready`.
 */
export function serve<
  Rooms extends object,
  Room extends RoomNameOf<Rooms>,
  const Panels extends PanelTable<Room>,
>(
  options: ServeOptions<Panels> & {
    /** Payload type per room, for the compiler alone: `{} as Rooms`. @default every payload is `unknown` */
    readonly rooms?: Rooms
  },
): Served<Panels, Rooms> {
  // The compiler knows one kind of worker's scope at a time; this runs in both.
  const scope = globalThis as unknown as Scope
  try {
    const host = start(options, scope)
    listen(scope, (endpoint) => exposeCalls(host, endpoint))
    return { inspect: () => host.engine()?.inspect() }
  } catch (error) {
    listen(scope, (endpoint) => exposeFailure(error, endpoint))
    throw error
  }
}

/** Hands over the port of each line. A dedicated worker is posted them, and answers on its scope as well. */
function listen(scope: Scope, answer: (endpoint: CallEndpoint) => void) {
  const take = ({ ports: [port] }: MessageEvent) => port && answer(port)
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
