import { type Failure, PartylineError } from '../../shared/errors'

/** Where calls come in: the port of a page, or the scope of a worker of a tab's own. */
export interface Endpoint {
  postMessage(message: unknown): void
  addEventListener(type: string, listener: (event: MessageEvent) => void): void
  /** Ports keep what comes until they are started. */
  start?(): void
}

/** A function of a page's, as `Comlink.proxy` hands it over: its port answers each call once it has run. */
export class Proxied {
  constructor(readonly port: MessagePort) {}

  call(argument: unknown): void {
    this.port.postMessage({
      id: '',
      type: 'APPLY',
      path: [],
      argumentList: [{ type: 'RAW', value: argument }],
    })
  }
}

type Calls = Readonly<Record<string, (...args: unknown[]) => unknown>>
type Fields = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null

/**
 * Answers calls in Comlink's protocol, of these names and with plain arguments or proxied functions. Comlink itself
 * would obey any path: a SET on `__proto__` would reach every object of the worker. Whatever else is asked for has no
 * effect, and is answered with `forbidden-call`.
 */
export function answerCalls(calls: Calls, endpoint: Endpoint, refused: () => void): void {
  const forbidden = () =>
    new PartylineError(
      'forbidden-call',
      `The switchboard knows only calls of ${Object.keys(calls).join(', ')}.`,
    )

  function argumentIn(wire: unknown): unknown {
    const { type, name, value } = isObject(wire) ? wire : {}
    if (type === 'RAW') return value
    if (name === 'proxy' && value instanceof MessagePort) return new Proxied(value)
    throw forbidden()
  }

  function perform({ type, path, argumentList }: Fields): unknown {
    const [name] = Array.isArray(path) && path.length === 1 ? path : []
    const call = typeof name === 'string' && Object.hasOwn(calls, name) ? calls[name] : undefined
    if (type !== 'APPLY' || !call || !Array.isArray(argumentList)) throw forbidden()
    return call(...argumentList.map(argumentIn))
  }

  async function answer(message: Fields) {
    try {
      return { type: 'RAW', value: await perform(message) }
    } catch (cause) {
      refused()
      // Errors cross the border as data: Comlink would keep only their name, message and stack.
      return { type: 'HANDLER', name: 'throw', value: { isError: false, value: asFailure(cause) } }
    }
  }

  endpoint.addEventListener('message', async ({ data }) => {
    if (!isObject(data)) return
    const { id } = data
    const answered = await answer(data)
    if (typeof id === 'string') endpoint.postMessage({ id, ...answered })
  })
  endpoint.start?.()
}

function asFailure(cause: unknown): Failure {
  if (cause instanceof PartylineError) return cause.toJSON()
  return new PartylineError('worker-failed', cause instanceof Error ? cause.message : String(cause)).toJSON()
}
