import type { Failure } from '../../shared/errors'
import type { ToTab } from '../../shared/wire'
import { either, exactly, isObject, list, number, object, text, tuple } from '../checks'

/** From a worker that relays, to the one that serves: a page's call, or its message. */
export type Request =
  | {
      readonly type: 'call'
      readonly from: string
      readonly page: number
      readonly call: number
      readonly name: string
      readonly args: readonly unknown[]
    }
  | { readonly type: 'post'; readonly from: string; readonly page: number; readonly message: unknown }

/** From the worker that serves, to one that relays: the answer to a call, or a message for a page. */
export type Reply =
  | {
      readonly type: 'answer'
      readonly from: string
      readonly call: number
      readonly value?: unknown
      readonly failure?: Failure
    }
  | {
      readonly type: 'message'
      readonly page: number
      /** Which hello of the page has registered it. */
      readonly hello: number
      readonly message: ToTab
    }

/** A page, and which hello of it has registered it. */
export type Seat = readonly [page: number, hello: number]

/** From the worker that serves, to all that relay to it: events as text, and the pages that get them, by their worker. */
export interface Batch {
  readonly events: string
  readonly to: ReadonlyMap<string, readonly Seat[]>
}

export interface InboxParts {
  /** The name of the lock that this worker holds as long as it lives. Its inbox has that name. */
  readonly lock: string
  /** Calls `freed` once the worker with this lock has ended. */
  readonly watch: (lock: string, freed: () => void) => () => void
  readonly requested: (request: Request) => void
  readonly replied: (reply: Reply) => void
  /** A worker that was sent something has ended. */
  readonly ended: (lock: string) => void
}

/**
 * The messages between the workers of a user's tabs: each has a channel on which only it listens, and another on which it posts events that
 * many pages get. What a worker posts arrives in order, whatever the channel.
 */
export interface Inbox {
  /** Throws if the message cannot be copied. */
  send(to: string, message: Request | Reply): void
  /** To the workers that have sent a request to this one. */
  sendAll(batch: Batch): void
}

export function createInbox({ lock, watch, requested, replied, ended }: InboxParts): Inbox {
  const channels = new Map<string, BroadcastChannel>()
  const batches = new Map<string, BroadcastChannel>()
  const own = new BroadcastChannel(batchesOf(lock))

  function receive({ data }: MessageEvent) {
    if (!isBatch(data)) return
    const { events, to } = data as Batch
    const seats = to.get(lock)
    if (!areSeats(seats)) return
    for (const [page, hello] of seats as readonly Seat[])
      replied({ type: 'message', page, hello, message: { type: 'events', events } })
  }

  function open(to: string): BroadcastChannel {
    const channel = new BroadcastChannel(to)
    channels.set(to, channel)
    watch(to, () => {
      for (const all of [channels, batches]) {
        all.get(to)?.close()
        all.delete(to)
      }
      ended(to)
    })
    return channel
  }

  function listen(to: string) {
    const channel = new BroadcastChannel(batchesOf(to))
    channel.onmessage = receive
    batches.set(to, channel)
  }

  new BroadcastChannel(lock).onmessage = ({ data }) => {
    if (isRequest(data)) requested(data as Request)
    else if (isReply(data)) replied(data as Reply)
  }

  return {
    send(to, message) {
      const channel = channels.get(to) ?? open(to)
      // Before a page of this worker is registered there.
      if (message.type === 'call' && !batches.has(to)) listen(to)
      channel.postMessage(message)
    },
    sendAll: (batch) => own.postMessage(batch),
  }
}

const batchesOf = (lock: string) => `${lock}/events`

/** Any script of this origin may post here. What a call is given is checked where it is carried out. */
const isRequest = either(
  object({
    type: exactly('call'),
    from: text(),
    page: number(),
    call: number(),
    name: text(),
    args: Array.isArray,
  }),
  object({ type: exactly('post'), from: text(), page: number() }),
)

const isReply = either(
  object({ type: exactly('message'), page: number(), hello: number(), message: isObject }),
  object({ type: exactly('answer'), from: text(), call: number() }),
)

const isBatch = object({ events: text(), to: (to) => to instanceof Map })

/** A worker looks at its own pages only: the others are many. */
const areSeats = list(tuple(number(), number()))
