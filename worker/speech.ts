import type { Dialect, Message, Rejection } from './dialect'

/** What a join was answered with: a reason is a denial. */
export interface Answer {
  readonly denial: string | undefined
}

/** What is said to a server, and what its answers mean; `undefined` where the app's dialect cannot say. */
export interface Speech {
  join(room: string): Message | undefined
  leave(room: string): Message | undefined
  answer(acknowledgement: unknown): Answer | undefined
  isRefusal(rejection: Rejection): boolean
}

const expectMessage = (message: Message): Message => {
  if (typeof message?.name === 'string') return message
  throw new TypeError('it should return { name, payload }')
}

/** Speaks a dialect. A part of an app's own that throws fails alone: it is told of, once on the console. */
export function createSpeech(dialect: Dialect, malformed: () => void): Speech {
  const warned = new Set<string>()

  function attempt<T>(part: 'join' | 'leave' | 'denial' | 'refusal', act: () => T): T | undefined {
    try {
      return act()
    } catch (error) {
      malformed()
      if (!warned.has(part)) {
        warned.add(part)
        const why = error instanceof Error ? error.message : String(error)
        console.warn(`[partyline] The dialect's "${part}" threw: ${why}`)
      }
      return undefined
    }
  }

  return {
    join: (room) => attempt('join', () => expectMessage(dialect.join(room))),
    leave: (room) => attempt('leave', () => expectMessage(dialect.leave(room))),
    answer: (acknowledgement) => attempt('denial', () => ({ denial: dialect.denial(acknowledgement) })),
    isRefusal: (rejection) => attempt('refusal', () => dialect.refusal(rejection)) === true,
  }
}
