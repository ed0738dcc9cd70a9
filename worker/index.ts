import { PartylineError } from '../src/errors'
import { type Connect, freshId, type PanelTable, type Served } from '../src/protocol'
import { exposeCalls, exposeFailure } from './api'
import type { Endpoint } from './comlink'
import { readOptions, type ServeOptions } from './options'
import { createSwitchboard, type Engine, type Home } from './switchboard'

export { PartylineError } from '../src/errors'
export type { Served, TokenAnswer, TokenSource } from '../src/protocol'
export { type Dialect, type Kind, type Message, type Rejection, type Route, roomDialect } from './dialect'
export type { ServeOptions, VersionOptions } from './options'
export { backoff, type RetryPolicy, type RetryTiming } from './retry'

/** The part of a worker's global scope that is used here: of a shared worker, or of a tab's own. */
interface Scope extends Endpoint {
  readonly name: string
  readonly location: { readonly href: string }
  readonly navigator: { readonly locks?: LockManager }
  onconnect?: unknown
  close(): void
}

/** How long after a worker's end its lock may still be held, in ms. */
const DEATH = 150

function homeIn(scope: Scope): Home {
  const incarnation = freshId()
  const { locks } = scope.navigator
  const lock = locks && `${scope.name}/worker/${incarnation}`
  // Held for as long as this worker lives: a tab that is granted it knows of its death. A tab that takes it away has
  // found this worker hanging and started another, so there is nothing left to do on waking up. Where locks are refused,
  // as in a frame of another site, nothing was taken.
  const locked = new Promise<void>((settled) => {
    if (!locks || lock === undefined) return settled()
    const hold = () => {
      settled()
      return new Promise(() => {})
    }
    locks.request(lock, hold).catch(({ name }: DOMException) => {
      settled()
      if (name === 'AbortError') scope.close()
    })
  })
  return {
    name: scope.name,
    incarnation,
    shared: 'onconnect' in scope,
    lock,
    locked,
    isFree: async (name) =>
      !locks ||
      locks
        .request(name, { mode: 'shared', signal: AbortSignal.timeout(DEATH) }, () => true)
        .catch(() => false),
    watchLock:
      locks &&
      ((name, freed) => {
        const abort = new AbortController()
        locks.request(name, { mode: 'shared', signal: abort.signal }, freed).catch(() => {})
        return () => abort.abort()
      }),
  }
}

function start(options: unknown, scope: Scope): Engine {
  if (!scope.name.startsWith('partyline/')) {
    throw new PartylineError(
      'wrong-worker',
      'This worker was started without its name. Hand the options on: (options) => new SharedWorker(url, { ...options, type: "module" }).',
    )
  }
  return createSwitchboard(readOptions(options, scope.location.href), homeIn(scope))
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
  const scope = globalThis as unknown as Scope
  try {
    const engine = start(options, scope)
    listen(scope, (endpoint) => exposeCalls(engine, endpoint))
    return { inspect: () => engine.inspect() }
  } catch (error) {
    listen(scope, (endpoint) => exposeFailure(error, endpoint))
    throw error
  }
}

/** Hands over the port of each line. A dedicated worker is posted them, and answers on its scope as well. */
function listen(scope: Scope, answer: (endpoint: Endpoint) => void) {
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
