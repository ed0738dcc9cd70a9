import { PartylineError } from '../../shared/errors'
import type { Hello, Switchboard, Welcome } from '../../shared/switchboard'
import type { Did, Listens, Mark, Nudge, ToWorker } from '../../shared/wire'
import { either, isBoolean, isObject, list, number, optional, type Shape, text, tuple } from '../checks'
import type { PostToTab } from '../delivery/channel'
import { notRegistered } from '../failures'
import { isRef, isRooms, readRef } from '../rooms/panel-table'
import type { Succession } from '../succession/succession'
import { type CallEndpoint, exposeGuarded } from './comlink-guard'
import type { Engine } from './engine'
import { type PagePort, pagePort } from './page-port'
import type { Registration } from './registration'

/** The longest id, name, lock or version a tab may send. */
const LONGEST = 512
/** The most reload orders a page may remember. */
const ORDERS = 50
/** The most ids of events a page may remember. */
const SEEN = 2000
/** The most panels a page may say it had. */
const HAD = 400
/** The most panels of which a page may say what was handled. */
const HANDLED = 100

/** The longest time a message may wait for its answer, in ms. */
const WAIT = 86_400_000

const bad = (what: string) => new PartylineError('bad-argument', what)

const isId = text(LONGEST, 1)
const isHandled = optional(list(tuple(isRef, text(), either(number(), isId), number()), HANDLED))

const HELLO: Readonly<Record<keyof Hello, Shape>> = {
  protocol: number(),
  worker: isId,
  tab: isId,
  copyOf: optional(isId),
  lock: optional(isId),
  version: optional(isId),
  orders: optional(list(tuple(text(LONGEST), number(), number()), ORDERS)),
  given: optional(list(text(LONGEST), ORDERS)),
  visible: optional(isBoolean),
  front: optional(number()),
  hidden: optional((value) => value === 'all' || value === 'latest'),
  token: optional(isBoolean),
  seen: optional(list(either(number(), isId), SEEN)),
  had: optional(list(tuple(isRef, number()), HAD)),
  handled: isHandled,
  text: optional(isBoolean),
  clock: optional(tuple(isId, number(0))),
  quietFor: optional(number()),
  paused: optional(isBoolean),
  moves: optional(isBoolean),
  sent: optional(isBoolean),
  share: optional(isBoolean),
  hung: optional(isBoolean),
}

function readHello(value: unknown): Hello {
  const given = isObject(value) ? value : {}
  for (const [part, accepts] of Object.entries(HELLO)) {
    if (!accepts(given[part])) throw bad(`hello: "${part}" is missing or malformed. See PROTOCOL.md.`)
  }
  // Each part has just been checked.
  return given as unknown as Hello
}

const NUDGES: readonly unknown[] = ['online', 'visible', 'hidden', 'focus', 'resume'] satisfies Nudge[]
const DID: readonly unknown[] = ['begun', 'handled', 'declined'] satisfies Did[]
const LISTENS: readonly unknown[] = ['all', 'one', 'both', undefined] satisfies (Listens | undefined)[]

function readToWorker(value: unknown): ToWorker | undefined {
  const {
    type,
    why,
    call,
    answer,
    opens,
    did,
    handled,
    id,
    count = 1,
  } = (value ?? {}) as Record<string, unknown>
  if (type === 'bye' || type === 'resigned') return { type }
  if (type === 'told' && isId(id)) return { type, id: id as string }
  if (type === 'took' && typeof count === 'number') return { type, count }
  if (type === 'nudge' && NUDGES.includes(why)) return { type, why: why as Nudge }
  if (typeof call !== 'number') return undefined
  if (type === 'token') return { type, call, answer }
  if (type === 'probed') return { type, call, opens: opens === true }
  if (type === 'one' && DID.includes(did) && isHandled(handled))
    return { type, call, did: did as Did, handled: (handled ?? []) as readonly Mark[] }
  if (type === 'lead') return { type, call }
  return undefined
}

/** Finds the engine that serves a page. */
export interface EngineFinder extends Pick<Succession<Engine>, 'engine' | 'find' | 'looked'> {
  readonly incarnation: string
}

/** The calls of one port, by name. Their arguments are not checked yet. */
export type Calls = { readonly [Call in keyof Switchboard]: (...args: unknown[]) => unknown }

/**
 * The calls of one port. Each checks what it is given, and each but `hello` is for pages alone that have said hello on
 * this port, and whose tab is still here.
 *
 * @param portOf Makes the page's port from the second argument of `hello`.
 */
