import { type Endpoint, expose } from 'comlink'
import { type Failure, PartylineError } from '../src/errors'
import type { Delivery, Hello, Nudge, Switchboard, ToTab, ToWorker } from '../src/protocol'
import { isRef, readRef } from './panels'
import type { Session } from './session'
import type { Engine } from './switchboard'

/** The longest id, name or lock a tab may send. */
const LONGEST = 512
/** The most reload orders a page may remember. */
const ORDERS = 50
/** The most ids of events a page may remember. */
const SEEN = 2000
/** The most panels a page may say it had. */
const HAD = 400

const bad = (what: string) => new PartylineError('bad-argument', what)

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && value.length <= LONGEST

const optional = (accepts: (value: unknown) => boolean) => (value: unknown) =>
  value === undefined || accepts(value)
const isBoolean = (value: unknown) => typeof value === 'boolean'

const isMemory = (value: unknown) =>
  Array.isArray(value) &&
  value.length <= ORDERS &&
  value.every(
    (entry) =>
      Array.isArray(entry) &&
      entry.length === 3 &&
      typeof entry[0] === 'string' &&
      typeof entry[1] === 'number' &&
      typeof entry[2] === 'number',
  )

const isHad = (value: unknown) =>
  Array.isArray(value) && value.length === 2 && isRef(value[0]) && typeof value[1] === 'number'

const HELLO: { readonly [Part in keyof Hello]-?: (value: unknown) => boolean } = {
  protocol: (value) => typeof value === 'number',
  worker: isText,
  tab: isText,
  copyOf: optional(isText),
  lock: optional(isText),
  version: optional(isText),
  orders: optional(isMemory),
  given: optional(
    (value) =>
      Array.isArray(value) && value.length <= ORDERS && value.every((each) => typeof each === 'string'),
  ),
  visible: optional(isBoolean),
  hidden: optional((value) => value === 'all' || value === 'latest'),
  token: optional(isBoolean),
  seen: optional(
    (value) =>
      Array.isArray(value) &&
      value.length <= SEEN &&
      value.every((id) => typeof id === 'number' || isText(id)),
  ),
  had: optional((value) => Array.isArray(value) && value.length <= HAD && value.every(isHad)),
  text: optional(isBoolean),
  heardAt: optional((value) => typeof value === 'number'),
}

function readHello(value: unknown): Hello {
  const given = (typeof value === 'object' ? value : null) ?? {}
  for (const [part, accepts] of Object.entries(HELLO)) {
    if (!accepts((given as Record<string, unknown>)[part]))
      throw bad(`hello: "${part}" is missing or malformed.`)
  }
  return given as Hello
}

const NUDGES: readonly unknown[] = ['online', 'visible', 'hidden', 'resume'] satisfies Nudge[]

function readToWorker(value: unknown): ToWorker | undefined {
  const { type, why, call, answer, count = 1 } = (value ?? {}) as Record<string, unknown>
  if (type === 'bye') return { type }
  if (type === 'took' && typeof count === 'number') return { type, count }
  if (type === 'nudge' && NUDGES.includes(why)) return { type, why: why as Nudge }
  if (type === 'token' && typeof call === 'number') return { type, call, answer }
  return undefined
}

/** The calls of one port. Each checks what it is given: a page is trusted with nothing but its own tab. */
function createCalls(engine: Engine): {
  readonly [Call in keyof Switchboard]: (...args: unknown[]) => unknown
} {
  let session: Session | undefined
  let port: MessagePort | undefined

  const current = () => {
    if (!session) throw new PartylineError('unregistered', 'Say hello first.')
    return session
  }

  function accept(delivery: unknown, readsText: boolean): (message: ToTab) => void {
    port?.close()
    port = undefined
    if (delivery instanceof MessagePort) {
      port = delivery
      delivery.onmessage = ({ data }) => {
        const message = readToWorker(data)
        if (message) session?.heard(message)
      }
      return Object.assign((message: ToTab) => delivery.postMessage(message), { readsText })
    }
    if (typeof delivery !== 'function')
      throw bad('hello takes a MessagePort or a Comlink.proxy of a function second.')
    const deliver = delivery as Extract<Delivery, (message: ToTab) => unknown>
    return (message) => {
      const done = () => session?.heard({ type: 'took', count: 1 })
      Promise.resolve(deliver(message)).then(done, done)
    }
  }

  return {
    hello(value, delivery) {
      const hello = readHello(value)
      session = engine.hello(hello, accept(delivery, hello.text === true))
      return session.welcome
    },
    subscribe(panel, call = 0, since = undefined) {
      const ref = readRef(panel)
      if (typeof call !== 'number' || !optional((value) => typeof value === 'number')(since)) {
        throw bad('subscribe takes (panel, number?, number?).')
      }
      return current().subscribe(ref, { call, since: since as number | undefined })
    },
    unsubscribe(panel) {
      const ref = readRef(panel)
      return current().unsubscribe(ref)
    },
    leave: () => current().leave(),
    retry: () => engine.retry(),
    disconnect: () => engine.disconnect(),
    connect: () => engine.connect(),
    inspect: () => engine.inspect(),
    ping: () => (session ? session.ping() : engine.ping()),
    signOut: () => engine.signOut(),
  }
}

