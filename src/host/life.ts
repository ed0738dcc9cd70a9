import { PartylineError } from '../../shared/errors'
import type { Hello, Switchboard } from '../../shared/switchboard'
import type { ToTab, ToWorker } from '../../shared/wire'
import { callSafely } from '../emitter'
import { lineClosed } from '../failures'
import type { EndReason } from '../tab/shared-page'
import { createCalls } from './calls'
import type { WorkerHandle } from './open-worker'
import { createReceipts } from './receipts'

export interface LifeParts {
  /** Opens the way to the worker; `ended` is called when another line of this page finds that it has ended. */
  readonly open: (ended: (reason: EndReason) => void) => WorkerHandle
  /** The worker's name. */
  readonly name: string
  /** How long a call, or a sign of life, may take, in ms. */
  readonly timeout: number
  /** How long the first hello may go unanswered before the worker is looked for again, if that is less. */
  readonly patience: number
  /** What the page says of itself; nothing where its line is over. */
  readonly hello: (worker: string) => Hello | undefined
  readonly message: (message: ToTab) => void
  /** The switchboard has answered hello, for the first time or again. */
  readonly up: (incarnation: string) => void
  /** It hangs: nobody is to be led to it any more. */
  readonly hangs: () => void
  /** It is over. With a patience, by no fault of the app's: the next one is to begin at once, and is looked for so long. */
  readonly over: (error: PartylineError, patience?: number) => void
}

/** One life of a worker, as seen from this page. */
export interface Life {
  /** Says hello, for the first time or again. */
  greet(): void
  call<Name extends keyof Switchboard>(
    name: Name,
    args: Parameters<Switchboard[Name]>,
  ): Promise<Awaited<ReturnType<Switchboard[Name]>>>
  post(message: ToWorker): void
  /** The page leaves for good: calls under way reject at once. Resolves when the worker has let it go. */
  leave(): Promise<void>
}

/** A worker whose script threw may still say why: so long its word is waited for. */
const LAST_WORDS = 250
/** How long the successor of a worker that died may be silent before it is looked for again. */
const HASTE = 1000

const HELP =
  'Is its file served as JavaScript, and does it call serve()? Does the factory spread its options?'

/** Says hello to a worker, and notices that it failed, died or hangs. */
export function createLife(parts: LifeParts): Life {
  const { timeout, patience } = parts
  const access = parts.open((how) => (how === 'failed' ? fail('The worker has failed.') : succeed(how)))
  const { call, end: reject } = createCalls(access.port, timeout)
  const ended = new AbortController()
  const receipts = createReceipts((count) => port?.postMessage({ type: 'took', count } satisfies ToWorker))
  let port: MessagePort | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  /** Known once it has answered the first hello. */
  let incarnation: string | undefined
  /** Held by the worker for as long as it lives. */
  let lock: string | undefined

  /** Nothing is heard any more, and nothing more is told. */
  function end(error: PartylineError) {
    clearTimeout(timer)
    ended.abort()
    port?.close()
    port = undefined
    reject(error)
  }

  function over(error: PartylineError, how?: EndReason, next?: number) {
    if (ended.signal.aborted) return
    end(error)
    access.leave(how)
    parts.over(error, next)
  }

  const fail = (what: string) => over(new PartylineError('worker-failed', `${what} ${HELP}`), 'failed')

  function succeed(how: Exclude<EndReason, 'failed'>, next = HASTE) {
    if (how === 'hangs') {
      parts.hangs()
      // A worker that hangs keeps its name, its socket and its lock. Without the lock it closes itself when it wakes.
      request({ steal: true })
    }
    over(new PartylineError('worker-died', `The worker ${how}; another one is started.`), how, next)
  }

  function request(options: LockOptions, granted = () => {}) {
    if (lock) navigator.locks?.request(lock, options, granted).catch(() => {})
  }

  function greet() {
    const hello = parts.hello(parts.name)
    if (!hello) return
    const { port1, port2 } = new MessageChannel()
    receipts.settle()
    port?.close()
    port = port1
    port1.onmessage = ({ data }: MessageEvent<ToTab>) => {
      if (port !== port1) return
      // A message that cannot be read is answered as well: an answer that is missing would count against this page for good.
      callSafely(parts.message, data)
      receipts.add(data)
    }
    call('hello', [hello, port2], [port2]).then(
      (welcome) => {
        if (incarnation === undefined) {
          lock = welcome.lock
          request({ mode: 'shared', signal: ended.signal }, () => succeed('died'))
          timer = setTimeout(attend, timeout / 2)
        }
        incarnation = welcome.incarnation
        parts.up(incarnation)
      },
      (error: PartylineError) =>
        error.reason === 'timeout' ? fail(`The worker did not answer within ${timeout} ms.`) : over(error),
    )
  }

  /** Asks for a sign of life. A worker that does not know this page, or is a new one on the same port, hears hello again. */
  async function isAlive(): Promise<boolean> {
    const known = await call('ping', []).catch(({ reason }) => (reason === 'unregistered' ? '' : undefined))
    if (known !== undefined && known !== incarnation) greet()
    return known !== undefined
  }

  /** Asks twice per `timeout`. Two in a row without an answer mean that the worker hangs; one alone may mean that this page did. */
  async function attend() {
    if ((await isAlive()) || (await isAlive())) {
      timer = setTimeout(attend, timeout / 2)
      return
    }
    if (!ended.signal.aborted) succeed('hangs')
  }

  // One that has answered has started: what it throws from then on is its own affair.
  const failToStart = () => {
    if (incarnation === undefined) fail('The worker could not be started.')
  }
  access.worker.addEventListener('error', () => setTimeout(failToStart, LAST_WORDS), { signal: ended.signal })
  // For a moment a browser leads pages to a shared worker that has just died, where nobody answers; one that only takes
  // its time is found again.
  if ('port' in access.worker && patience < timeout) {
    timer = setTimeout(() => {
      if (incarnation === undefined) succeed('does not answer', 2 * patience)
    }, patience)
  }

  return {
    greet,
    call,
    post(message) {
      // Whoever says that it goes has said before what it had.
      receipts.settle()
      port?.postMessage(message)
    },
    async leave() {
      end(lineClosed())
      await call('leave', []).catch(() => {})
      access.leave()
    },
  }
}
