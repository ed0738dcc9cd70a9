import { isObject } from '../../checks'
import type { Message } from '../../dialect/dialect'
import type { Arrival } from '../link'
import type { Control } from '../websocket/link'
import type { Place, Streams } from './streams'

/** The most events that wait for an answer. */
const MOST = 10_000

export interface SubscriptionParts {
  readonly room: string
  readonly identifier: string
  /** What came on the connection before. */
  readonly streams: Streams
  /** Whether the server has restored it with the session, so that it must not be asked for again. */
  readonly isRestored: boolean
  /** The server's time, in seconds, at its last ping on the connection before; 0 if there was none. */
  readonly since: number
}

/** A room that the server is asked for on one connection, and for what was missed of it, as far as that is known. */
export interface Subscription {
  readonly room: string
  readonly streams: Streams
  /** The message that asks for both. */
  readonly join: Message
  /** Whether the server was asked for what was missed, and has not answered that. Events wait for this answer. */
  isCatchingUp(): boolean
  /** Reads an event. Returns `undefined` for one that is to be handed on. */
  take(event: Arrival): Control | undefined
  /** The server has sent what was missed, or cannot. Returns its answer, and the events that waited for it. */
  release(answer: Arrival): readonly Arrival[]
}

/** Set where a frame was decoded. */
const placeOf = ({ payload }: Arrival) =>
  isObject(payload) ? (payload['place'] as Place | undefined) : undefined

/** New messages of a stream may come before missed ones. Those without a number come first, as they came. */
function inOrder(one: Arrival, other: Arrival): number {
  const { stream = '', offset = 0 } = placeOf(one) ?? {}
  const next = placeOf(other)
  return stream.localeCompare(next?.stream ?? '') || offset - (next?.offset ?? 0)
}

export function createSubscription({
  room,
  identifier,
  streams,
  isRestored,
  since,
}: SubscriptionParts): Subscription {
  /** Whether the answer shows that nothing is missing. By the time alone, a server sends what it still has. */
  const isComplete = since > 0 && streams.areKnown()
  const history = { since, streams: streams.positions() }
  let held: Arrival[] | undefined = isRestored || isComplete ? [] : undefined

  function isNew(event: Arrival): boolean {
    const place = placeOf(event)
    return place === undefined || streams.note(place)
  }

  function release(answer: Arrival): readonly Arrival[] {
    const events = held ?? []
    held = undefined
    const recovered = answer.name === 'confirm_history' && isComplete
    if (!recovered) streams.forget()
    const payload = { ...(answer.payload as object), recovered }
    return [{ ...answer, payload }, ...events.sort(inOrder).filter(isNew)]
  }

  return {
    room,
    streams,
    join: {
      name: isRestored ? 'history' : 'subscribe',
      payload: { identifier, ...(held && { history }) },
    },
    isCatchingUp: () => held !== undefined,
    take(event) {
      // The server may send a message as a missed one and, later, as a new one.
      if (held === undefined) return isNew(event) ? undefined : 'alive'
      held.push(event)
      if (held.length < MOST) return 'alive'
      return release({ name: 'reject_history', payload: { room }, size: 0 })
    },
    release,
  }
}