export function createCalls(finder: EngineFinder, portOf: (delivery: unknown) => PagePort = pagePort): Calls {
  let session: Registration | undefined
  let port: PagePort | undefined
  /** What has answered the last hello. */
  let serving: Engine | undefined
  /** Settles once the last hello is carried out, if it had to be decided first which worker serves. Later calls wait for it. */
  let greeting: Promise<unknown> | undefined

  const current = () => {
    if (!session) throw notRegistered()
    return session
  }

  /** Calls the page's registration. */
  const own = <T>(act: (registration: Registration) => T) =>
    greeting ? greeting.then(() => act(current())) : act(current())

  /** Calls what all tabs share, for a page that may reach for it. */
  const shared = <T>(act: (engine: Engine) => T) =>
    own((registration) => {
      registration.expectHere()
      return act(serving as Engine)
    })

  function accept(delivery: unknown, readsText: boolean): PostToTab {
    const next = portOf(delivery)
    if (next !== port) port?.close()
    port = next
    next.listen((data) => {
      const message = readToWorker(data)
      if (message) session?.heard(message)
    })
    return Object.assign(next.post, { readsText })
  }

  return {
    hello(value, delivery) {
      const hello = readHello(value)
      const post = accept(delivery, hello.text === true)
      const welcome = (engine: Engine) => {
        serving = engine
        session = engine.hello(hello, post)
        return session.welcome
      }
      const found = finder.find(hello)
      greeting = undefined
      if (!(found instanceof Promise)) return welcome(found)
      const answer = found.then(
        async (other): Promise<Welcome> =>
          'address' in other ? { incarnation: finder.incarnation, moved: other } : welcome(other),
      )
      greeting = answer.catch(() => {})
      return answer
    },
    subscribe(panel, call = 0, since = undefined, more = 0, had = undefined, listens = undefined) {
      const ref = readRef(panel)
      if (
        typeof call !== 'number' ||
        !optional(number())(since) ||
        typeof more !== 'number' ||
        !optional(isRooms)(had) ||
        !LISTENS.includes(listens)
      ) {
        throw bad("subscribe takes (panel, number?, number?, number?, string[]?, 'all' | 'one' | 'both').")
      }
      const isMore = more > 0
      const opened = { call, since: since as number | undefined, listens: listens as Listens | undefined }
      return own(async (registration) => {
        try {
          return await registration.subscribe(ref, opened, isMore, had as string[] | undefined)
        } catch (error) {
          // A page that was just loaded may know a panel of a script that is about to serve.
          await finder.looked()
          registration.expectHere()
          throw error
        }
      })
    },
    unsubscribe(panel) {
      const ref = readRef(panel)
      return own((registration) => registration.unsubscribe(ref))
    },
    send(name, payload, options) {
      const { timeout, keep } = isObject(options) ? options : {}
      if (!isId(name) || !number(0, WAIT)(timeout) || !optional(isId)(keep))
        throw bad('send takes (name, payload, { timeout, keep? }).')
      return own((registration) =>
        registration.send(name as string, payload, timeout as number, keep as string | undefined),
      )
    },
    unsent: () => shared((engine) => engine.unsent()),
    withdraw(id) {
      if (!isId(id)) throw bad('withdraw takes (id).')
      return shared((engine) => engine.withdraw(id as string))
    },
    leave(handled, signedOut) {
      if (!isHandled(handled)) throw bad('leave takes what a hello has as "handled".')
      return own((registration) =>
        registration.leave(handled as readonly Mark[] | undefined, signedOut === true),
      )
    },
    retry: () => shared((engine) => engine.retry()),
    disconnect: () => shared((engine) => engine.disconnect()),
    connect: () => shared((engine) => engine.connect()),
    inspect: () => shared((engine) => engine.inspect()),
    // The page waits until the user is signed out, and must not take this worker for one that hangs.
    ping: () =>
      own((registration) => {
        if (!registration.isSignedOut()) registration.expectHere()
        return serving?.ping()
      }),
    signOut: () => shared((engine) => engine.signOut()),
  }
}

/** Answers the calls that come in on one port. */
export function exposeCalls(
  finder: Pick<EngineFinder, 'engine'>,
  calls: Calls,
  endpoint: CallEndpoint,
): void {
  exposeGuarded(calls, endpoint, () => finder.engine()?.refused())
}

/** Answers every call with the error that kept the switchboard from starting, so that the page hears of it. */
export function exposeFailure(error: unknown, endpoint: CallEndpoint): void {
  const refuse = () => {
    throw error
  }
  exposeGuarded(
    callsOf(() => refuse),
    endpoint,
    () => {},
  )
}

const NAMES: { readonly [Call in keyof Switchboard]: true } = {
  hello: true,
  subscribe: true,
  unsubscribe: true,
  send: true,
  unsent: true,
  withdraw: true,
  leave: true,
  retry: true,
  disconnect: true,
  connect: true,
  inspect: true,
  ping: true,
  signOut: true,
}

/** Makes each call by its name. */
export const callsOf = (make: (name: keyof Switchboard) => (...args: unknown[]) => unknown): Calls =>
  Object.fromEntries(Object.keys(NAMES).map((name) => [name, make(name as keyof Switchboard)])) as Calls
