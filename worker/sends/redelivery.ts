import type { PartylineError, Reason } from '../../shared/errors'
import type { KeptMessage, KeptOutcome } from '../../shared/kept'

/** The most messages that are sent and not answered. */
const WINDOW = 32
/** How long the first attempt waits for an answer, in ms. It doubles with each one, up to `LONGEST`. */
const FIRST = 10_000
const LONGEST = 60_000

/** A kept message, and how far it has got. */
export interface Queued extends KeptMessage {
  /**
   * - `writing`: it is not in the database yet
   * - `waiting`: it is sent after those before it, unless it is under way
   * - `resting`: it could not be sent, and is tried again later
   */
  state: 'writing' | 'waiting' | 'resting'
  /** How long the next attempt waits for an answer, in ms. @default FIRST */
  timeout?: number
}

/** A message for the server. Its answer is waited for `timeout` ms. */
export type Attempt = Required<Pick<Queued, 'id' | 'name' | 'payload' | 'timeout'>>

export interface RedeliveryParts {
  /** The messages, the oldest first. */
  readonly messages: ReadonlyMap<string, Queued>
  readonly isOpen: () => boolean
  /**
   * Sends a message once. Resolves to the server's answer. Rejects with `not-sent` or `unanswered` if the message should be sent
   * again; any other reason refuses it. Is not called with the id of a message that is under way.
   */
  readonly deliver: (attempt: Attempt) => Promise<unknown>
  readonly ended: (message: Queued, how: Pick<KeptOutcome, 'outcome' | 'answer' | 'reason'>) => void
}

/** Sends kept messages in their order, a window at a time, and again until they are answered. */
export interface Redelivery {
  /** Sends what may be sent now. */
  pump(): void
  /** The connection is open. All messages that are not answered are sent again. */
  opened(): void
  /** Sends nothing more. Answers to what was sent still count. */
  stop(): void
}

/** With these reasons, a message is sent again, by the next worker perhaps. */
const REPEATED: readonly Reason[] = ['not-sent', 'unanswered', 'unregistered']

export function createRedelivery({ messages, isOpen, deliver, ended }: RedeliveryParts): Redelivery {
  let isStopped = false
  /** The ids under way, also of messages that have ended since. */
  const sent = new Set<string>()
  /** Runs while messages rest. */
  let resting: ReturnType<typeof setTimeout> | undefined

  async function attempt(message: Queued) {
    const { id, name, payload, timeout = FIRST } = message
    sent.add(id)
    message.timeout = Math.min(2 * timeout, LONGEST)
    const answered = await deliver({ id, name, payload, timeout }).then(
      (answer) => ({ outcome: 'acknowledged', answer }) as const,
      (error: PartylineError) => error,
    )
    sent.delete(id)
    // Otherwise it has expired, or was withdrawn.
    if (messages.get(id) === message) {
      if ('outcome' in answered) ended(message, answered)
      else if (!REPEATED.includes(answered.reason))
        ended(message, { outcome: 'refused', reason: answered.message })
      else if (answered.reason === 'not-sent') {
        message.state = 'resting'
        resting ??= setTimeout(wake, FIRST)
        return
      }
    }
    pump()
  }

  function wake() {
    clearTimeout(resting)
    resting = undefined
    for (const message of messages.values()) if (message.state === 'resting') message.state = 'waiting'
    pump()
  }

  function pump() {
    if (isStopped || !isOpen()) return
    for (const message of messages.values()) {
      // Those behind one that is being written are sent after it.
      if (sent.size >= WINDOW || message.state === 'writing') return
      if (message.state === 'waiting' && !sent.has(message.id)) void attempt(message)
    }
  }

  return {
    pump,
    opened() {
      for (const message of messages.values()) message.timeout = FIRST
      wake()
    },
    stop() {
      isStopped = true
      clearTimeout(resting)
    },
  }
}
