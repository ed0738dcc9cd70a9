import type { Snapshot } from './snapshot'

/** The table of panels: maps a panel's name to its rooms, or to a function that takes strings and returns its rooms. */
export type PanelTable<Room extends string = string> = Readonly<
  Record<string, readonly Room[] | ((...params: string[]) => readonly Room[])>
>

/** The rooms that a table may name, by the payload types that the app gives: without them, any. */
export type RoomNameOf<Rooms> = [keyof Rooms] extends [never] ? string : keyof Rooms & string

/**
 * What `serve` returns. A page imports only its type, which carries panels, rooms and payloads:
 * `connect<typeof switchboard>(…)`.
 */
export interface Served<Panels extends PanelTable, Rooms extends object> {
  /**
   * Returns a snapshot of the worker's state; `undefined` while another worker serves. Meant for the worker's own console; a
   * page calls `line.inspect()`.
   */
  inspect(): Snapshot | undefined
  /** For the compiler only: always `undefined` at run time. */
  readonly types?: { readonly panels: Panels; readonly rooms: Rooms }
}

/** The type of any dashboard's worker. */
// biome-ignore lint/suspicious/noExplicitAny: a constraint that every table of panels must satisfy, parameters included
export type AnyServed = Served<any, any>

/** The dashboard where none is named: any string is a panel, and payloads are `unknown`. */
export type UntypedServed = Served<PanelTable, Record<string, unknown>>

type PanelsOf<S extends AnyServed> = NonNullable<S['types']>['panels']
type RoomsOf<S extends AnyServed> = NonNullable<S['types']>['rooms']
type NameOf<S extends AnyServed> = keyof PanelsOf<S> & string
type RefTo<Panel, Name extends string> = Panel extends (...params: infer Params extends string[]) => unknown
  ? readonly [name: Name, ...params: Params] | ([] extends Params ? Name : never)
  : Name | readonly [name: Name]

/** How a page names a panel: `'errors'`, or `['workflow', '42']` if the panel takes parameters. */
export type PanelOf<S extends AnyServed> = { [Name in NameOf<S>]: RefTo<PanelsOf<S>[Name], Name> }[NameOf<S>]

type RestoredAs<Panel, Name extends string> = Panel extends (
  ...params: infer Params extends string[]
) => unknown
  ? [name: Name, ...params: Params] | ([] extends Params ? Name : never)
  : Name

/** A panel as `line.restored` names it. A mutable list, so that `Array.isArray` narrows the type. */
export type RestoredPanel<S extends AnyServed> = {
  [Name in NameOf<S>]: RestoredAs<PanelsOf<S>[Name], Name>
}[NameOf<S>]

type NameIn<Panel> = Panel extends readonly [infer Name, ...unknown[]] ? Name : Panel

/** The names of a panel's rooms. */
export type RoomOf<S extends AnyServed, Panel = PanelOf<S>> = RoomIn<PanelsOf<S>[NameIn<Panel> & NameOf<S>]>
type RoomIn<Entry> = Entry extends (...params: never[]) => readonly (infer Room extends string)[]
  ? Room
  : Entry extends readonly (infer Room extends string)[]
    ? Room
    : never

type PayloadOf<Rooms, Room> = Room extends keyof Rooms ? Rooms[Room] : unknown

/** One event, as a listener gets it. A union over the panel's rooms: a test of `event.room` narrows `event.data`. */
export type PanelEvent<S extends AnyServed = AnyServed, Panel = PanelOf<S>> = {
  [Room in RoomOf<S, Panel>]: {
    /** The panel, as it was written in `subscribe`. */
    readonly panel: Panel
    readonly room: Room
    /** The event's name: `type` if the payload is an envelope `{ type, data }`, else the name the server emitted. */
    readonly name: string
    /** The payload, or `data` if the payload is an envelope `{ type, data }`. May be `null`. */
    readonly data: PayloadOf<RoomsOf<S>, Room>
    /** When the worker received it, in ms since 1970, by the worker's clock, which never goes back. */
    readonly at: number
    /** `true` for a last value, which the worker kept and gives to each new subscriber first. */
    readonly replayed: boolean
  }
}[RoomOf<S, Panel>]
