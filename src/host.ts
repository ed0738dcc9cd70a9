import { type Calls, createCalls } from './calls'
import { lineClosed, PartylineError, type Reason } from './errors'
import type { Generation } from './generation'
import { type Hello, PROTOCOL, type Switchboard, type ToTab, type ToWorker, workerName } from './protocol'
import { createReceipts, type Receipts } from './receipts'

/** What the factory is to hand on to the worker's constructor. The options are the same for every tab of a user. */
export interface FactoryOptions {
  readonly name: string
  /** Lets the worker outlive a lone tab's reload, where the browser can (Chrome 148). */
  readonly extendedLifetime: boolean
}

export type Factory = (options: FactoryOptions) => SharedWorker | Worker

export interface HostParts {
  readonly factory: Factory
  /** The worker's name, but for its generation. */
  readonly base: string
  readonly generation: Generation
  /** How long a call, or a sign of life, may take, in ms. */
  readonly timeout: number
  readonly hello: () => Omit<Hello, 'protocol' | 'worker' | 'heardAt'>
  readonly message: (message: ToTab) => void
  /** The switchboard has answered hello, for the first time or again. */
  readonly up: () => void
  readonly failed: (error: PartylineError) => void
}

export interface Host {
  /** Starts a worker, or finds the one that runs, and says hello. */
  start(): void
  /** Says hello again to the worker that runs: to one that has forgotten this page. */
  register(): void
  /** Rejects with a typed error: what the worker threw, `timeout`, `worker-died` or `closed`. */
  call<Name extends keyof Switchboard>(
    name: Name,
    ...args: Parameters<Switchboard[Name]>
  ): Promise<Awaited<ReturnType<Switchboard[Name]>>>
  post(message: ToWorker): void
  /** Leaves for good: calls under way reject at once. Resolves when the worker has let this page go. */
  close(): Promise<void>
}

/** How long to wait before a worker that could not be started is tried again. */
const PAUSE = 1000
/** A worker whose script threw may still say why: so long its word is waited for. */
const LAST_WORDS = 250
/** How long the successor of a worker that died may be silent before it is looked for again. */
const HASTE = 1000
/** Mistakes in the app's own code: another try would fail in the same way. */
const HOPELESS: readonly Reason[] = ['bad-option', 'wrong-worker']

const HELP =
  'Is the worker file served as JavaScript? Does it call serve() at its top level without throwing? Does the factory spread its options?'

/** One life of a worker, as seen from this page. */
interface Life {
  readonly generation: number
  readonly name: string
  readonly isShared: boolean
  readonly calls: Calls
  /** Aborts when this life is over. */
  readonly over: AbortController
  /** Lets go of the worker: a shared one lives on for other pages. */
  readonly release: () => void
  port?: MessagePort
  receipts?: Receipts
  /** Known once it has answered the first hello. */
  incarnation?: string
}

