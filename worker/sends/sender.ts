import { PartylineError, type Reason } from '../../shared/errors'
import { freshId } from '../../shared/names'
import type { RoomState } from '../../shared/status'
import { atMost } from '../deadline'
import type { Dialect, Message } from '../dialect/dialect'
import type { Guard } from '../dialect/guard'
import { notServing, signedOut } from '../failures'
import type { Connection } from '../link/connection'
import type { ConnectionState } from '../link/phases'
import { messageOf } from '../thrown'
import { sizeOf } from './size'

/** The most messages of one tab that are under way. */
const MOST = 1000
/** The longest payload, in characters of JSON and bytes of what is binary. */
export const LONGEST_PAYLOAD = 1_000_000
/** How long a worker that hands over waits for answers, in ms. */
const PATIENCE = 1000

/** A message to deliver. */
export interface Delivery {
  readonly name: string
  readonly payload: unknown
  /** How long to wait, for the connection and for the answer, in ms. */
  readonly timeout: number
  /** The tab that sends it. */
  readonly tab?: string
  /** Set where the message is kept until it has arrived: the server gets it, and can drop repeats. */
  readonly id?: string
}

/** Returns the room of a message, where each room has a connection or a channel of its own. Throws `bad-argument` where it has none. */
export type RoomOf = (name: string, payload: unknown) => string

export interface SenderParts {
  readonly dialect: Dialect
  readonly guarded: Guard
  readonly connection: Pick<Connection, 'status' | 'request'>
  readonly roomOf?: RoomOf | undefined
  /** The state of a room, `live` as soon as the server has joined it; `undefined` where no tab wants it. */
  readonly stateOf: (room: string) => RoomState | undefined
  /** Makes a text of the server safe to show. */
  readonly redact: (text: string) => string
}

/**
 * Sends the messages of pages, and waits for the answers. Every delivery settles: with the answer, or with one of
 * - `not-sent`: it never left, because there is no connection, or its room is not joined
 * - `unanswered`: it left, and no answer came in time, or the connection was lost
 * - `refused`: the server said no, with these words
 * - `bad-argument`, `limit`: it cannot be encoded, or has no room; it is too long, or one too many
 * - `unregistered`: this worker hands over, and the message has not left
 * - `closed`: the user has signed out
 */
export interface Sender {
  /** An `id` that is still under way must not be delivered again. */
  deliver(delivery: Delivery): Promise<unknown>
  /** The server sent this. Returns whether it answers a message. */
  answers(message: Message): boolean
  /** The connection is in this state, or a room is in another one: messages that wait for them leave, or fail. */
  turned(state: ConnectionState): void
  /** The connection was lost, and with it the answers. */
  lost(): void
  /** The tab is gone: nobody waits for its answers. */
  forget(tab: string): void
  /** The user signs out. */
  end(): void
  /** Settles everything, because another worker takes over. Resolves once all answers are there, or after a while. */
  retire(): Promise<void>
}

/** A delivery that has not settled. */
interface Pending extends Delivery {
  readonly room: string | undefined
  hasLeft: boolean
  readonly timer: ReturnType<typeof setTimeout>
  readonly resolve: (answer: unknown) => void
  readonly reject: (error: PartylineError) => void
}

