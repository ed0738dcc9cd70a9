import { type Endpoint, expose } from 'comlink'
import { type Failure, PartylineError, type Reason } from '../../shared/errors'
import { isObject } from '../checks'
import { messageOf } from '../thrown'

/** The port of a page, or the scope of a dedicated worker. */
export interface CallEndpoint {
  postMessage(message: unknown, transfer?: Transferable[]): void
  addEventListener(type: string, listener: (event: MessageEvent) => void): void
  /** A port delivers nothing before it is started. */
  start?(): void
}

type Calls = Readonly<Record<string, (...args: unknown[]) => unknown>>

/** The exposed function that stands in for whatever is forbidden. */
const FORBIDDEN = 'forbidden'

/** The most arguments of a call. Copying a sparse list of great length would keep the worker busy. */
const ARGUMENTS = 10

/** What may become of a page's message that is not the page's fault. */
const OUTCOMES: readonly Reason[] = ['not-sent', 'unanswered', 'refused']

const isArgument = (wire: unknown): boolean =>
  isObject(wire) &&
  (wire['type'] === 'RAW' ||
    (wire['type'] === 'HANDLER' && wire['name'] === 'proxy' && wire['value'] instanceof MessagePort))

/**
 * Exposes calls with Comlink, and lets nothing else through to it: only APPLY of one of these names, with plain
 * arguments, transferred ports or proxied functions. Comlink alone would obey any path: a SET on `__proto__` would reach
 * every object of the worker. Any other message is answered with `forbidden-call` and has no effect.
 *
 * That includes RELEASE, which a page's Comlink posts when a proxy is released or garbage-collected. The port stays
 * open, because other proxies in the page may use it; it ends with the page.
 */
export function exposeGuarded(calls: Calls, endpoint: CallEndpoint, refused: () => void): void {
  const names = Object.keys(calls)
  const forbid = () => {
    throw new PartylineError('forbidden-call', `The switchboard knows only calls of ${names.join(', ')}.`)
  }

  /** The message that reaches Comlink. It is made anew from the parts that were checked. */
  function admit({ id, type, path, argumentList }: Readonly<Record<string, unknown>>) {
    const [name] = Array.isArray(path) && path.length === 1 ? path : []
    const args =
      Array.isArray(argumentList) && argumentList.length <= ARGUMENTS ? [...argumentList] : undefined
    return type === 'APPLY' && names.includes(name) && args?.every(isArgument)
      ? { id, type, path: [name], argumentList: args }
      : { id, type: 'APPLY', path: [FORBIDDEN] }
  }

  const guarded: Endpoint = {
    postMessage: (message, transfer) => endpoint.postMessage(message, transfer),
    addEventListener(_, listener: EventListener) {
      endpoint.addEventListener('message', ({ data }) => {
        if (!isObject(data)) return
        // Without an id there is nobody to answer.
        if (typeof data['id'] !== 'string') return refused()
        listener(new MessageEvent('message', { data: admit(data) }))
      })
    },
    // Comlink removes its listener on RELEASE alone.
    removeEventListener() {},
    start: () => endpoint.start?.(),
  }
  expose(
    Object.fromEntries(
      Object.entries({ ...calls, [FORBIDDEN]: forbid }).map(([name, call]) => [
        name,
        withFailures(call, refused),
      ]),
    ),
    guarded,
  )
}

/**
 * Comlink keeps only name, message and stack of an `Error`, so errors are thrown as data. `refused` is called for those that are
 * the page's fault.
 */
export const withFailures =
  (call: Calls[string], refused: () => void) =>
  async (...args: unknown[]) => {
    try {
      return await call(...args)
    } catch (cause) {
      const failure = failureOf(cause)
      if (!OUTCOMES.includes(failure.reason)) refused()
      throw failure
    }
  }

function failureOf(cause: unknown): Failure {
  if (cause instanceof PartylineError) return cause.toJSON()
  return new PartylineError('worker-failed', messageOf(cause)).toJSON()
}
