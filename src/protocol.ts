/**
 * The contract both sides import: types, and how a worker and a panel are named.
 */
import type { Failure } from './errors'

/** Raised with every change that an older page or worker would misunderstand. Part of the worker's name. */
export const PROTOCOL = 1

/** The name that keeps users and protocol versions apart: of the worker, and within it of locks and database. */
export const baseName = (user: string): string => `partyline/${PROTOCOL}/${encodeURIComponent(user)}`

/** A worker that hangs keeps its name, so the one that takes its place has another: that of the next generation. */
export const workerName = (base: string, generation: number): string =>
  generation === 0 ? base : `${base}/${generation}`

/** What generations share: database and locks of tabs. */
export const baseOf = (worker: string): string => worker.split('/').slice(0, 3).join('/')

/** An id that nobody else has. `crypto.randomUUID` is missing on plain http. */
export const freshId = (): string => crypto.getRandomValues(new Uint32Array(4)).join('-')

// ── Panels, rooms, payloads: the types a dashboard's worker file hands to its pages ──────────────────────────

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

/** A panel on the wire: its name and its parameters. */
export type PanelRef = readonly [name: string, ...params: string[]]

/** A panel's identity: equal for equal name and parameters. */
export const keyOf = (ref: PanelRef): string => JSON.stringify(ref)

// ── What a page sees of the connection ───────────────────────────────────────────────────────────────────────

/**
 * - `connecting`: the first attempt, or one asked for by hand, is under way; or the worker has ended and another starts
 * - `online`: the server has accepted the handshake
 * - `offline`: lost; retrying for ever, and polling the version meanwhile. Or no worker can be started: see `error`
 * - `unauthorized`: the server refused the token twice; re-checked quietly
 * - `paused`: hung up by hand, until `connect()`
 * - `closed`: this line is over
 */
export type State = 'connecting' | 'online' | 'offline' | 'unauthorized' | 'paused' | 'closed'

export interface Status {
  readonly state: State
  /** When this state began, in ms, by the worker's clock. */
  readonly since: number
  /** Attempts since the link was last up; 0 while it is. */
  readonly attempt: number
  /** When the next attempt is due, in ms, by the wall clock. Only while one is. */
  readonly nextTryAt?: number
  /**
   * What went wrong last. Cleared by the next success. Of the link: `link-lost`, `refused`, `token-failed`. Of the worker,
   * without which nobody knows how the link is: `worker-died` while another is started, `worker-failed` while none can be,
   * and `bad-option` or `wrong-worker`, which only a change of the app can end.
   */
  readonly error?: Failure
  /** `true` when the server gave the last session back, missed events included. */
  readonly recovered?: boolean
  /** The last measured round trip to the server, in ms. */
  readonly rtt?: number
  /** The version this page was ordered to reload for, and came back without. */
  readonly outdated?: string
  /** `false` where each tab has to run a worker of its own. */
  readonly shared: boolean
  /** `false` where rooms cannot be kept in the database and live in memory alone. */
  readonly persistent: boolean
}

/**
 * - `joining`: asked for, not confirmed yet; or confirmed a moment ago, with a gap still to be told
 * - `live`: confirmed by the server, on the connection that is up now
 * - `stale`: was live; the connection is down, or the worker is not there
 * - `denied`: the server said no; asked again at the next handshake
 */
export type RoomState = 'joining' | 'live' | 'stale' | 'denied'

export interface PanelStatus {
  /** The worst state of its rooms: `denied`, `stale`, `joining`, `live`. */
  readonly state: RoomState
  readonly rooms: Readonly<Record<string, RoomState>>
  /** When the state began, in ms, by the worker's clock; 0 for a panel nobody here has subscribed to. */
  readonly since: number
  /** When the last event of the panel came, in ms, by the worker's clock. */
  readonly lastAt?: number
}

export interface ReloadOrder {
  readonly reason: 'broadcast' | 'version' | 'stuck'
  readonly version?: string
  readonly message?: string
}

/** The orders a page was given, as it remembers them across reloads: for what version, how often, when last. */
export type OrderMemory = readonly (readonly [version: string, times: number, at: number])[]

/** What a page remembers for the worker, which alone knows what it means. */
export interface Remembered {
  /** Across reloads. */
  readonly orders: OrderMemory
  /** The versions among them that were ordered since the page was loaded: remembered no longer than it lives. */
  readonly given: readonly string[]
}

