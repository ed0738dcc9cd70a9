import { type Failure, PartylineError } from '../../shared/errors'
import { freshId } from '../../shared/names'
import type { Switchboard } from '../../shared/switchboard'
import { revive } from '../failures'

/** What Comlink answers a call with: what it returned, or what it threw. */
type Answer = { readonly id: string } & (
  | { readonly type: 'RAW'; readonly value: unknown }
  | { readonly type: 'HANDLER'; readonly value: { readonly value: Partial<Failure> } }
)

/** The calls of a worker that is exposed by Comlink. */
export interface Calls {
  /** Rejects with a typed error: what the worker threw, `timeout`, or the one that `end` is told. */
  call<Name extends keyof Switchboard>(
    name: Name,
    args: Parameters<Switchboard[Name]>,
    transfer?: Transferable[],
  ): Promise<Awaited<ReturnType<Switchboard[Name]>>>
  /** Every call under way rejects. */
  end(error: PartylineError): void
}

/**
 * Speaks Comlink's protocol in the one form needed here: a method, plain values, one answer. Comlink itself would be a
 * third of what a page loads, and its calls into a worker that has died never settle; these all do.
 */
export function createCalls(port: MessagePort, timeout: number): Calls {
  const waiting = new Map<string, (answer: Answer | PartylineError) => void>()
  // Starts the port, too.
  port.onmessage = ({ data }: MessageEvent<Answer>) => waiting.get(data.id)?.(data)
  return {
    call: (name, args, transfer = []) =>
      new Promise((resolve, reject) => {
        const id = freshId()
        const late = () => settle(new PartylineError('timeout', `${name} took over ${timeout} ms.`))
        const timer = setTimeout(late, timeout)
        const settle = (answer: Answer | PartylineError) => {
          clearTimeout(timer)
          waiting.delete(id)
          if (answer instanceof PartylineError) reject(answer)
          else if (answer.type === 'HANDLER') reject(revive(answer.value.value))
          else resolve(answer.value as never)
        }
        waiting.set(id, settle)
        const argumentList = args.map((value) => ({ type: 'RAW', value }))
        port.postMessage({ id, type: 'APPLY', path: [name], argumentList }, transfer)
      }),
    end(error) {
      for (const settle of waiting.values()) settle(error)
    },
  }
}
