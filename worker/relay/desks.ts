import type { PartylineError } from '../../shared/errors'
import type { ToTab, ToWorker } from '../../shared/wire'
import { isObject } from '../checks'
import { notRegistered, notServing } from '../failures'
import { type Calls, callsOf } from '../pages/api'
import { type PagePort, pagePort } from '../pages/page-port'
import type { Relay } from './relay'

/** How often a page's hello is given to a worker that turns out not to serve. */
const TRIES = 3

export interface DesksParts {
  /** This worker's name. */
  readonly name: string
  /** The name without its generation. The worker that serves uses it. */
  readonly base: string
  readonly lock: string
  /** Resolves to the lock of the worker that serves; to `undefined` if this one does. */
  readonly found: (alone: boolean) => Promise<string | undefined>
  readonly isAlone: () => boolean
  /** Whether that worker still serves, as far as this one knows. */
  readonly serves: (worker: string) => boolean
  /** That worker does not serve any more. */
  readonly lost: (worker: string) => void
  /** Resolves once no page of another worker is signing the user out. */
  readonly settled: () => Promise<unknown>
  readonly relay: Pick<Relay, 'call' | 'post'>
  /** Makes the calls of a page, for when this worker serves it. `portOf` returns the way to the page. */
  readonly createCalls: (portOf: () => PagePort) => Calls
}

/** A page of this worker. Its calls go to the worker that serves, which may be this one. */
interface Desk {
  readonly calls: Calls
  isInFront(): boolean
  hasToken(): boolean
  /** The page should say hello again. */
  move(): void
  /** A message of the worker that has answered this hello. */
  message(hello: number, message: ToTab): boolean
}

/** The pages of a dedicated worker, whoever serves them. */
export interface Desks {
  /** Makes the calls of one more page. */
  open(): Calls
  isInFront(): boolean
  /** Whether a page can be asked for a token. */
  haveTokens(): boolean
  /** Another worker serves from now on, or this one: all pages should say hello again. */
  move(): void
  /** A message for a page, from the worker that has answered this hello of it. */
  message(page: number, hello: number, message: ToTab): boolean
}

export function createDesks(parts: DesksParts): Desks {
  const desks = new Map<number, Desk>()
  let opened = 0
  return {
    open() {
      opened += 1
      const page = opened
      const desk = createDesk(page, parts, (isHere) => {
        if (isHere) desks.set(page, desk)
        else desks.delete(page)
      })
      return desk.calls
    },
    isInFront: () => [...desks.values()].some((desk) => desk.isInFront()),
    haveTokens: () => [...desks.values()].some((desk) => desk.hasToken()),
    move() {
      for (const desk of desks.values()) desk.move()
    },
    message: (page, hello, message) => desks.get(page)?.message(hello, message) === true,
  }
}

/** @param turned The page has said hello, or has left. */
function createDesk(page: number, { relay, ...parts }: DesksParts, turned: (isHere: boolean) => void): Desk {
  let port: PagePort | undefined
  /** What the page's calls go to if this worker serves it. */
  const own = parts.createCalls(() => port as PagePort)
  /** What the page's calls go to, once a hello was answered. */
  let serving: Calls | undefined
  /** How often a worker was given a hello of the page. Messages that answer an earlier one are not for its page any more. */
  let hellos = 0
  /** Settles once the last hello was answered. Later calls wait for it. */
  let greeting: Promise<unknown> = Promise.resolve()
  let isGreeting = false
  let isInFront = false
  let hasToken = false

  function note(message: unknown) {
    const { type, why } = (isObject(message) ? message : {}) as Partial<ToWorker & { why: string }>
    if (type === 'bye' || why === 'hidden') isInFront = false
    if (why === 'visible' || why === 'focus') isInFront = true
  }

  /** The same port, of which this worker learns whether the page is in front. */
  function watched(delivery: unknown): PagePort {
    const way = pagePort(delivery)
    return {
      ...way,
      listen: (listener) =>
        way.listen((message) => {
          note(message)
          listener(message)
        }),
    }
  }

  /** The calls that another worker carries out. */
  function relayed(to: string): Calls {
    port?.listen((message) => relay.post(to, page, message))
    return callsOf((name) => (...args) => {
      // It may be frozen. Then it would never answer.
      if (!parts.serves(to)) throw notServing()
      return relay.call(to, page, name, args)
    })
  }

  async function greet(hello: Readonly<Record<string, unknown>>, way: PagePort): Promise<unknown> {
    const alone = hello['share'] !== true
    for (let tries = TRIES; ; tries -= 1) {
      hellos += 1
      const found = await parts.found(alone)
      if (port !== way) throw notServing()
      serving = found === undefined ? own : relayed(found)
      const isNamed = hello['worker'] === parts.name && !parts.isAlone()
      try {
        const welcome = await serving.hello(isNamed ? { ...hello, worker: parts.base } : hello, hellos)
        // The page's own worker is this one.
        return { ...(welcome as object), lock: parts.lock }
      } catch (cause) {
        const isAgain = port === way && (cause as Partial<PartylineError>).reason === 'unregistered'
        if (!isAgain || tries === 1) throw cause
        if (found !== undefined) parts.lost(found)
      }
    }
  }

  const call =
    (name: keyof Calls) =>
    async (...args: unknown[]) => {
      await greeting
      if (!serving) throw notRegistered()
      return serving[name](...args)
    }

  return {
    calls: {
      ...callsOf(call),
      hello(value, delivery) {
        const hello = isObject(value) ? value : {}
        const next = watched(delivery)
        port?.close()
        port = next
        isInFront = hello['visible'] !== false
        hasToken = hello['token'] === true
        isGreeting = true
        turned(true)
        const answer = greet(hello, next).finally(() => {
          if (port === next) isGreeting = false
        })
        greeting = answer.catch(() => {})
        return answer
      },
      async leave(...args) {
        await call('leave')(...args).finally(() => turned(false))
        // This worker ends with its page. The user may be signing out in another one.
        await parts.settled()
      },
    },
    isInFront: () => isInFront,
    hasToken: () => hasToken,
    move() {
      // A hello that is not answered yet finds the worker that serves now.
      if (!isGreeting) port?.post({ type: 'moved' })
    },
    message(hello, message) {
      if (hello !== hellos) return false
      port?.post(message)
      return true
    },
  }
}
