import { PartylineError } from '../../shared/errors'
import { keyOf, type PanelRef } from '../../shared/names'
import type { PanelTable } from '../../shared/panel-types'
import { list, text } from '../checks'

const PARAMETERS = 16
const PARAMETER_LENGTH = 256
const ROOMS = 100

export const isRef = list(text(PARAMETER_LENGTH), PARAMETERS + 1, 1)
export const isRooms = list(text(Infinity, 1), ROOMS)
/** The most panels of earlier builds to remember. */
const FORMER = 2000

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

/** Looks up the rooms of a panel. `had`: those it had in the worker of an earlier build. Throws `unknown-panel`. */
export type Panels = (ref: PanelRef, had?: readonly string[]) => readonly string[]

/** Looks panels up in the app's table. A panel that only an earlier build's table has keeps the rooms it had. */
export function createPanels(table: PanelTable): Panels {
  const former = new Map<string, readonly string[]>()
  return (ref, had) => {
    try {
      return roomsOf(table, ref)
    } catch (error) {
      const key = keyOf(ref)
      const rooms = had ?? former.get(key)
      if (rooms === undefined) throw error
      if (former.size < FORMER) former.set(key, rooms)
      return rooms
    }
  }
}

/** Looks up the rooms of a panel in the app's table. Throws `unknown-panel`, with what the table expects. */
export function roomsOf(table: PanelTable, [name, ...params]: PanelRef): readonly string[] {
  const entry = Object.hasOwn(table, name) ? table[name] : undefined
  const unknown = (why: string, options?: ErrorOptions) => new PartylineError('unknown-panel', why, options)
  if (entry === undefined) {
    throw unknown(`There is no panel "${name}". Known: ${Object.keys(table).join(', ')}.`)
  }
  const make = typeof entry === 'function' && entry
  const expected = make ? make.length : 0
  if (make ? params.length < expected : params.length > 0) {
    throw unknown(`Panel "${name}" takes ${expected} parameter(s), got ${params.length}.`)
  }
  let rooms: unknown = entry
  try {
    if (make) rooms = make(...params)
  } catch (cause) {
    throw unknown(`The function of panel "${name}" threw for (${params.join(', ')}): ${cause}`, { cause })
  }
  if (!isRooms(rooms)) {
    throw unknown(`Panel "${name}" must be, or return, an array of at most ${ROOMS} room names.`)
  }
  return [...new Set(rooms as readonly string[])]
}
