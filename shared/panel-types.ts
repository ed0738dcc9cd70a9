import type { Snapshot } from './snapshot'

/** Panel name → its rooms, or a function of string parameters to its rooms. */
export type PanelTable<Room extends string = string> = Readonly<
  Record<string, readonly Room[] | ((...params: string[]) => readonly Room[])>
>

/** What `serve` returns. A page imports its type alone: `connect<typeof switchboard>(…)`. */
export interface Served<Panels extends PanelTable, Rooms extends object> {
  /** A snapshot of everything inside, for the worker's own console. */
  inspect(): Snapshot
  /** For the compiler alone; never present at run time. */
  readonly types?: { readonly panels: Panels; readonly rooms: Rooms }
}

/** Any dashboard's worker. */
// biome-ignore lint/suspicious/noExplicitAny: a constraint that every table of panels must satisfy, parameters included
export type AnyServed = Served<any, any>

/** A dashboard whose type was not named: its panels are any names, its payloads `unknown`. */
export type UntypedServed = Served<PanelTable, Record<string, unknown>>

type PanelsOf<S extends AnyServed> = NonNullable<S['types']>['panels']
type RoomsOf<S extends AnyServed> = NonNullable<S['types']>['rooms']
type NameOf<S extends AnyServed> = keyof PanelsOf<S> & string
type RefTo<Panel, Name extends string> = Panel extends (...params: infer Params extends string[]) => unknown
  ? readonly [name: Name, ...params: Params] | ([] extends Params ? Name : never)
  : Name | readonly [name: Name]

/** How a page names one of its panels: `'errors'`, or `['workflow', '42']` where the panel takes parameters. */
export type PanelOf<S extends AnyServed> = { [Name in NameOf<S>]: RefTo<PanelsOf<S>[Name], Name> }[NameOf<S>]

type RestoredAs<Panel, Name extends string> = Panel extends (
  ...params: infer Params extends string[]
) => unknown
  ? [name: Name, ...params: Params] | ([] extends Params ? Name : never)
  : Name

/** A panel as `line.restored` names it. A list is one that `Array.isArray` tells from a name. */
export type RestoredPanel<S extends AnyServed> = {
  [Name in NameOf<S>]: RestoredAs<PanelsOf<S>[Name], Name>
}[NameOf<S>]

type NameIn<Panel> = Panel extends readonly [infer Name, ...unknown[]] ? Name : Panel

/** The rooms of a panel. */
export type RoomOf<S extends AnyServed, Panel = PanelOf<S>> = RoomIn<PanelsOf<S>[NameIn<Panel> & NameOf<S>]>
type RoomIn<Entry> = Entry extends (...params: never[]) => readonly (infer Room extends string)[]
  ? Room
  : Entry extends readonly (infer Room extends string)[]
    ? Room
    : never

type PayloadOf<Rooms, Room> = Room extends keyof Rooms ? Rooms[Room] : unknown

/** One event, as a listener gets it. A union over the panel's rooms: testing `event.room` narrows `event.data`. */
export type PanelEvent<S extends AnyServed = AnyServed, Panel = PanelOf<S>> = {
  [Room in RoomOf<S, Panel>]: {
    /** The panel as it was subscribed. */
    readonly panel: Panel
    readonly room: Room
    /** The event's name: `payload.type` of an envelope, else the name it was sent under. */
    readonly name: string
    /** The payload; an envelope `{ type, data }` is opened. `null` is a legal value. */
    readonly data: PayloadOf<RoomsOf<S>, Room>
    /** When it came, in ms, by the worker's clock: the wall clock, but it never goes back. */
    readonly at: number
    /** `true` for a last value that was kept for latecomers. */
    readonly replayed: boolean
  }
}[RoomOf<S, Panel>]
