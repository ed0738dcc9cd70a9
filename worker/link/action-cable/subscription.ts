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
  /**
   * Returns the message that asks for both. Called again, because an answer is missing, it asks for the room alone: what was missed
   * is given up.
   */
  ask(): Message
  /** Whether the server was asked for what was missed, and has not answered that. Events wait for this answer. */
  isCatchingUp(): boolean
  /** Reads the server's answer that it has joined the room. Returns `undefined` if the caller must pass it on. */
  confirm(answer: Arrival): Control | undefined
  /** Gives up what was missed, if it is overdue. Returns the messages that waited for it. */
  giveUpIfOverdue(): readonly Arrival[]
  /** Reads an event. Returns `undefined` if the caller must pass it on. */
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
  /** Whether the server has joined the room. */
  let isConfirmed = isRestored
  let isAsked = false
  let isGivenUp = false

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

  /** Does as if the server had rejected the request for what was missed. */
  const giveUp = () => release({ name: 'reject_history', payload: { room }, size: 0 })

  return {
    room,
    streams,
    ask() {
      isGivenUp = isAsked
      isAsked = true
      // A server that has joined the room already does not answer this.
      if (isGivenUp || !held) return { name: 'subscribe', payload: { identifier } }
      return { name: isRestored ? 'history' : 'subscribe', payload: { identifier, history } }
    },
    isCatchingUp: () => held !== undefined,
    confirm(answer) {
      isConfirmed = true
      if (held === undefined) return undefined
      // The answer about what was missed follows.
      return isGivenUp ? release(answer) : 'alive'
    },
    giveUpIfOverdue: () => (held && isConfirmed && isGivenUp ? giveUp() : []),
    take(event) {
      // The server may send a message as a missed one and, later, as a new one.
      if (held === undefined) return isNew(event) ? undefined : 'alive'
      held.push(event)
      // An event shows that the server has joined the room.
      return held.length < MOST && !isGivenUp ? 'alive' : giveUp()
    },
    release,
  }
}
