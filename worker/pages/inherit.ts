import { now } from '../clock'
import { bodyOf, dataOf, type RoomEvent } from '../delivery/event'
import type { Outbox } from '../delivery/outbox'
import type { Connection } from '../link/connection'
import type { Handover } from '../persistence/handover'
import type { Recorder } from '../recorder'
import type { Panels } from '../rooms/panel-table'
import type { Checks } from '../schemas'
import type { Sends } from '../sends/sends'
import type { Inheritance } from '../succession/inheritance'

export interface InheritParts {
  /** The server's address. */
  readonly url: string
  readonly checks: Checks | undefined
  readonly outbox: Pick<Outbox, 'restoreValues'>
  readonly connection: Pick<Connection, 'pause'>
  readonly panels: Panels
  readonly handover: Pick<Handover, 'inherit'>
  readonly sends: Sends | undefined
  readonly recorder: Pick<Recorder, 'note'>
}

/**
 * Whether a last value fits the schema of its room, which may be another one than in the worker before. It was transformed
 * there, so it is right only if this schema returns it as it is.
 */
function fits(event: RoomEvent, checks: Checks | undefined): boolean {
  const check = checks?.(event.room)
  if (!check) return true
  const data = dataOf(event)
  const result = check(data)
  const textOf = (value: unknown) => Object.values(bodyOf(event, value))[0]
  return result.wrong === undefined && textOf(data) === textOf(result.value)
}

/** Continues where the worker before this one stopped. */
export function inherit(
  { address, url, session, tabs, values, isPaused, kept: left }: Inheritance,
  { outbox, connection, panels, handover, sends, recorder, ...parts }: InheritParts,
): void {
  if (isPaused) connection.pause()
  const had = tabs.flatMap(([, all]) => all)
  const held = new Set(had.flatMap(([ref, rooms]) => panels(ref, rooms)))
  const isSameServer = url === parts.url
  if (isSameServer) sends?.kept?.inherit(left)
  if (isSameServer)
    outbox.restoreValues(values.filter((event) => held.has(event.room) && fits(event, parts.checks)))
  const { id, position, rooms, ...rest } = session
  handover.inherit({
    tabs: new Map(tabs.map(([tab, all]) => [tab, { panels: all.map(([ref]) => ref), at: now() }])),
    takeSession: () => (isSameServer ? session : { ...rest, rooms: [] }),
    builds: [],
    handedOver: new Set(had.flatMap(([, rooms]) => rooms)),
  })
  recorder.note({
    what: 'took-over',
    address,
    tabs: tabs.length,
    rooms: rooms.length,
    session: isSameServer && id !== undefined && position !== undefined,
  })
}
