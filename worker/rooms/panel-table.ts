import { PartylineError } from '../../shared/errors'
import type { PanelRef } from '../../shared/names'
import type { PanelTable } from '../../shared/panel-types'
import { list, text } from '../checks'

const PARAMETERS = 16
const PARAMETER_LENGTH = 256
const ROOMS = 100

export const isRef = list(text(PARAMETER_LENGTH), PARAMETERS + 1, 1)
const isRooms = list(text(Infinity, 1), ROOMS)

/** Checks a panel that a page sent. Throws `bad-argument`. */
export function readRef(value: unknown): PanelRef {
  if (!isRef(value)) {
    throw new PartylineError(
      'bad-argument',
      `A panel is its name and up to ${PARAMETERS} parameters, each a string of at most ${PARAMETER_LENGTH} characters.`,
    )
  }
  return value as PanelRef
}

/** Looks up the rooms of a panel in the app's table. Throws `unknown-panel`, with what the table expects. */
export function roomsOf(table: PanelTable, [name, ...params]: PanelRef): readonly string[] {
  const entry = Object.hasOwn(table, name) ? table[name] : undefined
  const unknown = (why: string, cause?: unknown) =>
    new PartylineError('unknown-panel', why, cause === undefined ? undefined : { cause })
  if (entry === undefined) {
    throw unknown(`There is no panel "${name}". Known: ${Object.keys(table).join(', ')}.`)
  }
  const expected = typeof entry === 'function' ? entry.length : 0
  if (typeof entry === 'function' ? params.length < expected : params.length > 0) {
    throw unknown(`Panel "${name}" takes ${expected} parameter(s), got ${params.length}.`)
  }
  let rooms: unknown = entry
  if (typeof entry === 'function') {
    try {
      rooms = entry(...params)
    } catch (cause) {
      throw unknown(`The function of panel "${name}" threw for (${params.join(', ')}): ${cause}`, cause)
    }
  }
  if (!isRooms(rooms)) {
    throw unknown(`Panel "${name}" must be, or return, an array of at most ${ROOMS} room names.`)
  }
  return [...new Set(rooms as readonly string[])]
}
