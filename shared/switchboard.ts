import type { PanelRef } from './names'
import type { Snapshot } from './snapshot'
import type { EventId, Hidden, OrderMemory, ToTab } from './wire'

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
