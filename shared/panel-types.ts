import type { Snapshot } from './snapshot'
import type { StandardSchema } from './standard-schema'

/** The table of panels: maps a panel's name to its rooms, or to a function that takes strings and returns its rooms. */
export type PanelTable<Room extends string = string> = Readonly<
  Record<string, readonly Room[] | ((...params: string[]) => readonly Room[])>
>

/** The rooms that a table may name, by the payload types that the app gives: without them, any. */
export type RoomNameOf<Rooms> = [keyof Rooms] extends [never] ? string : keyof Rooms & string

/** The rooms that begin like a name with `*` at its end. */
export type RoomsBeginningWith<Name> = Name extends `${infer Start}*` ? `${Start}${string}` : never

/**
 * The payload of each room: what its schema makes of it, or the type that the app gives. A name that ends with `*` stands for all
 * rooms that begin like it.
 */
export type PayloadsOf<Rooms> = {
  [Room in keyof Rooms as Room extends `${infer Start}*`
    ? `${Start}${string}`
    : Room]: Rooms[Room] extends StandardSchema<
    // biome-ignore lint/suspicious/noExplicitAny: only what it makes of a payload matters
    any,
    infer Output
  >
    ? Output
    : Rooms[Room]
}

/** What pages may send, as the option `sends` says it: names, the functions of a map, or a schema of each payload. */
export type SendTable = readonly string[] | object

/**
 * The messages that pages may send, as functions of the payload that return the server's answer: none without the option, any
 * for the type of any dashboard.
 */
export type SendsOf<Table> = 0 extends 1 & Table
  ? Record<string, (payload: unknown) => unknown>
  : [SendTable] extends [Table]
    ? Record<never, never>
    : Table extends readonly (infer Name extends string)[]
      ? { readonly [Each in Name]: (payload: unknown) => unknown }
      : {
          readonly [Name in keyof Table]: Table[Name] extends StandardSchema<
            infer Input,
            // biome-ignore lint/suspicious/noExplicitAny: only what the page gives matters
            any
          >
            ? (payload: Input) => unknown
            : Table[Name]
        }

/** Returns the room over whose connection or channel a message goes. A test of `name` narrows `payload`. */
export type SendToOf<Table> = (
  ...message: {
    readonly [Name in keyof SendsOf<Table> & string]: SendsOf<Table>[Name] extends (
      ...payload: infer Payload
    ) => unknown
      ? [name: Name, payload: Payload[0]]
      : [name: Name, payload: unknown]
  }[keyof SendsOf<Table> & string]
) => string

/** What pages may send to a server that answers nothing. */
export type Unanswered<Table> = [SendTable] extends [Table]
  ? SendTable
  : {
      readonly [Name in keyof SendsOf<Table>]: SendsOf<Table>[Name] extends (
        ...payload: infer Payload
      ) => unknown
        ? (...payload: Payload) => undefined
        : never
    }

/**
 * What `serve` returns. A page imports only its type, which carries panels, rooms, payloads, and what pages may send:
 * `connect<typeof switchboard>(…)`.
 */
export interface Served<
  Panels extends PanelTable,
  Rooms extends object,
  Sends extends SendTable = SendTable,
> {
  /**
   * Returns a snapshot of the worker's state; `undefined` while another worker serves. Meant for the worker's own console; a
   * page calls `line.inspect()`.
   */
  inspect(): Snapshot | undefined
  /** For the compiler only: always `undefined` at run time. */
  readonly types?: { readonly panels: Panels; readonly rooms: Rooms; readonly sends: Sends }
}

/** The type of any dashboard's worker. */
// biome-ignore lint/suspicious/noExplicitAny: a constraint that every table of panels must satisfy, parameters included
export type AnyServed = Served<any, any, any>

/** The dashboard where none is named: any string is a panel or a message, and payloads are `unknown`. */
export type UntypedServed = Served<
  PanelTable,
  Record<string, unknown>,
  Record<string, (payload: unknown) => unknown>
>

type PanelsOf<S extends AnyServed> = NonNullable<S['types']>['panels']
type RoomsOf<S extends AnyServed> = PayloadsOf<NonNullable<S['types']>['rooms']>
type MessagesOf<S extends AnyServed> = SendsOf<NonNullable<S['types']>['sends']>
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

/** The names of the messages that a page may send. */
export type SendName<S extends AnyServed> = keyof MessagesOf<S> & string

type Sent<S extends AnyServed, Name extends SendName<S>> = MessagesOf<S>[Name] extends (
  ...payload: infer Payload
) => infer Answer
  ? { readonly payload: Payload[0]; readonly answer: Awaited<Answer> }
  : { readonly payload: unknown; readonly answer: unknown }

/** The payload of a message that a page sends. */
export type SendPayload<S extends AnyServed, Name extends SendName<S>> = Sent<S, Name>['payload']

/** The server's answer to a message. */
export type SendAnswer<S extends AnyServed, Name extends SendName<S>> = Sent<S, Name>['answer']