/**
 * Events of these rooms may be missing between the two times: fetch what you show. Told once per cause, with all rooms of
 * this tab that miss something for that cause at the moment.
 */
export interface Gap {
  readonly rooms: readonly string[]
  readonly from: number
  readonly to: number
  readonly cause: GapCause
}
/**
 * - `link`: the connection was down, and the server did not give the session back
 * - `worker`: the worker died, and what came meanwhile is not to be had
 * - `queue`: the worker could not give events to this tab: too many waited, or one was too long, could not be read by the
 *   dialect, or could not be posted
 * - `away`: the tab was away too long, or more came than is kept for a tab that is away
 * - `sequence`: the server's own numbers have a hole
 */
export type GapCause = 'link' | 'worker' | 'queue' | 'away' | 'sequence'

export interface Denial {
  readonly room: string
  readonly reason: string
  /** The panels of this tab that want the room. */
  readonly panels: readonly (string | readonly string[])[]
}

// ── The event port: what the worker posts to a tab, and what a tab posts back ────────────────────────────────

export type RoomReport = readonly [room: string, state: RoomState, since: number]

/** An event's place in the session, where the server numbers what it sends; else a number of the worker's. */
export type EventId = string | number

export interface WireEvent {
  readonly id: EventId
  readonly room: string
  readonly name: string
  readonly data: unknown
  readonly at: number
}

/** An event for a page that reads text: its data is the payload, or that part of it. */
export type Brief = readonly [
  id: EventId,
  room: string,
  name: string,
  at: number,
  payload: unknown,
  part?: string,
]

/** Events; for a page that reads text in brief, as JSON text where they came as text. */
export type Batch = readonly WireEvent[] | readonly Brief[] | string

/** Each of these is to be answered with `took` once it is handled, alone or a few together. */
export type ToTab =
  /** A subscribe was carried out: the panel's rooms, and what was kept for it. Nothing of it comes earlier. */
  | {
      readonly type: 'opened'
      readonly panel: PanelRef
      readonly call: number
      readonly rooms: readonly RoomReport[]
      /** How many of the events, from the first on, are last values that were kept for latecomers. */
      readonly replays: number
      readonly events: Batch
    }
  /** Events of rooms this tab wants. */
  | { readonly type: 'events'; readonly events: Batch }
  | { readonly type: 'rooms'; readonly rooms: readonly RoomReport[] }
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'restored'; readonly panels: readonly PanelRef[] }
  /** To be obeyed only if what comes with it could be remembered. */
  | ({ readonly type: 'reload'; readonly order: ReloadOrder } & Partial<Remembered>)
  /** What the page is to remember from now on. */
  | ({ readonly type: 'orders' } & Remembered)
  | { readonly type: 'gap'; readonly gap: Gap }
  | { readonly type: 'denied'; readonly room: string; readonly reason: string }
  | { readonly type: 'error'; readonly error: Failure }
  | { readonly type: 'signout' }
  /** Asks a tab without a lock for a sign of life. */
  | { readonly type: 'beat' }
  /** Asks for a token, to be answered with `{ type: 'token', call, answer }`. */
  | { readonly type: 'token'; readonly call: number }

export type ToWorker =
  /** So many messages were handled, the oldest first. */
  | { readonly type: 'took'; readonly count: number }
  /** The page is going away; its rooms are kept for `grace`. */
  | { readonly type: 'bye' }
  /** Something happened that makes a try worthwhile: the network is back, the tab came to the front. */
  | { readonly type: 'nudge'; readonly why: Nudge }
  /** What the page's token function said: a token, `{ token }`, or `{ error, status }`. */
  | { readonly type: 'token'; readonly call: number; readonly answer: unknown }

/** The network is back; the tab came to the front, or went to the back; the page was thawed. */
export type Nudge = 'online' | 'visible' | 'hidden' | 'resume'

export type Hidden = 'all' | 'latest'

/** What a token function may answer with. */
export type TokenAnswer = string | { readonly token: string } | Response
export type TokenSource = () => TokenAnswer | Promise<TokenAnswer>

// ── The control calls, exposed through Comlink ───────────────────────────────────────────────────────────────

/** Panels a tab had, and until when it has everything of each, by a worker's clock. */
export type Had = readonly (readonly [panel: PanelRef, since: number])[]

/** A worker, and by how many ms its clock is ahead of the machine's wall clock, which may have been set back. */
export type ClockLead = readonly [incarnation: string, ahead: number]

