import { PartylineError } from '../../shared/errors'
import type { Dialect } from '../dialect/dialect'

/** What pages may send. */
export interface Permits {
  /** Returns the payload that leaves. Throws `unknown-message` for a name that pages may not send. */
  admit(name: string, payload: unknown): unknown
}

/** Some room: messages that join are asked for with it, to learn their names. */
const ROOM = 'room'

/** The names of the messages by which the dialect joins, leaves and resumes. Pages send none of these, whatever is permitted. */
function reservedBy(dialect: Dialect): readonly string[] {
  const messages = [
    () => dialect.join(ROOM),
    () => dialect.leave(ROOM),
    () => dialect.resume?.({ [ROOM]: 0 }),
  ]
  return messages.flatMap((message) => {
    try {
      return message()?.name ?? []
    } catch {
      // A dialect may know the app's own rooms alone.
      return []
    }
  })
}

/**
 * Reads the option `sends`: an array of names; an object whose keys are the names; or an empty object, which permits any name.
 * Throws `bad-option` for names by which the dialect joins, leaves or resumes.
 */
export function createPermits(
  sends: readonly string[] | object | undefined,
  dialect: Dialect,
  more: readonly string[] = [],
): Permits {
  const reserved = [...reservedBy(dialect), ...more]
  const known = new Set<string>(Array.isArray(sends) ? sends : Object.keys(sends ?? {}))
  const isAny = sends !== undefined && !Array.isArray(sends) && known.size === 0
  const wrong = reserved.find((name) => known.has(name))
  if (wrong !== undefined)
    throw new PartylineError(
      'bad-option',
      `serve: "sends" names "${wrong}", by which the worker itself joins, leaves or resumes rooms. Pages subscribe to panels instead.`,
    )
  return {
    admit(name, payload) {
      if (isAny ? !reserved.includes(name) : known.has(name)) return payload
      const which = isAny
        ? `any but ${reserved.join(', ')}`
        : [...known].join(', ') || 'none, because the option "sends" of serve names none'
      throw new PartylineError('unknown-message', `Pages may not send "${name}". They may send: ${which}.`)
    },
  }
}