type Calls = ReturnType<typeof createCalls>

/** Errors cross the border as data: Comlink would keep only their name, message and stack. */
function asFailure(cause: unknown): Failure {
  if (cause instanceof PartylineError) return cause.toJSON()
  return new PartylineError('worker-failed', cause instanceof Error ? cause.message : String(cause)).toJSON()
}

function throwingData(calls: Calls, refused: () => void): Calls {
  const wrap =
    (call: (...args: unknown[]) => unknown) =>
    async (...args: unknown[]) => {
      try {
        return await call(...args)
      } catch (cause) {
        refused()
        throw asFailure(cause)
      }
    }
  return Object.fromEntries(Object.entries(calls).map(([name, call]) => [name, wrap(call)])) as Calls
}

/**
 * Comlink obeys any path: a SET on `__proto__` would reach every object of the worker. So only calls of known names
 * with plain arguments get to it; anything else is answered with `forbidden-call`.
 */
function guard(endpoint: Endpoint, names: readonly string[], refused: () => void): Endpoint {
  const isCall = (data: Record<string, unknown>) => {
    const { type, path, argumentList } = data
    return (
      type === 'APPLY' &&
      Array.isArray(path) &&
      path.length === 1 &&
      names.includes(path[0]) &&
      Array.isArray(argumentList) &&
      argumentList.every(
        (argument: unknown) =>
          typeof argument === 'object' &&
          argument !== null &&
          'type' in argument &&
          (argument.type === 'RAW' || ('name' in argument && argument.name === 'proxy')),
      )
    )
  }
  const passing = new Map<unknown, (event: Event) => void>()
  return {
    ...(endpoint.start && { start: () => endpoint.start?.() }),
    postMessage: (message, transfer) => endpoint.postMessage(message, transfer ?? []),
    addEventListener(type, listener) {
      const passed = (event: Event) => {
        const data: unknown = (event as MessageEvent).data
        if (typeof data !== 'object' || data === null) return
        if (isCall(data as Record<string, unknown>)) {
          if (typeof listener === 'function') listener(event)
          else listener.handleEvent(event)
          return
        }
        const { id } = data as { id?: unknown }
        refused()
        if (typeof id !== 'string') return
        const error = new PartylineError(
          'forbidden-call',
          `The switchboard knows only calls of ${names.join(', ')}.`,
        )
        endpoint.postMessage({
          id,
          type: 'HANDLER',
          name: 'throw',
          value: { isError: false, value: error.toJSON() },
        })
      }
      passing.set(listener, passed)
      endpoint.addEventListener(type, passed)
    },
    removeEventListener(type, listener) {
      const passed = passing.get(listener)
      if (passed) endpoint.removeEventListener(type, passed)
    },
  }
}

/** Answers the calls that come in on one port. */
export function exposeCalls(engine: Engine, endpoint: Endpoint): void {
  const calls = throwingData(createCalls(engine), engine.refused)
  expose(calls, guard(endpoint, Object.keys(calls), engine.refused))
}

/** Answers every call with the error that kept the switchboard from starting, so that the page hears of it. */
export function exposeFailure(error: unknown, endpoint: Endpoint): void {
  const refuse = () => {
    throw error
  }
  const engine: Engine = {
    hello: refuse,
    retry: refuse,
    disconnect: refuse,
    connect: refuse,
    inspect: refuse,
    ping: refuse,
    signOut: refuse,
    refused: () => {},
  }
  exposeCalls(engine, endpoint)
}
