import type { Failure } from '../../shared/errors'
import type { ToTab } from '../../shared/wire'
import { either, exactly, number, object, text } from '../checks'

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
  | { readonly type: 'message'; readonly from: string; readonly page: number; readonly message: ToTab }

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

/** The messages between the workers of a user's tabs: each has a channel on which only it listens. */
export interface Inbox {
  /** Throws if the message cannot be copied. */
  send(to: string, message: Request | Reply): void
}

export function createInbox({ lock, watch, requested, replied, ended }: InboxParts): Inbox {
  const channels = new Map<string, BroadcastChannel>()

  function open(to: string): BroadcastChannel {
    const channel = new BroadcastChannel(to)
    channels.set(to, channel)
    watch(to, () => {
      channels.delete(to)
      channel.close()
      ended(to)
    })
    return channel
  }

  new BroadcastChannel(lock).onmessage = ({ data }) => {
    if (isRequest(data)) requested(data as Request)
    else if (isReply(data)) replied(data as Reply)
  }

  return {
    send: (to, message) => (channels.get(to) ?? open(to)).postMessage(message),
  }
}

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
  object({ type: exactly('message'), from: text(), page: number() }),
  object({ type: exactly('answer'), from: text(), call: number() }),
)
