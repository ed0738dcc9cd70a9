import { PartylineError } from '../../shared/errors'
import type { ToTab } from '../../shared/wire'
import { notServing } from '../failures'
import type { Calls } from '../pages/api'
import type { Inbox, Reply } from './inbox'

/** How long a worker that does not serve any more may take to answer what a page has sent through it, in ms. */
const ANSWERS = 1000

/** A call that waits for its answer. */
interface Pending {
  readonly to: string
  readonly name: keyof Calls
  resolve(value: unknown): void
  reject(error: PartylineError): void
}

export interface RelayParts {
  readonly lock: string
  readonly inbox: Pick<Inbox, 'send'>
  /** A message for a page of this worker, in answer to this hello. Returns whether that was the page's last one. */
  readonly message: (page: number, hello: number, message: ToTab) => boolean
}

/** The way of this worker's pages to the worker that serves. */
export interface Relay {
  call(to: string, page: number, name: keyof Calls, args: readonly unknown[]): Promise<unknown>
  post(to: string, page: number, message: unknown): void
  /** Returns whether the reply is of the worker that serves, as far as this one knows. */
  replied(reply: Reply): boolean
  /** That worker does not serve any more: pending calls reject. What pages have sent may still be answered for a moment. */
  left(worker: string): void
  /** That worker has ended. */
  ended(worker: string): void
}

export function createRelay({ lock, inbox, message }: RelayParts): Relay {
  const pending = new Map<number, Pending>()
  let calls = 0

  function fail(call: number) {
    const failed = pending.get(call)
    pending.delete(call)
    // Nobody knows whether it has sent the message.
    failed?.reject(
      failed.name === 'send'
        ? new PartylineError('worker-died', 'The worker was replaced before it answered.')
        : notServing(),
    )
  }

  const pendingAt = (worker: string) => [...pending].filter(([, { to }]) => to === worker)

  return {
    call: (to, page, name, args) =>
      new Promise((resolve, reject) => {
        calls += 1
        inbox.send(to, { type: 'call', from: lock, page, call: calls, name, args })
        pending.set(calls, { to, name, resolve, reject })
      }),
    post: (to, page, posted) => inbox.send(to, { type: 'post', from: lock, page, message: posted }),
    replied(reply) {
      if (reply.type === 'message') return message(reply.page, reply.hello, reply.message)
      const call = pending.get(reply.call)
      if (call?.to !== reply.from) return false
      pending.delete(reply.call)
      const { failure } = reply
      if (failure) call.reject(new PartylineError(failure.reason, failure.message))
      else call.resolve(reply.value)
      return true
    },
    left(worker) {
      for (const [call, { name }] of pendingAt(worker))
        if (name === 'send') setTimeout(fail, ANSWERS, call)
        else fail(call)
    },
    ended(worker) {
      for (const [call] of pendingAt(worker)) fail(call)
    },
  }
}