export interface Hello {
  readonly protocol: number
  /** The worker's name as this tab asked for it; a worker of another name answers `wrong-worker`. */
  readonly worker: string
  /** The tab's id, kept across reloads. */
  readonly tab: string
  /** The id this page was copied from, when it is a duplicate: its panels are copied. */
  readonly copyOf?: string | undefined
  /** The name of a Web Lock this tab holds for as long as it lives. */
  readonly lock?: string | undefined
  /** The version this page runs. */
  readonly version?: string | undefined
  /** The reload orders this page remembers; absent where it cannot remember any across a reload. */
  readonly orders?: OrderMemory | undefined
  /** The versions among them that were ordered since this page was loaded. */
  readonly given?: readonly string[]
  /** Whether the tab is in front. */
  readonly visible?: boolean
  /** What the tab gets while it is in the background: everything, or the last value per room and name when shown. */
  readonly hidden?: Hidden | undefined
  /** Whether this page can be asked for tokens. */
  readonly token?: boolean
  /** The ids of the last events this page or its predecessor had: they are not given again. */
  readonly seen?: readonly EventId[]
  /** How far this page, or its predecessor, had got. Of what came since then, it gets what was kept, or a gap. */
  readonly had?: Had
  /** Whether this page reads batches of events as text, which is quicker. */
  readonly text?: boolean
  /** Whose clock the times in `had` are by; absent where no worker was heard yet. */
  readonly clock?: ClockLead | undefined
  /** For how many ms this page has heard nothing from a worker; absent in its first hello. */
  readonly quietFor?: number | undefined
}

export interface Welcome {
  /** Changes when the worker was started anew. */
  readonly incarnation: string
  /** The name of a Web Lock the worker holds for as long as it lives. */
  readonly lock?: string
}

/**
 * Posted to a dedicated worker with a port: it answers the calls that come in there as it does those of its scope. So
 * several lines of a page share one worker.
 */
export interface Connect {
  readonly type: 'connect'
}

/** Where a tab's messages go: a port of its own, or a `Comlink.proxy` of a function. */
export type Delivery = MessagePort | ((message: ToTab) => void)

/**
 * The worker's public Comlink face: `Comlink.wrap<Switchboard>(worker.port)`. Each call but `hello` rejects with
 * `unregistered` before a hello on that port, and once the tab is taken for gone.
 */
export interface Switchboard {
  hello(hello: Hello, delivery: Delivery): Promise<Welcome>
  /**
   * Resolves once the panel is written down, so that it survives a reload from then on. `call` comes back in the
   * `opened` message; `since` says that the page has everything up to then, and wants to hear of what is missing. With
   * `more`, so many subscribes follow at once: all of them are opened together, and what they miss is told together.
   */
  subscribe(panel: PanelRef, call?: number, since?: number, more?: number): Promise<void>
  unsubscribe(panel: PanelRef): Promise<void>
  /** Tries at once instead of waiting for the next attempt. */
  retry(): void
  disconnect(): void
  connect(): void
  inspect(): Snapshot
  /** Answers with the worker's incarnation. */
  ping(): string
  /** Hangs up, forgets everything kept of this user, and tells all tabs. Resolves once everything is forgotten. */
  signOut(): Promise<void>
  /** This tab leaves for good: nothing is kept for its return. */
  leave(): Promise<void>
}

// ── inspect() ────────────────────────────────────────────────────────────────────────────────────────────────

export interface Snapshot {
  readonly incarnation: string
  readonly worker: string
  readonly startedAt: number
  readonly status: Status
  /** Each line of a page is one. */
  readonly tabs: readonly {
    /** The beginning of the tab's id: it tells tabs apart, and is not enough to say hello in that tab's place. */
    readonly id: string
    readonly here: boolean
    readonly visible: boolean
    readonly panels: readonly PanelRef[]
    /** Events that wait for it. */
    readonly waiting: number
    /** Messages it was given and has not answered. */
    readonly unanswered: number
  }[]
  readonly rooms: readonly {
    readonly room: string
    readonly wanted: number
    readonly state: RoomState
    readonly since: number
    readonly reason?: string
  }[]
  readonly link: {
    /** Since when it is up; absent while it is not. */
    readonly upSince?: number
    /** How long it was down in all, in ms, since it was first up. */
    readonly downtime: number
    /** The last times it was down: when, why, for how long, and whether the server gave the session back. */
    readonly outages: readonly {
      readonly at: number
      readonly reason: string
      /** It was not lost but hung up: by hand, or because no tab was left. */
      readonly hungUp?: 'paused' | 'idle'
      readonly for?: number
      readonly recovered?: boolean
    }[]
    /** The last round trips to the server that were measured. */
    readonly roundTrips: readonly { readonly at: number; readonly ms: number }[]
  }
  /** What the version endpoint said last. */
  readonly version?: { readonly at: number; readonly version?: string; readonly error?: string }
  readonly counters: Readonly<Record<Counter, number>>
  /** The last 200 things that happened, the oldest first. */
  readonly timeline: readonly TimelineEntry[]
}

