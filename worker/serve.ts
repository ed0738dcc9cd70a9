import { PartylineError } from '../shared/errors'
import { baseOf } from '../shared/names'
import type { Place } from '../shared/place'
import type { Snapshot } from '../shared/snapshot'
import type { Connect, Started } from '../shared/switchboard'
import type { Settings } from './common-options'
import { notServing } from './failures'
import { type Home, type HomeScope, homeIn } from './home'
import { type Calls, createCalls, type EngineFinder, exposeCalls, exposeFailure } from './pages/api'
import type { CallEndpoint } from './pages/comlink-guard'
import type { Engine } from './pages/engine'
import { createDesks } from './relay/desks'
import { createInbox } from './relay/inbox'
import { createRelay } from './relay/relay'
import { createRelayed } from './relay/relayed'
import { createSharing, type Sharing, turnOf } from './sharing/sharing'
import { createScript, importedScripts } from './succession/script'
import { createSuccession, type Succession } from './succession/succession'
import { createSwitchboard } from './switchboard'

/** A worker's global scope, which answers calls itself in a dedicated worker. */
interface Scope extends HomeScope, CallEndpoint {}

/** What this worker does for the pages that come to it. */
interface Service extends Pick<EngineFinder, 'engine'> {
  /** Makes the calls of one more page. */
  readonly createCalls: () => Calls
  /** The first message on each port. Absent for a dedicated worker that has locks. */
  readonly started?: Started
}

/** @param finder Finds the engine for each page that says hello. */
const serviceOf = (finder: EngineFinder): Service => ({
  engine: finder.engine,
  createCalls: () => createCalls(finder),
  started: { type: 'started', incarnation: finder.incarnation },
})

function start(read: (base: string) => Settings, scope: Scope): Service {
  if (!scope.name.startsWith('partyline/')) {
    throw new PartylineError(
      'wrong-worker',
      'This worker was started without its name. Pass the options on: (options) => new SharedWorker(url, { ...options, type: "module" }).',
    )
  }
  const settings = read(scope.location.href)
  const home = homeIn(scope)
  if (home.place) return startShared(settings, home, home.place, scope)
  if (!home.shared && home.lock !== undefined) return startDedicated(settings, home, home.lock, scope)
  const engine = createSwitchboard(settings, home)
  return serviceOf(finderOf(home, () => engine))
}

const finderOf = ({ incarnation }: Home, engine: () => Engine | undefined): EngineFinder => ({
  incarnation,
  engine,
  find() {
    const serving = engine()
    if (!serving) throw notServing()
    return serving
  },
  looked: async () => {},
})

const scriptOf = (scope: Scope) => createScript(scope.location.href, importedScripts(scope.location.origin))

/** A shared worker. The workers of a user agree on which of them serves all pages. */
function startShared(settings: Settings, home: Home, place: Place, scope: Scope): Service {
  const succession: Succession<Engine> = createSuccession({
    base: baseOf(home.name),
    incarnation: home.incarnation,
    place,
    script: scriptOf(scope),
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
  return serviceOf({ incarnation: home.incarnation, ...succession })
}

/** A dedicated worker. Those of a user's tabs agree on which of them serves all pages, and the others relay to it. */
function startDedicated(settings: Settings, home: Home, lock: string, scope: Scope): Service {
  const base = baseOf(home.name)
  const shared: Home = {
    ...home,
    name: base,
    shared: true,
    owner: turnOf(base),
    isStale: () => sharing.isStale(),
    confirmed: () => sharing.confirmed(),
  }
  const finder = finderOf(home, () => sharing.engine())
  const inbox = createInbox({
    lock,
    watch: home.watchLock as NonNullable<Home['watchLock']>,
    requested(request) {
      sharing.received()
      relayed.requested(request)
    },
    replied(reply) {
      if (relay.replied(reply)) sharing.received()
    },
    ended(worker) {
      relayed.forget(worker)
      relay.ended(worker)
      sharing.ended(worker)
    },
  })
  const relayed = createRelayed({
    lock,
    inbox,
    createCalls: (portOf) => createCalls(finder, portOf),
    refused: () => finder.engine()?.refused(),
  })
  const relay = createRelay({
    lock,
    inbox,
    message: (page, hello, message) => desks.message(page, hello, message),
  })
  const desks = createDesks({
    name: home.name,
    base,
    lock,
    // Others watch the lock from the first message on.
    found: (alone) => home.locked.then(() => sharing.found(alone)),
    isAlone: () => sharing.isAlone(),
    serves: (worker) => sharing.serves(worker),
    lost: (worker) => sharing.lost(worker),
    settled: relayed.settled,
    relay,
    createCalls: (portOf) => createCalls(finder, portOf),
  })
  const sharing: Sharing<Engine> = createSharing({
    base,
    lock,
    script: scriptOf(scope),
    locks: scope.navigator.locks as LockManager,
    isInFront: desks.isInFront,
    start: (inheritance, hung) =>
      createSwitchboard(settings, shared, { inheritance, hung, hasTokens: desks.haveTokens() }),
    startAlone: () => createSwitchboard(settings, home),
    left: relay.left,
    moved: desks.move,
    close: () => scope.close(),
  })
  return { engine: sharing.engine, createCalls: desks.open }
}

/**
 * Runs the switchboard in this worker. `read` checks the app's options, whose relative URLs belong to the worker's address.
 * If it throws, pages hear of it, too.
 */
export function serveWith(read: (base: string) => Settings): { inspect(): Snapshot | undefined } {
  // The compiler knows one kind of worker's scope at a time; this runs in both.
  const scope = globalThis as unknown as Scope
  try {
    const service = start(read, scope)
    listen(scope, (endpoint) => exposeCalls(service, service.createCalls(), endpoint), service.started)
    return { inspect: () => service.engine()?.inspect() }
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
