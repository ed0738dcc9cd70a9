import type { Unsent } from './kept'
import type { PanelRef } from './names'
import type { Place } from './place'
import type { Snapshot } from './snapshot'
import type { EventId, Hidden, Listens, Mark, OrderMemory, ToTab } from './wire'

/** The panels of a tab, and until when it has received everything of each, by a worker's clock. */
export type Had = readonly (readonly [panel: PanelRef, since: number])[]

/** A worker, and by how many ms its clock is ahead of the wall clock, which may have been set back. */
export type ClockLead = readonly [incarnation: string, ahead: number]

/** What a page says about itself when it registers. All but `protocol`, `worker` and `tab` may be absent. */
export interface Hello {
  readonly protocol: number
  /** The name of the worker that this tab asked for. A worker of another name answers `wrong-worker`. */
  readonly worker: string
  /** The tab's id, the same after a reload. */
  readonly tab: string
  /** If this tab is a duplicate: the id of the tab it was copied from. The worker copies that tab's panels. */
  readonly copyOf?: string | undefined
  /** The name of a Web Lock that this tab holds until it ends. */
  readonly lock?: string | undefined
  /** The app's version that this page runs. */
  readonly version?: string | undefined
  /** The reload orders that this page remembers. Absent if it cannot remember any across a reload. */
  readonly orders?: OrderMemory | undefined
  /** The versions in `orders` that were ordered since this page was loaded. */
  readonly given?: readonly string[]
  /** Whether the tab is in front. @default true */
  readonly visible?: boolean
  /** When the tab was last in front, wall clock in ms; 0 for never. @default now if it is in front */
  readonly front?: number
  /** What the tab gets while it is in the background. @default 'all' */
  readonly hidden?: Hidden | undefined
  /** Whether the worker may ask this page for tokens. @default false */
  readonly token?: boolean
  /** The ids of the last events that this page or the tab's previous page received. They are not delivered again. */
  readonly seen?: readonly EventId[]
  /** The progress of this page or the tab's previous page. It gets the later events that the worker kept, or a gap. */
  readonly had?: Had
  /** The last events of each panel that this user's tabs have handled for all. No tab gets one again, nor an earlier one. */
  readonly handled?: readonly Mark[]
  /** Whether this page reads batches of events as text, which is faster. @default false */
  readonly text?: boolean
  /** The clock by which the times in `had` were taken. Absent if this page has not heard from a worker yet. */
  readonly clock?: ClockLead | undefined
  /** For how many ms this page has heard nothing from a worker. Absent in its first hello. */
  readonly quietFor?: number | undefined
  /** Whether the last status that this page got was `paused`. Absent if it has got none. */
  readonly paused?: boolean | undefined
  /** Whether the page can open another worker when it is told to. If not, it is served where it says hello. @default false */
  readonly moves?: boolean
  /** Whether another worker sent the page here: its own factory starts an earlier or later build. @default false */
  readonly sent?: boolean
  /**
   * Whether a dedicated worker shares one connection with those of the user's other tabs. The first hello of a worker decides.
   * @default false
   */
  readonly share?: boolean
  /** Whether the page comes here because the worker that served it hangs: that worker answers nobody. @default false */
  readonly hung?: boolean
}

/** The worker's answer to a hello. */
export interface Welcome {
  /** The worker's id; a replacement has another. */
  readonly incarnation: string
  /** The name of a Web Lock that the worker holds until it ends. */
  readonly lock?: string
  /** Where pages find this worker. Absent for a dedicated worker, and for one that serves beside the worker of all others. */
  readonly place?: Place
  /** Only for a page that `moves`: it is not registered, because another worker, which is found there, serves this user. */
  readonly moved?: Place
}

/**
 * Posted to a dedicated worker together with a port. The worker answers calls on that port as it does those on its global
 * scope, so that several lines of a page share one worker.
 */
export interface Connect {
  readonly type: 'connect'
}

/** A shared worker's first message on each port. If a port gets another incarnation later, the browser has replaced the worker. */
export interface Started {
  readonly type: 'started'
  readonly incarnation: string
}

/** Where the worker sends a tab's messages: a `MessagePort`, or a function as a `Comlink.proxy`. */
export type Delivery = MessagePort | ((message: ToTab) => void)

/**
 * The worker's Comlink API: `Comlink.wrap<Switchboard>(worker.port)`. Each call but `hello` rejects with `unregistered`
 * before a hello on that port, and each but `hello` and `leave` once the worker has found that the tab is gone.
 */
export interface Switchboard {
  /** Registers the tab. A later hello of the same tab replaces it: the worker then ignores the earlier page. */
  hello(hello: Hello, delivery: Delivery): Promise<Welcome>
  /**
   * Subscribes the tab to a panel. Resolves once the panel is stored, so that it survives a reload from then on. The
   * `opened` message repeats `call`. `since` says that the page has received everything of the panel up to then, and asks
   * for a gap if later events are missing. `more` says that this many subscribes follow immediately: all of them are
   * opened together, and their gaps are reported together. `had` are the rooms that the panel had for this page: a worker
   * of a later build, whose table lacks the panel, keeps them. `listens` says who listens to the panel in this tab, `all` if
   * it is absent. A later subscribe of the panel replaces it.
   */
  subscribe(
    panel: PanelRef,
    call?: number,
    since?: number,
    more?: number,
    had?: readonly string[],
    listens?: Listens,
  ): Promise<void>
  unsubscribe(panel: PanelRef): Promise<void>
  /**
   * Sends a message to the server, and resolves to its answer. Waits for both at most `timeout` ms together. `unregistered` says
   * that the message has not left.
   *
   * With `keep`, an id, resolves to `{ kept: id }` once the message is in the database. How it has ended comes as a message `kept`.
   */
  send(
    name: string,
    payload: unknown,
    options: { readonly timeout: number; readonly keep?: string },
  ): Promise<unknown>
  /** Returns the messages that are kept and not acknowledged yet, the oldest first. */
  unsent(): Promise<readonly Unsent[]>
  /** Removes a kept message. Resolves to `false` if it was not kept any more. Rejects with `unanswered` if it may still be in the database. */
  withdraw(id: string): Promise<boolean>
  /** Attempts to connect immediately instead of waiting for the next attempt. */
  retry(): void
  /** Closes the connection for all tabs, until `connect()`. */
  disconnect(): void
  /** Connects again after `disconnect()`. */
  connect(): void
  inspect(): Snapshot
  /** Returns the worker's incarnation. */
  ping(): string
  /**
   * Signs out: disconnects, deletes all that is stored for this user, and tells all tabs. Resolves once that is deleted. Rejects with
   * `unanswered` if something may still be in the database.
   */
  signOut(): Promise<void>
  /** Closes this tab's line: the worker keeps nothing for its return. `handled` is as in a hello. `signedOut`: the user has signed out. */
  leave(handled?: readonly Mark[], signedOut?: boolean): Promise<void>
}