/**
 * One thing that happened, and when, by the worker's wall clock in ms. Texts are cut after 300 characters, lists after 300
 * parts. No entry has a token or a payload. A worker of a later version may send other names: give a `switch` over `what`
 * a default.
 */
export type TimelineEntry = { readonly at: number } & Happening

/** What happened, without the time. */
export type Happening =
  /** The line has another state; `idle`: hung up, because no tab was left. `reason`: what went wrong last, if anything did. */
  | {
      readonly what: 'state-changed'
      readonly state: Exclude<State, 'closed'> | 'idle'
      readonly reason?: string
    }
  /** An attempt to connect failed, and the state stayed as it was. */
  | { readonly what: 'attempt-failed'; readonly attempt: number; readonly reason: string }
  /** The version endpoint named a version: the first answer of an outage, or another than its last. */
  | { readonly what: 'version-read'; readonly version: string }
  /** The version endpoint gave no version: the first answer of an outage, or its last was a version. */
  | { readonly what: 'version-unavailable'; readonly reason: string }
  /** The rooms are live again, and events of them may have been missed. */
  | { readonly what: 'gap'; readonly rooms: readonly string[]; readonly cause: GapCause }
  /** A page said hello: of a new tab, after a reload, or to a new worker. */
  | { readonly what: 'tab-arrived'; readonly tab: string }
  /** The tab's page is gone. Its rooms are kept for `grace`. */
  | { readonly what: 'tab-left'; readonly tab: string }
  /** The tab did not come back in time, left for good, or signed out: nothing is kept for it. */
  | { readonly what: 'tab-forgotten'; readonly tab: string }
  /** A panel that the tab had is not in the worker's table, or the table's function threw. */
  | {
      readonly what: 'panel-not-restored'
      readonly tab: string
      readonly panel: PanelRef
      readonly reason: string
    }
  /** This worker continues the session of the last one: its first handshake asks the server for what was missed. */
  | { readonly what: 'session-restored' }
  /** The last worker left no session that can be continued: its tabs get gaps. */
  | { readonly what: 'session-not-restored' }
  /** The server ordered all pages to reload. */
  | { readonly what: 'reload-ordered' }
  /** One tab was ordered to reload, and for which version. */
  | ({ readonly what: 'reload-given'; readonly tab: string } & Omit<ReloadOrder, 'message'>)
  /** The worker's clock jumped: the machine was asleep. */
  | { readonly what: 'woke-from-sleep' }
  /** A page signed the user out. */
  | { readonly what: 'signed-out' }

/**
 * - `received`: messages of the server, of which `system` traffic, `data`, `unrouted`, `malformed` (also: what a dialect
 *   could not say, and events that could not be posted to a tab)
 * - `unwanted`: events of rooms nobody wants; `duplicates`: that came before; `oversized`: longer than `largest`
 * - `delivered`: events posted to tabs; `replayed`: last values, beside them; `conflated`: left out for a tab in the background
 * - `dropped`: events that found no room in a queue; `evicted`: last values that found none; `gaps`: told to tabs
 * - `refused`: calls of pages that asked for what there is not, or for too much
 * - `unrecorded`: entries this snapshot has no room for
 */
export type Counter = (typeof COUNTERS)[number]
const COUNTERS = [
  'received',
  'system',
  'data',
  'unrouted',
  'malformed',
  'unwanted',
  'duplicates',
  'oversized',
  'delivered',
  'replayed',
  'conflated',
  'dropped',
  'evicted',
  'gaps',
  'refused',
  'joins',
  'leaves',
  'polls',
  'reloads',
  'connects',
  'drops',
  'unrecorded',
] as const

/** Nothing was counted yet. */
export const noCounts = (): Record<Counter, number> =>
  Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as Record<Counter, number>
