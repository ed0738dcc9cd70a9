import type { Failure } from './errors'
import type { KeptOutcome } from './kept'
import type { PanelRef } from './names'
import type { Place } from './place'
import type { Gap, ReloadOrder, RoomState, Status } from './status'

/** A room's state, and when it began. */
export type RoomReport = readonly [room: string, state: RoomState, since: number]

/** An event's id: its position in the session if the server numbers its messages, else a number that the worker gives. */
export type EventId = string | number

/** An event, as the worker posts it to a page. */
export interface WireEvent {
  readonly id: EventId
  readonly room: string
  readonly name: string
  readonly data: unknown
  readonly at: number
}

/** An event in short form, for a page that reads text. Its data is the payload, or the payload's field `part` if given. */
export type Brief = readonly [
  id: EventId,
  room: string,
  name: string,
  at: number,
  payload: unknown,
  part?: string,
]

/** A list of events. A page that reads text gets them in short form, as JSON text if they came as text. */
export type Batch = readonly WireEvent[] | readonly Brief[] | string

/** A message to a page, which acknowledges it with `took` once it has handled it. One `took` may answer several. */
export type ToTab =
  /** A subscribe was carried out: the panel's rooms, and the events kept for it. No event of the panel comes earlier. */
  | {
      readonly type: 'opened'
      readonly panel: PanelRef
      readonly call: number
      readonly rooms: readonly RoomReport[]
      /** How many events, from the first on, are last values. */
      readonly replays: number
      readonly events: Batch
    }
  /** Events of rooms this tab wants. */
  | { readonly type: 'events'; readonly events: Batch }
  | { readonly type: 'rooms'; readonly rooms: readonly RoomReport[] }
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'restored'; readonly panels: readonly PanelRef[] }
  /** An order to reload. The page obeys it only if it could store the memory that comes with it. */
  | ({ readonly type: 'reload'; readonly order: ReloadOrder } & Partial<Remembered>)
  /** The memory that the page stores from now on. */
  | ({ readonly type: 'orders' } & Remembered)
  | { readonly type: 'gap'; readonly gap: Gap }
  /**
   * An event that one tab alone gets. The page answers with `one` messages of this `call`. It declines the event if the wall
   * clock is past `until`: another tab may have it.
   */
  | {
      readonly type: 'one'
      readonly panel: PanelRef
      readonly call: number
      readonly until: number
      /** Whether a tab may have handled it in a worker before, under the same id with another time. */
      readonly mayRepeat: boolean
      /** A batch of one event. */
      readonly events: Batch
    }
  /** Whether this tab leads: the answer to the `lead` message of this `call`. A page that led answers a `false` with `resigned`. */
  | { readonly type: 'lead'; readonly call: number; readonly leads: boolean }
  | { readonly type: 'denied'; readonly room: string; readonly reason: string }
  | { readonly type: 'error'; readonly error: Failure }
  /** A kept message has ended. The page answers `refused` and `expired` with `told`. */
  | { readonly type: 'kept'; readonly outcome: KeptOutcome }
  | { readonly type: 'signout' }
  /** Asks a tab that holds no lock for a sign of life: its acknowledgement. */
  | { readonly type: 'beat' }
  /** Asks for a token. The page answers with `{ type: 'token', call, answer }`. */
  | { readonly type: 'token'; readonly call: number }
  /** Asks whether the page can open that worker. The page answers with `{ type: 'probed', call, opens }`. */
  | { readonly type: 'probe'; readonly call: number; readonly place: Place }
  /** From now on that worker serves this tab, and the page says hello there. Without a place, it says hello again where it is. */
  | { readonly type: 'moved'; readonly place?: Place }

/** A message to the worker. */
export type ToWorker =
  /** The page has handled this many messages, the oldest first. */
  | { readonly type: 'took'; readonly count: number }
  /** The page goes away. The worker keeps its rooms for `grace`. */
  | { readonly type: 'bye' }
  /** Something happened after which an attempt to connect may succeed. */
  | { readonly type: 'nudge'; readonly why: Nudge }
  /** The answer of the page's token function: a token, `{ token }`, or `{ error, status }`. */
  | { readonly type: 'token'; readonly call: number; readonly answer: unknown }
  /** The app has handled the outcome of this kept message, or was told of it as an error. */
  | { readonly type: 'told'; readonly id: string }
  /** Whether the page could open the worker that it was asked to open. */
  | { readonly type: 'probed'; readonly call: number; readonly opens: boolean }
  /**
   * What the page has done with an event that it alone got. `begun` comes right before its listeners are called. `handled` is as in
   * a hello: the page has learned more since.
   */
  | {
      readonly type: 'one'
      readonly call: number
      readonly did: Did
      readonly handled?: readonly Mark[]
    }
  /** The page listens to `lead`. With `call` 0 it does not any more. */
  | { readonly type: 'lead'; readonly call: number }
  /** The page's listeners know that it does not lead any more. */
  | { readonly type: 'resigned' }

/** What a page has done with an event that it alone got. One that it declines is given again, to the tab that is in front then. */
export type Did = 'begun' | 'handled' | 'declined'

/** Who listens to a panel in a tab: subscribers that get `all` events, subscribers with `tab: 'one'`, or both. */
export type Listens = 'all' | 'one' | 'both'

/** An event of a panel that a tab has handled for all. `at` is its time by the worker that gave it. */
export type Mark = readonly [panel: PanelRef, room: string, id: EventId, at: number]

/**
 * What happened: the network is back; the tab came to the front, or went to the background; its window was focused; the page
 * was resumed.
 */
export type Nudge = 'online' | 'visible' | 'hidden' | 'focus' | 'resume'

/** What a tab gets while it is in the background: all events, or the last of each room and name once it is shown. */
export type Hidden = 'all' | 'latest'

/** The reload orders of a page, remembered across reloads: for which version, how often, and when last. */
export type OrderMemory = readonly (readonly [version: string, times: number, at: number])[]

/** What a page remembers for the worker about reload orders. The page stores it and does not read it. */
export interface Remembered {
  /** Kept across reloads. */
  readonly orders: OrderMemory
  /** The versions in `orders` that were ordered since the page was loaded. Forgotten when the page ends. */
  readonly given: readonly string[]
}
