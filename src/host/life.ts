import { transfer } from 'comlink'
import { PartylineError } from '../../shared/errors'
import type { Place } from '../../shared/place'
import type { Hello, Started, Switchboard, Welcome } from '../../shared/switchboard'
import type { Mark, ToTab, ToWorker } from '../../shared/wire'
import { callSafely } from '../emitter'
import { lineClosed } from '../failures'
import type { EndReason } from '../tab/shared-page'
import { createCalls } from './calls'
import type { WorkerHandle } from './open-worker'
import { createReceipts } from './receipts'

export interface LifeParts {
  /** Opens a port to the worker. `ended` is called when another line of this page finds that the worker has ended. */
  readonly open: (ended: (reason: EndReason) => void) => WorkerHandle
  /** The worker's name. */
  readonly name: string
  /** How long a call may take, in ms. The watchdog's pings are calls too. */
  readonly timeout: number
  /** Whether dedicated workers share a connection: then they are given `SHARED` at least. */
  readonly share: boolean
  /** How long a shared worker may take to answer the first hello before the page opens it anew, in ms. Ignored from `timeout` up. */
  readonly patience: number
  /** The page's registration. `undefined` if its line is closed. */
  readonly hello: (worker: string) => Hello | undefined
  readonly message: (message: ToTab) => void
  /** The last events of each panel that the user's tabs have handled for all. */
  readonly handled: () => readonly Mark[]
  /** The page says hello again. */
  readonly greeting: () => void
  /** The worker has answered hello, for the first time or again. */
  readonly up: (welcome: Welcome) => void
  /** Another worker serves this tab from now on. */
  readonly moved: (place: Place) => void
  /** Resolves to whether the page can open that worker. */
  readonly probe: (place: Place) => Promise<boolean>
  /** The worker hangs: stop routing pages to it. */
  readonly hangs: () => void
  /** A shared worker has not answered hello in time. */
  readonly silent: () => void
  /** The worker ended. If `patience` is set, it is replaced at once, and the replacement has this long to answer, in ms. */
  readonly over: (error: PartylineError, patience?: number) => void
}

/** One life of a worker, as seen from this page. */
export interface Life {
  /** Registers the page by a hello, for the first time or again. */
  greet(): void
  call<Name extends keyof Switchboard>(
    name: Name,
    args: Parameters<Switchboard[Name]>,
  ): Promise<Awaited<ReturnType<Switchboard[Name]>>>
  post(message: ToWorker): void
  /**
   * The page goes to another worker. Pending calls reject with `unregistered`, after which they are repeated there; messages that
   * were sent may still be answered here for a moment.
   */
  abandon(): void
  /** The line closes: pending calls reject at once. Resolves when the worker has removed the page. `signedOut`: by a sign-out. */
  leave(signedOut: boolean): Promise<void>
}

/** How long to wait after an `error` event, in ms: a worker whose script threw may still send the reason. */
export const LAST_WORDS = 250
/** How long the replacement of a worker that died may take to answer before the page opens it anew, in ms. Doubled each time. */
export const FIRST_PATIENCE = 500

/** The least `timeout` of a dedicated worker that may have to wait until it is noticed that the one with the connection is frozen, in ms. */
const SHARED = 3000

/** How long messages that a page has sent may be answered by the worker that the page has left, in ms. */
const ANSWERS = 1000

const HELP = 'Is its file served as JavaScript? Does it call serve()? Does the factory spread its options?'

