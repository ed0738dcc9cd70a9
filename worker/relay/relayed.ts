import type { Failure } from '../../shared/errors'
import { notServing } from '../failures'
import type { Calls } from '../pages/api'
import { withFailures } from '../pages/comlink-guard'
import type { PagePort } from '../pages/page-port'
import { createGroup } from './group'
import type { Inbox, Request } from './inbox'

interface Page {
  readonly calls: Calls
  /** Gets what the page posts. */
  heard: (message: unknown) => void
}

export interface RelayedParts {
  readonly lock: string
  readonly inbox: Inbox
  /** Makes the calls of a page. `portOf` returns the way to it, of what came with its hello: the number of that. */
  readonly createCalls: (portOf: (hello: unknown) => PagePort) => Calls
  /** A page made an invalid or over-limit request. */
  readonly refused: () => void
}

/** The pages of other workers, which relay to this one while it serves. */
export interface Relayed {
  requested(request: Request): void
  /** That worker has ended, with its pages. */
  forget(worker: string): void
  /** Resolves once no page is signing the user out. */
  settled(): Promise<unknown>
}

/** The most pages of one worker. Each line of a page is one. */
const PAGES = 1000

export function createRelayed({ lock, inbox, createCalls, refused }: RelayedParts): Relayed {
  const workers = new Map<string, Map<number, Page>>()
  const group = createGroup(inbox, () => [...workers.keys()])
  let signedOut: Promise<unknown> = Promise.resolve()

  function pageOf(from: string, page: number): Page {
    const pages = workers.get(from) ?? new Map<number, Page>()
    workers.set(from, pages)
    const known = pages.get(page)
    if (known) return known
    const portOf = (hello: unknown): PagePort => ({
      post: (message) => group.post(from, [page, Number(hello)], message),
      listen(listener) {
        next.heard = listener
      },
      close() {},
    })
    const next: Page = { calls: createCalls(portOf), heard: () => {} }
    if (pages.size < PAGES) pages.set(page, next)
    return next
  }

  function carryOut({ from, page, call, name, args }: Extract<Request, { readonly type: 'call' }>) {
    const { calls } = pageOf(from, page)
    const answer = (outcome: { readonly value?: unknown; readonly failure?: Failure }) =>
      inbox.send(from, { type: 'answer', from: lock, call, ...outcome })
    const isCall = (known: string): known is keyof Calls => Object.hasOwn(calls, known)
    if (!isCall(name)) return answer({ failure: notServing().toJSON() })
    // An answer that cannot be copied is a failure, too.
    const answered = withFailures(async () => answer({ value: await calls[name](...args) }), refused)().catch(
      (failure: Failure) => answer({ failure }),
    )
    if (name === 'signOut') signedOut = answered
    if (name === 'leave') void answered.then(() => workers.get(from)?.delete(page))
  }

  return {
    requested(request) {
      group.heard(request.from)
      if (request.type === 'call') carryOut(request)
      else workers.get(request.from)?.get(request.page)?.heard(request.message)
    },
    forget(worker) {
      workers.delete(worker)
      group.heard(worker)
    },
    settled: () => signedOut,
  }
}