/** Starts the worker, notices its death, and starts the next one. */
export function createHost(parts: HostParts): Host {
  const { factory, base, generation, timeout } = parts
  let life: Life | undefined
  let closed = false
  let heardAt: number | undefined
  let retry: ReturnType<typeof setTimeout> | undefined

  /** Whether it was not over yet. */
  function end(dead: Life, error: PartylineError): boolean {
    if (life !== dead) return false
    life = undefined
    dead.port?.close()
    dead.calls.end(error)
    dead.over.abort()
    return true
  }

  function fail(dead: Life, error: PartylineError) {
    if (!end(dead, error)) return
    dead.release()
    parts.failed(error)
    if (!HOPELESS.includes(error.reason)) retry = setTimeout(start, PAUSE)
  }

  function begin(): Life {
    const current = generation.current()
    const name = workerName(base, current)
    const worker = factory({ name, extendedLifetime: true })
    const begun: Life = {
      generation: current,
      name,
      isShared: 'port' in worker,
      calls: createCalls('port' in worker ? worker.port : worker, timeout),
      over: new AbortController(),
      release: () => ('port' in worker ? worker.port.close() : worker.terminate()),
    }
    const failed = () => fail(begun, failure('The worker could not be started.'))
    worker.addEventListener('error', () => setTimeout(failed, LAST_WORDS))
    return begun
  }

  function start() {
    if (closed) return
    try {
      life = begin()
    } catch (cause) {
      parts.failed(new PartylineError('worker-failed', `The factory threw: ${cause}`, { cause }))
      retry = setTimeout(start, PAUSE)
      return
    }
    greet(life)
  }

  function greet(greeted: Life) {
    const { port1, port2 } = new MessageChannel()
    const receipts = createReceipts((count) => port1.postMessage({ type: 'took', count } satisfies ToWorker))
    greeted.receipts?.settle()
    greeted.receipts = receipts
    greeted.port?.close()
    greeted.port = port1
    port1.onmessage = ({ data }: MessageEvent<ToTab>) => {
      if (life !== greeted || greeted.port !== port1) return
      heardAt = Date.now()
      parts.message(data)
      receipts.add(data)
    }
    const hello: Hello = {
      ...parts.hello(),
      protocol: PROTOCOL,
      worker: greeted.name,
      heardAt,
    }
    greeted.calls.call('hello', [hello, port2], [port2]).then(
      ({ incarnation, lock }) => {
        const isFirst = greeted.incarnation === undefined
        greeted.incarnation = incarnation
        if (isFirst) {
          if (lock !== undefined) mourn(greeted, lock)
          attend(greeted, lock)
        }
        parts.up()
      },
      (error: PartylineError) => {
        const isSilent = error.reason === 'timeout'
        fail(greeted, isSilent ? failure(`The worker did not answer within ${timeout} ms.`) : error)
      },
    )
  }

  /**
   * This life is over by no fault of the app's: the next one begins at once. For a moment a browser leads pages to a
   * shared worker that has just died, where nobody answers; one that only takes its time is found again.
   */
  function succeed(over: Life, what: string, patience = HASTE) {
    const error = new PartylineError('worker-died', `The worker ${what}; another one is being started.`)
    if (!end(over, error)) return
    over.release()
    start()
    const next = life
    if (!next?.isShared || patience >= timeout) return
    setTimeout(() => {
      if (next.incarnation === undefined) succeed(next, 'does not answer', 2 * patience)
    }, patience)
  }

  /** Waits for the lock that the worker holds while it lives. */
  function mourn(living: Life, lock: string) {
    navigator.locks
      ?.request(lock, { mode: 'shared', signal: living.over.signal }, () => succeed(living, 'died'))
      .catch(() => {})
  }

  /** Asks for a sign of life. A worker that does not know this page, or is a new one on the same port, hears hello again. */
  async function isAlive(living: Life): Promise<boolean> {
    const known = await living.calls.call('ping', []).then(
      (incarnation) => incarnation === living.incarnation,
      (error: PartylineError) => (error.reason === 'unregistered' ? false : undefined),
    )
    if (known === false && life === living) greet(living)
    return known !== undefined
  }

  /** Asks twice per `timeout`. Two in a row without an answer mean that the worker hangs; one alone may mean that this page did. */
  function attend(living: Life, lock: string | undefined) {
    let waiting = false
    const timer = setInterval(async () => {
      if (waiting) return
      waiting = true
      const hangs = !(await isAlive(living)) && !(await isAlive(living))
      waiting = false
      if (hangs) leaveBehind(living, lock)
    }, timeout / 2)
    living.over.signal.addEventListener('abort', () => clearInterval(timer))
  }

  /** A worker that hangs keeps its name, its socket and its lock. Without the lock it closes itself when it wakes. */
  function leaveBehind(hanging: Life, lock: string | undefined) {
    if (life !== hanging) return
    generation.leave(hanging.generation)
    if (lock !== undefined) navigator.locks?.request(lock, { steal: true }, () => {}).catch(() => {})
    succeed(hanging, 'hangs')
  }

  return {
    start,
    register() {
      if (life) greet(life)
    },
    call: (name, ...args) =>
      life?.calls.call(name, args) ??
      Promise.reject(closed ? lineClosed() : new PartylineError('worker-died', 'There is no worker.')),
    post(message) {
      // Whoever says that it goes has said before what it had.
      life?.receipts?.settle()
      life?.port?.postMessage(message)
    },
    async close() {
      closed = true
      clearTimeout(retry)
      const last = life
      if (!last) return
      end(last, lineClosed())
      await last.calls.call('leave', []).catch(() => {})
      last.release()
    },
  }
}

const failure = (what: string) => new PartylineError('worker-failed', `${what} ${HELP}`)
