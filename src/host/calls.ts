import { releaseProxy, wrap } from 'comlink'
import { PartylineError } from '../../shared/errors'
import type { Switchboard } from '../../shared/switchboard'
import { revive } from '../failures'

type Call<Name extends keyof Switchboard> = (
  ...args: Parameters<Switchboard[Name]>
) => Promise<Awaited<ReturnType<Switchboard[Name]>>>

/** The calls of a worker. */
export interface Calls {
  /** Rejects with a typed error: what the worker threw, `timeout`, or the one given to `end`. */
  call<Name extends keyof Switchboard>(
    name: Name,
    args: Parameters<Switchboard[Name]>,
  ): ReturnType<Call<Name>>
  /** Rejects every call under way, except calls of `spared`. */
  end(error: PartylineError, spared?: keyof Switchboard): void
  /** Frees what Comlink keeps for calls that were never answered. The port must be closed: the worker refuses a RELEASE. */
  release(): void
}

/** Calls a worker with Comlink, and settles every call: Comlink's own wait forever if the worker dies. */
export function createCalls(port: MessagePort, timeout: number): Calls {
  // The proxy is kept: once it is garbage-collected, Comlink drops the answers to its calls.
  const remote = wrap<Switchboard>(port)
  const calls: { readonly [Name in keyof Switchboard]: Call<Name> } = remote
  const underWay = new Map<(error: PartylineError) => void, keyof Switchboard>()
  return {
    call: (name, args) =>
      new Promise((resolve, reject) => {
        const answer = calls[name](...args)
        const settled = () => {
          clearTimeout(timer)
          underWay.delete(fail)
        }
        const fail = (error: PartylineError) => {
          settled()
          reject(error)
        }
        const late = () => fail(new PartylineError('timeout', `${name} took over ${timeout} ms.`))
        // The caller of `send` has a deadline of its own.
        const timer = name === 'send' ? undefined : setTimeout(late, timeout)
        underWay.set(fail, name)
        answer.then(
          (value) => {
            settled()
            resolve(value)
          },
          (cause) => fail(revive(cause)),
        )
      }),
    end(error, spared) {
      for (const [fail, name] of underWay) if (name !== spared) fail(error)
    },
    release: () => remote[releaseProxy](),
  }
}