/** Registers the page with a worker, and detects when the worker fails, dies or hangs. */
export function createLife(parts: LifeParts): Life {
  const { patience } = parts
  const access = parts.open((how) => (how === 'failed' ? fail('The worker has failed.') : replace(how)))
  const isShared = 'port' in access.worker
  const timeout = Math.max(parts.timeout, parts.share && !isShared ? SHARED : 0)
  const { call, end: reject, release } = createCalls(access.port, timeout)
  const ended = new AbortController()
  let watching = new AbortController()
  const receipts = createReceipts((count) => port?.postMessage({ type: 'took', count } satisfies ToWorker))
  let port: MessagePort | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  /** The worker behind the port, once it has sent anything. */
  let incarnation: string | undefined
  /** Whether the worker has answered the first hello. */
  let isUp = false
  /** The name of the lock that the worker holds as long as it lives. */
  let lock: string | undefined

  /** Closes the port, stops the watchdog and rejects pending calls. No callback is called after this. */
  function end(error: PartylineError, spared?: keyof Switchboard) {
    clearTimeout(timer)
    ended.abort()
    watching.abort()
    port?.close()
    port = undefined
    reject(error, spared)
  }

  function close(how?: EndReason) {
    access.leave(how)
    release()
  }

  function over(error: PartylineError, how?: EndReason, next?: number) {
    if (ended.signal.aborted) return
    end(error)
    close(how)
    parts.over(error, next)
  }

  const fail = (what: string) => over(new PartylineError('worker-failed', `${what} ${HELP}`), 'failed')

  function replace(how: Exclude<EndReason, 'failed'>, next = FIRST_PATIENCE) {
    if (how === 'hangs') {
      parts.hangs()
      // A worker that hangs still has its name, its socket and its lock. If it wakes without the lock, it closes itself.
      request({ steal: true })
    }
    over(new PartylineError('worker-died', `The worker ${how}; a new one is started.`), how, next)
  }

  function request(options: LockOptions, granted = () => {}) {
    if (lock) navigator.locks?.request(lock, options, granted).catch(() => {})
  }

  /** Waits for the worker's end. It does so again after each hello: WebKit forgets the requests of a page in its back/forward cache. */
  function watch(name: string | undefined) {
    lock = name
    watching.abort()
    watching = new AbortController()
    request({ mode: 'shared', signal: watching.signal }, () => replace('died'))
  }

  function greet() {
    const hello = parts.hello(parts.name)
    if (!hello) return
    if (isUp) parts.greeting()
    const { port1, port2 } = new MessageChannel()
    receipts.settle()
    port?.close()
    port = port1
    port1.onmessage = ({ data }: MessageEvent<ToTab>) => {
      if (port !== port1) return
      if (data.type === 'moved') return data.place ? parts.moved(data.place) : greet()
      if (data.type === 'probe') void answer(port1, data)
      // Acknowledge a message that cannot be read, too: otherwise the worker would count it as unacknowledged forever.
      callSafely(parts.message, data)
      receipts.add(data)
    }
    call('hello', [hello, transfer(port2, [port2])]).then(
      (welcome) => {
        // A later hello has taken its place.
        if (port !== port1) return
        if (welcome.moved) return parts.moved(welcome.moved)
        if (!isUp) {
          isUp = true
          timer = setTimeout(watchdog, timeout / 2)
        }
        watch(welcome.lock)
        incarnation = welcome.incarnation
        parts.up(welcome)
      },
      (error: PartylineError) => {
        // A later hello has taken its place.
        if (port !== port1) return
        if (error.reason !== 'timeout') return over(error)
        reportSilence()
        fail(`The worker did not answer within ${timeout} ms.`)
      },
    )
  }

  function reportSilence() {
    if (isShared && !ended.signal.aborted) parts.silent()
  }

  async function answer(to: MessagePort, { call, place }: Extract<ToTab, { readonly type: 'probe' }>) {
    const opens = await parts.probe(place)
    to.postMessage({ type: 'probed', call, opens } satisfies ToWorker)
  }

  /** Pings the worker. If it does not know this page, or is a new worker behind the same port, registers again. */
  async function isAlive(): Promise<boolean> {
    const known = await call('ping', []).catch(({ reason }) => (reason === 'unregistered' ? '' : undefined))
    if (ended.signal.aborted) return true
    if (known !== undefined && known !== incarnation) greet()
    return known !== undefined
  }

  /**
   * The watchdog pings twice per `timeout`. Two pings in a row without an answer mean that the worker hangs; one alone may
   * mean that this page did.
   */
  async function watchdog() {
    if ((await isAlive()) || (await isAlive())) {
      if (ended.signal.aborted) return
      timer = setTimeout(watchdog, timeout / 2)
      return
    }
    if (!ended.signal.aborted) replace('hangs')
  }

  // A worker that has answered has started. Errors that it throws later do not end it.
  const failToStart = () => {
    if (!isUp) fail('The worker could not be started.')
  }
  access.worker.addEventListener('error', () => setTimeout(failToStart, LAST_WORDS), { signal: ended.signal })
  // Right after a shared worker died, a browser may still connect pages to it. It never answers. Opening it anew gets a
  // new worker; if the first one was only slow, it gets the same one again.
  if (isShared && patience < timeout) {
    timer = setTimeout(() => {
      if (isUp) return
      // One that has started may be waiting for others.
      if (incarnation === undefined) reportSilence()
      replace('does not answer', 2 * patience)
    }, patience)
  }
  // A browser may begin a shared worker anew in another process, with the same ports. The new one knows nothing of this page.
  access.port.addEventListener('message', ({ data }: MessageEvent<Started>) => {
    if (data?.type !== 'started') return
    if (incarnation !== undefined && incarnation !== data.incarnation) replace('died')
    incarnation = data.incarnation
  })

  return {
    greet,
    call,
    post(message) {
      // Flush receipts before announcing departure: the message may be `bye`.
      receipts.settle()
      port?.postMessage(message)
      // WebKit loses some messages of a page that goes into its back/forward cache, and delivers later ones.
      if (message.type === 'bye') port = undefined
    },
    abandon() {
      end(new PartylineError('unregistered', 'Another worker serves this tab.'), 'send')
      setTimeout(() => {
        reject(new PartylineError('worker-died', 'The worker did not answer in time.'))
        close()
      }, ANSWERS)
    },
    async leave(signedOut) {
      end(lineClosed())
      // A listener that closes the line while it handles an event has returned after this.
      await null
      await call('leave', [parts.handled(), signedOut]).catch(() => {})
      close()
    },
  }
}
