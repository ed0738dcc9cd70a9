import type { Failure } from './errors'
import type { PanelRef } from './names'
import type { Gap, ReloadOrder, RoomState, Status } from './status'

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

/** The orders a page was given, as it remembers them across reloads: for what version, how often, when last. */
export type OrderMemory = readonly (readonly [version: string, times: number, at: number])[]

/** What a page remembers for the worker, which alone knows what it means. */
export interface Remembered {
  /** Across reloads. */
  readonly orders: OrderMemory
  /** The versions among them that were ordered since the page was loaded: remembered no longer than it lives. */
  readonly given: readonly string[]
}