export function createSender({ dialect, guarded, connection, roomOf, stateOf, redact }: SenderParts): Sender {
  /** The deliveries under way, the oldest first. An answer that is a message names one by its id. */
  const pending = new Map<string, Pending>()
  let isRetired = false
  let onEmpty = () => {}

  /** Takes a delivery out, to settle it. `undefined` if it is settled. */
  function take(id: string): Pending | undefined {
    const taken = pending.get(id)
    if (!taken) return undefined
    clearTimeout(taken.timer)
    pending.delete(id)
    if (pending.size === 0) onEmpty()
    return taken
  }

  const fail = (id: string, reason: Reason, message: string) =>
    take(id)?.reject(new PartylineError(reason, message))

  /** Fails those that `isMeant`, each with what its state means. */
  function failAll(why: string, isMeant: (each: Pending) => boolean = () => true) {
    for (const [id, each] of [...pending]) {
      if (!isMeant(each)) continue
      if (each.hasLeft)
        fail(id, 'unanswered', `"${each.name}" was sent, and ${why} before the server answered.`)
      else fail(id, 'not-sent', `"${each.name}" was not sent: ${why}.`)
    }
  }

  function answered(id: string, answer: unknown) {
    const name = pending.get(id)?.name
    const failure = dialect.failure ? guarded('failure', answer) : { said: undefined }
    if (!failure) fail(id, 'unanswered', `The dialect could not read the answer to "${name}".`)
    else if (failure.said === undefined) take(id)?.resolve(answer)
    else fail(id, 'refused', redact(failure.said))
  }

  function transmit(id: string, each: Pending) {
    const { name, payload, room } = each
    const isAnsweredByMessage = dialect.answer !== undefined
    const message = dialect.send
      ? guarded('send', name, payload, isAnsweredByMessage ? id : each.id)?.said
      : { name, payload }
    if (!message) return fail(id, 'bad-argument', `The dialect's "send" could not write "${name}".`)
    try {
      each.hasLeft = true
      const acknowledged = isAnsweredByMessage ? undefined : (answer: unknown) => answered(id, answer)
      if (connection.request({ ...message, id: each.id, room }, acknowledged)) return
      fail(id, 'not-sent', `"${name}" was not sent: the connection is not open.`)
    } catch (error) {
      fail(id, 'bad-argument', `"${name}" could not be encoded: ${redact(messageOf(error))}`)
    }
  }

  /** Sends a message that has not left, unless it has to wait for the connection or for its room. */
  function advance(id: string, each: Pending, state: ConnectionState) {
    const { name, room } = each
    const roomState = room === undefined ? undefined : stateOf(room)
    // A room's own connection is open before the line is online.
    if (roomState === 'live' || (state === 'online' && room === undefined)) transmit(id, each)
    // A kept message must not overtake one that found its room in another state. It is tried again once the room is joined.
    else if (room !== undefined && each.id !== undefined)
      fail(id, 'not-sent', `"${name}" was not sent: room "${room}" is not joined.`)
    else if (state === 'connecting') return
    else if (state !== 'online') fail(id, 'not-sent', `"${name}" was not sent: the line is ${state}.`)
    else if (roomState !== 'joining')
      fail(id, 'not-sent', `"${name}" was not sent: room "${room}" is ${roomState ?? 'wanted by no tab'}.`)
  }

  function expectSpace({ name, payload, tab }: Delivery) {
    if (isRetired) throw notServing()
    if (tab !== undefined && [...pending.values()].filter((each) => each.tab === tab).length >= MOST)
      throw new PartylineError('limit', `"${name}" was not sent: ${MOST} messages of this tab are under way.`)
    if (sizeOf(payload).length > LONGEST_PAYLOAD)
      throw new PartylineError(
        'limit',
        `"${name}" was not sent: it is longer than ${LONGEST_PAYLOAD} characters.`,
      )
  }

  return {
    async deliver(delivery) {
      expectSpace(delivery)
      const { id = freshId(), name, payload, timeout } = delivery
      const room = roomOf?.(name, payload)
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          if (pending.get(id)?.hasLeft)
            fail(id, 'unanswered', `The server did not answer "${name}" within ${timeout} ms.`)
          else fail(id, 'not-sent', `"${name}" was not sent: there was no connection within ${timeout} ms.`)
        }, timeout)
        const own = { ...delivery, room, hasLeft: false, timer, resolve, reject }
        pending.set(id, own)
        advance(id, own, connection.status().state)
      })
    },
    answers({ name, payload }) {
      if (pending.size === 0 || !dialect.answer) return false
      const answer = guarded('answer', name, payload)?.said
      if (!answer || !pending.get(answer.id)?.hasLeft) return false
      answered(answer.id, answer.data)
      return true
    },
    turned(state) {
      for (const [id, each] of [...pending]) if (!each.hasLeft) advance(id, each, state)
      failAll(
        'its room was lost',
        ({ hasLeft, room }) => hasLeft && room !== undefined && stateOf(room) !== 'live',
      )
    },
    lost: () => failAll('the connection was lost', ({ hasLeft }) => hasLeft),
    forget: (tab) => failAll('the tab was gone', (each) => each.tab === tab),
    end() {
      for (const id of [...pending.keys()]) take(id)?.reject(signedOut())
    },
    async retire() {
      isRetired = true
      for (const [id, { hasLeft }] of [...pending]) if (!hasLeft) take(id)?.reject(notServing())
      if (pending.size > 0)
        await atMost(
          PATIENCE,
          new Promise<void>((resolve) => {
            onEmpty = resolve
          }),
        )
      failAll('the worker was replaced')
    },
  }
}
