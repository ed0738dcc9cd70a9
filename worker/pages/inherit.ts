import { now } from '../clock'
import type { Outbox } from '../delivery/outbox'
import type { Connection } from '../link/connection'
import type { Handover } from '../persistence/handover'
import type { Recorder } from '../recorder'
import type { Panels } from '../rooms/panel-table'
import type { Kept } from '../sends/kept'
import type { Inheritance } from '../succession/inheritance'

export interface InheritParts {
  /** The server's address. */
  readonly url: string
  readonly outbox: Pick<Outbox, 'restoreValues'>
  readonly connection: Pick<Connection, 'pause'>
  readonly panels: Panels
  readonly handover: Pick<Handover, 'inherit'>
  readonly kept: Pick<Kept, 'inherit'>
  readonly recorder: Pick<Recorder, 'note'>
}

/** Continues where the worker before this one stopped. */
export function inherit(
  { address, url, session, tabs, values, isPaused, kept: left }: Inheritance,
  { outbox, connection, panels, handover, kept, recorder, ...parts }: InheritParts,
): void {
  if (isPaused) connection.pause()
  const had = tabs.flatMap(([, all]) => all)
  const held = new Set(had.flatMap(([ref, rooms]) => panels(ref, rooms)))
  const isSameServer = url === parts.url
  if (isSameServer && left) kept.inherit(left)
  if (isSameServer) outbox.restoreValues(values.filter(({ room }) => held.has(room)))
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
