import { PartylineError } from '../../shared/errors'
import type { ToTab } from '../../shared/wire'
import type { Calls } from '../pages/api'
import { notServing } from '../sharing/sharing'
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
  /** A message for a page of this worker, from that worker. */
  readonly message: (page: number, from: string, message: ToTab) => void
}

/** The way of this worker's pages to the worker that serves. */
export interface Relay {
  call(to: string, page: number, name: keyof Calls, args: readonly unknown[]): Promise<unknown>
  post(to: string, page: number, message: unknown): void
  replied(reply: Reply): void
  /** That worker does not serve any more: pending calls reject. What pages have sent may still be answered for a moment. */
  left(worker: string): void
  /** That worker has ended. */
  ended(worker: string): void
}

export function createRelay({ lock, inbox, message }: RelayParts): Relay {
  const pending = new Map<number, Pending>()
  let calls = 0

  function rejectAll(worker: string, keepsSends: boolean) {
    for (const [call, { to, name, reject }] of pending) {
      if (to !== worker || (keepsSends && name === 'send')) continue
      pending.delete(call)
      // Nobody knows whether it has sent the message.
      reject(
        name === 'send'
          ? new PartylineError('worker-died', 'The worker was replaced before it answered.')
          : notServing(),
      )
    }
  }

  return {
    call: (to, page, name, args) =>
      new Promise((resolve, reject) => {
        calls += 1
        pending.set(calls, { to, name, resolve, reject })
        inbox.send(to, { type: 'call', from: lock, page, call: calls, name, args })
      }),
    post: (to, page, posted) => inbox.send(to, { type: 'post', from: lock, page, message: posted }),
    replied(reply) {
      if (reply.type === 'message') return message(reply.page, reply.from, reply.message)
      const call = pending.get(reply.call)
      if (call?.to !== reply.from) return
      pending.delete(reply.call)
      const { failure } = reply
      if (failure) call.reject(new PartylineError(failure.reason, failure.message))
      else call.resolve(reply.value)
    },
    left(worker) {
      rejectAll(worker, true)
      setTimeout(rejectAll, ANSWERS, worker, false)
    },
    ended: (worker) => rejectAll(worker, false),
  }
}
