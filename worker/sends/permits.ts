import { PartylineError } from '../../shared/errors'
import type { Dialect } from '../dialect/dialect'
import { readChecks } from '../schemas'

/** What pages may send. */
export interface Permits {
  /**
   * Returns the payload that leaves: what its schema makes of it. Throws `unknown-message` for a name that pages may not send,
   * `invalid` for a payload that does not fit its schema.
   */
  admit(name: string, payload: unknown): unknown
}

/** A placeholder room. The dialect's messages for it show which names it uses. */
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
 * Reads the option `sends`: an array of names; an object with a schema for each name; or an empty object, which permits any
 * name. Throws `bad-option` for names by which the dialect joins, leaves or resumes, and for what is no schema.
 */
export function createPermits(
  sends: readonly string[] | object | undefined,
  dialect: Dialect,
  more: readonly string[] = [],
): Permits {
  const reserved = [...reservedBy(dialect), ...more]
  const schemas = Array.isArray(sends) ? undefined : sends
  const known = new Set<string>(Array.isArray(sends) ? sends : Object.keys(sends ?? {}))
  const isAny = schemas !== undefined && known.size === 0
  const wrong = reserved.find((name) => known.has(name))
  if (wrong !== undefined)
    throw new PartylineError(
      'bad-option',
      `serve: "sends" names "${wrong}", by which the worker itself joins, leaves or resumes rooms. Pages subscribe to panels instead.`,
    )
  const checks = schemas && readChecks('sends', schemas)
  return {
    admit(name, payload) {
      if (isAny ? reserved.includes(name) : !known.has(name)) {
        const which = isAny
          ? `any but ${reserved.join(', ')}`
          : [...known].join(', ') || 'none, because the option "sends" of serve names none'
        throw new PartylineError('unknown-message', `Pages may not send "${name}". They may send: ${which}.`)
      }
      const check = checks?.(name)
      if (!check) return payload
      const result = check(payload)
      if (result.wrong === undefined) return result.value
      throw new PartylineError(
        'invalid',
        `The payload of "${name}" does not fit its schema, so it was not sent: ${result.wrong}.`,
      )
    },
  }
}
